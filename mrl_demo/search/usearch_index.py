"""HNSW on a prefix, by USearch: the only file that imports it, and where its traps are hidden.

Each was seen in USearch 2.26: the default dtype follows the hardware (dtype and metric are explicit here);
its own cast to int8 truncates (we round); a batch of one row comes back without its batch axis; hits that
are missing are padded with key 0 (counts are honoured); `load` and `view` take dim and dtype from the file in
silence (checked) and forget `expansion_search` (set again); a batch of adds holds up whoever searches (only a
copy is added to). Distances stay inside this file: scores are computed by `Rows`.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from usearch.index import Index

from mrl_demo.errors import CollectionError
from mrl_demo.prefix import truncate
from mrl_demo.search.hits import Floats, GraphDtype, Keys
from mrl_demo.search.query import Queries
from mrl_demo.search.rerank import Rows

VECTOR_BYTES = {"bf16": 2, "f16": 2, "i8": 1}  # of a number
GRAPH_BYTES = 148  # a vector's links, key and level at CONNECTIVITY 16; a test holds it against USearch
CONNECTIVITY = 16
EXPANSION_ADD = 128
EF = 100  # the beam of a search that asks for no other
REPRODUCIBLE = 50_000  # up to this many rows a graph is built by one thread unless told otherwise
_STEP = 16_384  # rows widened and added at once
_TINY, _MOST = np.float32(1e-30), np.float32(127)
_PROBES, _NEAR = 256, 10  # rows, and neighbours of each, whose distances tell what they were scaled by

Numbers = npt.NDArray[Any]


class Candidates(NamedTuple):
    """What the graph proposes, nearest first.

    Attributes:
        keys: (q, count) int64; only the first `counts[i]` of row i mean anything.
        counts: (q,) int64.
        distances: how many distances were computed, for all queries together.
        visited: how many vertices were expanded, for all queries together.
    """

    keys: Keys
    counts: Keys
    distances: int
    visited: int


class PrefixIndex:
    """An HNSW graph over all rows at one dim, each prefix renormalised. Immutable once built.

    int8 is our own: every number times 127 / the largest of all prefixes, rounded. A query's scale does not
    change which rows are nearest, so each is scaled to its own largest number.

    Args:
        threads: 1 adds in order of key, so that the same rows give the same graph; None takes 1 up to
            REPRODUCIBLE rows and all cores beyond.
        progress: told (rows added, rows in all) now and then.
    """

    def __init__(
        self,
        rows: Rows,
        dim: int,
        dtype: GraphDtype = "bf16",
        threads: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.dim, self.dtype = dim, dtype
        self._index = _empty(dim, dtype)
        scale = 127 / max(_largest(rows, dim), 1e-30) if dtype == "i8" else 1.0
        if threads is None:
            threads = 1 if rows.n <= REPRODUCIBLE else os.cpu_count() or 1
        self._add(rows, 0, scale, threads, _STEP, progress)
        self._count = rows.n

    @classmethod
    def load(
        cls, path: Path, dim: int, count: int, dtype: GraphDtype = "bf16", view: bool = False
    ) -> PrefixIndex:
        """Read what `save` wrote; with `view` the file is mapped, not read, and must stay as it is.

        USearch crashes on some damaged files: whoever cannot trust a file checks its checksum first.

        Raises:
            CollectionError: it cannot be read, or has another dim, dtype, metric or number of items.
        """
        expected, index = _empty(dim, dtype), _empty(dim, dtype)
        try:
            (index.view if view else index.load)(str(path))
        except Exception as error:  # USearch raises what it pleases
            raise CollectionError(f"{path} is not a readable index: build it again ({error})") from error
        found = (index.ndim, index.dtype, index.metric_kind, len(index))
        if found != (dim, expected.dtype, expected.metric_kind, count):
            raise CollectionError(
                f"{path} holds {len(index)} vectors of {index.ndim} numbers, "
                f"not {count} of {dim} in {dtype}: build it again"
            )
        return cls._of(index, dim, dtype)

    @classmethod
    def _of(cls, index: Index, dim: int, dtype: GraphDtype) -> PrefixIndex:
        index.expansion_search = 1  # type: ignore[misc]  # the beam is what a search asks for
        made = cls.__new__(cls)
        made.dim, made.dtype, made._index, made._count = dim, dtype, index, len(index)
        return made

    def extended(self, rows: Rows) -> PrefixIndex:
        """A graph over `rows`, of which this one holds the first: a copy with the rest added a few at a time,
        so that searches of either go on meanwhile."""
        grown = self._of(self._index.copy(), self.dim, self.dtype)
        scale = self._scale(rows) if self.dtype == "i8" else 1.0
        grown._add(rows, len(self), scale, 1, 64, None)
        grown._count = rows.n
        return grown

    def save(self, path: Path) -> None:
        """Write the graph to a file of its own, whole. OSError when the disk refuses."""
        try:
            self._index.save(str(path))
        except RuntimeError as error:  # of USearch's making, from the system's
            raise OSError(f"{path}: {error}") from error
        if path.stat().st_size < self.nbytes:  # what is flushed when USearch closes it may fail in silence
            raise OSError(errno.ENOSPC, "the disk took only a part of a graph", str(path))

    def __len__(self) -> int:
        return self._count

    @property
    def nbytes(self) -> int:
        """Bytes of vectors and graph together, as written; the memory arena rounds up from there."""
        return int(self._index.serialized_length)

    def search(self, queries: Queries, count: int, threads: int = 1) -> Candidates:
        """About the `count` nearest of each query; fewer where the graph has no more to give. The beam is
        `count` wide. `threads`: 0 for all cores, worth it for a batch."""
        matches: Any = self._index.search(
            _asked(queries, self.dim, self.dtype), min(count, self._count), threads=threads
        )
        keys: Keys = np.ascontiguousarray(matches.keys).view(np.int64)
        if keys.ndim == 1:  # one row in: no batch axis and no counts out
            keys, counts = keys[None], np.array([len(keys)], np.int64)
        else:
            counts = np.asarray(matches.counts, np.int64)
        return Candidates(keys, counts, int(matches.computed_distances), int(matches.visited_members))

    def _add(
        self,
        rows: Rows,
        start: int,
        scale: float,
        threads: int,
        step: int,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        for first in range(start, rows.n, step):
            last = min(first + step, rows.n)
            prefixes = _stored(truncate(rows.block(first, last, self.dim), self.dim), self.dtype, scale)
            self._index.add(np.arange(first, last, dtype=np.uint64), prefixes, threads=threads)
            if progress is not None:
                progress(last, rows.n)

    def _scale(self, rows: Rows) -> float:
        """What the int8 numbers were multiplied by: no file says, but distances, 1 - query · stored, do."""
        probes = truncate(rows.block(0, min(_PROBES, len(self)), self.dim), self.dim)
        told, squares = 0.0, 0.0
        for query in _stored(
            truncate(probes, self.dim), "i8", 127
        ):  # one row in: only what was found comes out
            near: Any = self._index.search(query, min(_NEAR, len(self)), threads=1)
            found = rows.vectors.gather(near.keys.astype(np.int64), self.dim)
            unscaled = truncate(found, self.dim) @ query.astype(np.float32)
            told += float(np.vdot(unscaled, 1 - near.distances))
            squares += float(np.vdot(unscaled, unscaled))
        return told / max(squares, 1e-30)


def _stored(prefixes: Floats, dtype: GraphDtype, scale: float) -> Numbers:
    """Unit prefixes in the form the graph keeps; int8 is multiplied by `scale` and rounded."""
    if dtype == "bf16":
        return prefixes  # USearch rounds these itself
    if dtype == "f16":
        return prefixes.astype(np.float16)
    rounded: Numbers = np.rint(np.clip(prefixes * np.float32(scale), -127, 127)).astype(np.int8)
    return rounded


def _asked(queries: Queries, dim: int, dtype: GraphDtype) -> Numbers:
    """Queries in the form the graph compares. Their length is of no matter to which rows are nearest, so only
    what could underflow is renormalised, and int8 is scaled to each query's own largest number."""
    if dtype == "f16":
        return queries.prefix(dim).astype(np.float16)
    prefixes = np.ascontiguousarray(queries.vectors[:, :dim])
    if dtype == "bf16":
        return prefixes
    largest = np.maximum(np.abs(prefixes).max(axis=1, keepdims=True), _TINY)
    rounded: Numbers = np.rint(prefixes * (_MOST / largest)).astype(np.int8)
    return rounded


def _largest(rows: Rows, dim: int) -> float:
    """The largest absolute number among all renormalised prefixes."""
    return max(
        float(np.abs(truncate(rows.block(start, min(start + _STEP, rows.n), dim), dim)).max())
        for start in range(0, rows.n, _STEP)
    )


def _empty(dim: int, dtype: GraphDtype) -> Index:
    return Index(
        ndim=dim,
        metric="ip",  # of renormalised prefixes: cosine
        dtype=dtype,
        connectivity=CONNECTIVITY,
        expansion_add=EXPANSION_ADD,
        expansion_search=1,  # the beam is what a search asks for
        multi=False,
        enable_key_lookups=False,  # keys come out, none is asked for: at a million a table of 0.1 s to fill
    )
