"""HNSW on a prefix, by USearch: the only file that imports it, and where its traps are hidden.

Each was seen in USearch 2.26: the default dtype follows the hardware (dtype and metric are explicit here); a
batch of one row comes back without its batch axis; hits that are missing are padded with key 0 (counts are
honoured); `load` takes dim and dtype from the file in silence (checked) and forgets `expansion_search` (set
again). Distances stay inside this file: candidates go to `Rows`, which knows the exact cosine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from usearch.index import Index

from mrl_demo.errors import CollectionError
from mrl_demo.prefix import truncate
from mrl_demo.search.hits import Floats, Keys
from mrl_demo.search.query import Queries
from mrl_demo.search.rerank import Rows

DTYPE = "bf16"
VECTOR_BYTES = 2  # of a number in bf16
GRAPH_BYTES = 148  # a vector's links, key and level at CONNECTIVITY 16; a test holds it against USearch
CONNECTIVITY = 16
EXPANSION_ADD = 128
EXPANSION_SEARCH = 100  # the beam; asking for more widens it


@dataclass(frozen=True)
class Candidates:
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
    """An HNSW graph over all rows at one dim, in bf16, each prefix renormalised. Immutable once built.

    Built in order of key by one thread, so that the same rows give the same graph.
    """

    def __init__(self, rows: Rows, dim: int) -> None:
        self.dim = dim
        self._index = _empty(dim)
        step = 16_384  # rows widened and added at once
        for start in range(0, rows.n, step):
            stop = min(start + step, rows.n)
            prefixes = truncate(rows.block(start, stop, dim), dim)
            self._index.add(np.arange(start, stop, dtype=np.uint64), prefixes, threads=1)

    @classmethod
    def load(cls, path: Path, dim: int, count: int) -> PrefixIndex:
        """Read what `save` wrote.

        Raises:
            CollectionError: it cannot be read, or has another dim, dtype, metric or number of items.
        """
        expected = _empty(dim)
        index = _empty(dim)
        try:
            index.load(str(path))
        except Exception as error:  # USearch raises what it pleases
            raise CollectionError(f"{path} is not a readable index: build it again ({error})") from error
        found = (index.ndim, index.dtype, index.metric_kind, len(index))
        if found != (dim, expected.dtype, expected.metric_kind, count):
            raise CollectionError(
                f"{path} holds {len(index)} vectors of {index.ndim} numbers, "
                f"not {count} of {dim} in {DTYPE}: build it again"
            )
        index.expansion_search = EXPANSION_SEARCH  # type: ignore[misc]  # typed without its setter
        loaded = cls.__new__(cls)
        loaded.dim, loaded._index = dim, index
        return loaded

    def save(self, path: Path) -> None:
        """Write the graph to a file of its own."""
        self._index.save(str(path))

    def __len__(self) -> int:
        return len(self._index)

    @property
    def nbytes(self) -> int:
        """Bytes of vectors and graph together, as written; the memory arena rounds up from there."""
        return int(self._index.serialized_length)

    def search(self, queries: Queries, count: int) -> Candidates:
        """About the `count` nearest of each query; fewer where the graph has no more to give."""
        prefixes: Floats = np.ascontiguousarray(queries.prefix(self.dim))
        count = min(count, len(self))
        matches: Any = self._index.search(prefixes, count, threads=1)
        keys = np.zeros((len(queries), count), np.int64)
        found = np.atleast_2d(matches.keys)  # one row in: no batch axis and no counts out
        keys[:, : found.shape[1]] = found
        counts = np.asarray(matches.counts if matches.keys.ndim == 2 else [found.shape[1]], np.int64)
        return Candidates(keys, counts, int(matches.computed_distances), int(matches.visited_members))


def _empty(dim: int) -> Index:
    return Index(
        ndim=dim,
        metric="ip",  # of renormalised prefixes: cosine
        dtype=DTYPE,
        connectivity=CONNECTIVITY,
        expansion_add=EXPANSION_ADD,
        expansion_search=EXPANSION_SEARCH,
        multi=False,
    )
