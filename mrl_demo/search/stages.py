"""One stage of a search at a time: everything compared, a graph walked, sign bits compared, a shortlist
re-ranked; each with what it kept, dropped and cost. Knows nothing of cascades and k.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Literal, Protocol

import numpy as np

from mrl_demo.search.hits import FirstStage, Floats, Keys, Mask, Stage
from mrl_demo.search.query import Queries
from mrl_demo.search.rerank import Rows
from mrl_demo.search.signs import SignCodes
from mrl_demo.search.structures import Structures
from mrl_demo.search.usearch_index import EF, GRAPH_BYTES, VECTOR_BYTES, PrefixIndex

Found = tuple[Keys, Floats, Stage]
"""Keys, cosines (none where another stage will score them) and what happened: (q, keep) both."""
Proposed = tuple[Keys, int, int]
"""At least `keep` keys a query, nearest first, bytes touched and multiply-adds."""


class Scan(Protocol):
    """What compares everything, wherever it runs: see `PrefixScan`."""

    @property
    def nbytes(self) -> int: ...

    def bytes_at(self, dim: int) -> int: ...

    def top(
        self, queries: Queries, dims: Sequence[int], keep: int, where: Mask | None = None
    ) -> tuple[Keys, Floats]: ...


_SIGNS_FLAT = 200  # codes looked at where their exact cosines end the search
_NO_SCORES = np.zeros((0, 0), np.float32)


class Stages:
    """The stages over one matrix. Safe to use from many threads."""

    def __init__(self, rows: Rows, structures: Structures, scan: Callable[[], Scan]) -> None:
        self._rows, self._structures, self._scan = rows, structures, scan

    def first(
        self,
        queries: Queries,
        first: FirstStage,
        dim: int,
        keep: int,
        where: Mask | None,
        available: int,
        last: bool,
    ) -> Found:
        """The best `keep` of the `available` items that `where` leaves, as `first` finds them.

        An approximate kind hands on its nearest in its own order; where it is the `last` stage it proposes
        more, and they are ranked by their exact cosine. What it cannot find enough of is done exactly.
        """
        if first.kind == "exact":
            return self._compare_all(queries, dim, keep, where, available)
        # What is missing is built first: building is not part of the search.
        if first.kind == "hnsw":
            graph = self._structures.graph(dim, first.dtype)
            started = perf_counter()
            proposed = self._walk(graph, queries, first, keep, where, available, last)
        else:
            codes = self._structures.signs(dim)
            started = perf_counter()
            proposed = self._compare_signs(codes, queries, first, keep, where, available, last)
        if proposed is None:
            return self._compare_all(queries, dim, keep, where, available)
        keys, touched, multiply_adds = proposed
        scores = _NO_SCORES
        if last:
            keys, scores = self._rows.best(queries, keys, dim, keep)
        elif keys.shape[1] > keep:
            keys = keys[:, :keep]
        own = keys[0] if queries.single else keys
        seconds = perf_counter() - started
        stage = Stage(
            dim, first.kind, available, keep, available - keep, seconds, touched, multiply_adds, own
        )
        return keys, scores, stage

    def rerank(self, queries: Queries, shortlist: Keys, dim: int, keep: int) -> Found:
        """The best `keep` of each query's shortlist, (q, s), by their exact cosine at `dim`."""
        started = perf_counter()
        keys, scores = self._rows.best(queries, shortlist, dim, keep)
        seconds = perf_counter() - started
        considered = shortlist.shape[1]
        return keys, scores, self.stage(queries, dim, "rerank", considered, keys, seconds, added=dim)

    def stage(
        self,
        queries: Queries,
        dim: int,
        how: Literal["exact", "rerank"],
        considered: int,
        keys: Keys,
        seconds: float,
        added: int,
    ) -> Stage:
        """`added`: how many numbers of each vector were read. An exact pass reads what a filter hides."""
        rows_read = len(queries) * (self._rows.n if how == "exact" else considered)
        width = 4 * added + 4 if how == "exact" else self._rows.prefix_bytes(added)
        kept = keys.shape[1]
        own = keys[0] if queries.single else keys
        return Stage(
            dim, how, considered, kept, considered - kept, seconds, rows_read * width, rows_read * added, own
        )

    def _compare_all(
        self, queries: Queries, dim: int, keep: int, where: Mask | None, available: int
    ) -> Found:
        scan = self._scan()
        started = perf_counter()
        (keys,), (scores,) = scan.top(queries, (dim,), keep, where)
        seconds = perf_counter() - started
        return keys, scores, self.stage(queries, dim, "exact", available, keys, seconds, added=dim)

    def _walk(
        self,
        graph: PrefixIndex,
        queries: Queries,
        first: FirstStage,
        keep: int,
        where: Mask | None,
        available: int,
        last: bool,
    ) -> Proposed | None:
        """Candidates of the graph; None where it finds too few."""
        # At the end half as many again as are kept: graphs order near neighbours loosely.
        count = max(first.ef or EF, keep + keep // 2 if last else keep)
        if where is not None:
            count = count * self._rows.n // available
            if 2 * count > self._rows.n:
                return None
        keys, counts, distances, visited = graph.search(queries, count, threads=1 if queries.single else 0)
        fewest = int(counts[0]) if queries.single else int(counts.min())
        if where is not None or fewest < keys.shape[1]:
            usable = np.arange(keys.shape[1]) < counts[:, None]
            if where is not None:
                usable &= where[keys]
            fewest = int(usable.sum(axis=1).min())
            nearest = np.argsort(~usable, axis=1, kind="stable")[:, :fewest]
            keys = np.take_along_axis(keys, nearest, axis=1)
        if fewest < keep:
            return None
        touched = distances * graph.dim * VECTOR_BYTES[first.dtype] + visited * GRAPH_BYTES
        return keys, touched, distances * graph.dim

    def _compare_signs(
        self,
        codes: SignCodes,
        queries: Queries,
        first: FirstStage,
        keep: int,
        where: Mask | None,
        available: int,
        last: bool,
    ) -> Proposed:
        """The nearest codes; no multiply-adds."""
        wanted = max(first.ef, keep, max(_SIGNS_FLAT, 10 * keep) if last else 0)
        return codes.search(queries, min(wanted, available), where), codes.nbytes * len(queries), 0
