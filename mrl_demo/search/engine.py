"""Searching any (n, full_dim) array: runs a cascade's first stage and re-ranks what it kept.

Knows vectors and row numbers; captions, images and files are the collection's business.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from time import perf_counter
from typing import Literal

import numpy as np
import numpy.typing as npt

from mrl_demo.errors import QueryError
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.hits import FIRST_STAGES, AnyFloats, FirstStage, Floats, Hits, Keys, Mask, Stage
from mrl_demo.search.prefix_scan import PrefixScan
from mrl_demo.search.query import Queries, check_dims, check_k, check_where
from mrl_demo.search.rerank import Rows
from mrl_demo.search.usearch_index import EXPANSION_SEARCH, GRAPH_BYTES, VECTOR_BYTES, PrefixIndex


class Engine:
    """Exact and HNSW search at any prefix of one stored matrix. Safe to search from many threads.

    Args:
        vectors: (n, full_dim) float16, float32 or float64; a float32 array is kept, not copied. Any length:
            every prefix is renormalised before it is compared.
        nested_dims: the dims the embeddings were trained at; any integer from 1 to full_dim can be searched.

    Raises:
        CollectionError: no vectors, not a float matrix, or NaN or infinity in it.
        QueryError: a nested dim outside 1..full_dim.
    """

    def __init__(self, vectors: AnyFloats, nested_dims: Sequence[int] = ()) -> None:
        self.rows = Rows(np.asarray(vectors))
        self.n: int = self.rows.n
        self.full_dim: int = self.rows.full_dim
        dims = check_dims(nested_dims, self.full_dim) if len(nested_dims) else ()
        self.nested_dims = tuple(sorted(set(dims)))
        self._scan: PrefixScan | None = None
        self._indexes: dict[int, PrefixIndex] = {}
        self._scan_lock, self._index_lock = threading.Lock(), threading.Lock()

    def __len__(self) -> int:
        return self.n

    def search(
        self,
        query: npt.ArrayLike,
        cascade: Cascade,
        k: int = 10,
        first_stage: FirstStage = "exact",
        where: Mask | None = None,
    ) -> Hits:
        """The best `k` items by a cascade (MRL, section 4.3).

        Args:
            query: (full_dim,), or a batch (q, full_dim); any length but zero; never written to.
            cascade: dims to climb; shortlists larger than the collection are clipped to it.
            k: how many hits, from 1 to n. With `where`, no more than it leaves.
            first_stage: "exact" looks at every item, "hnsw" walks a graph that is built at the first search
                of its dim. Where the graph finds too few (a narrow filter), the first stage is done exactly,
                and its `Stage` says so.
            where: (n,) bool; only items where it is True are found.

        Raises:
            QueryError: a query, k, dim, first_stage or filter that cannot be searched, in plain words.
        """
        queries = Queries.read(query, self.full_dim)
        k = check_k(k, self.n)
        dims = check_dims(cascade.dims, self.full_dim)
        if cascade.shortlists and cascade.shortlists[-1] < k:
            raise QueryError(
                f"k must not exceed the last shortlist, got k={k} and a shortlist of {cascade.shortlists[-1]}"
            )
        if first_stage not in FIRST_STAGES:
            raise QueryError(f"first_stage must be one of {FIRST_STAGES}, got {first_stage!r}")
        where = check_where(where, self.n)
        available = self.n if where is None else int(np.count_nonzero(where))
        if available == 0:
            return _nothing(queries)
        keeps = [min(keep, available) for keep in (*cascade.shortlists, k)]
        if first_stage == "hnsw":
            keys, scores, stage = self._walk(queries, dims[0], keeps[0], where)
        else:
            keys, scores, stage = self._compare_all(queries, dims[0], keeps[0], where)
        stages = [stage]
        for dim, keep in zip(dims[1:], keeps[1:], strict=True):
            keys, scores, stage = self._rerank(queries, keys, dim, keep)
            stages.append(stage)
        return _hits(queries, keys, scores, stages)

    def rank_at(
        self, query: npt.ArrayLike, dims: Sequence[int], k: int = 10, where: Mask | None = None
    ) -> list[Hits]:
        """The exact best `k` at each of many dims, in one pass over the longest of them.

        Returns:
            One `Hits` a dim, in the order of `dims`, equal to `search(query, Cascade.flat(dim), k)`. Each
            carries one stage: `bytes_touched` and `multiply_adds` are what its dim added to the pass, so that
            the sum over dims is the pass; `seconds` is the pass divided by the number of dims.

        Raises:
            QueryError: as for `search`.
        """
        queries = Queries.read(query, self.full_dim)
        k = check_k(k, self.n)
        asked = check_dims(dims, self.full_dim)
        where = check_where(where, self.n)
        available = self.n if where is None else int(np.count_nonzero(where))
        if available == 0:
            return [_nothing(queries) for _ in asked]
        started = perf_counter()
        ascending = sorted(set(asked))
        keys, scores = self.scan.top(queries, ascending, min(k, available), where)
        seconds = (perf_counter() - started) / len(ascending)
        hits = {}
        for index, (before, dim) in enumerate(zip([0, *ascending], ascending, strict=False)):
            stage = self._stage(queries, dim, "exact", available, keys[index], seconds, added=dim - before)
            hits[dim] = _hits(queries, keys[index], scores[index], [stage])
        return [hits[dim] for dim in asked]

    @property
    def scan(self) -> PrefixScan:
        """The dimension-major matrix of the exact stage, built at first use."""
        if self._scan is None:
            with self._scan_lock:
                if self._scan is None:
                    self._scan = PrefixScan(self.rows)
        return self._scan

    def index(self, dim: int) -> PrefixIndex:
        """The HNSW index at `dim`, built at first use and kept. QueryError for a dim outside 1..full_dim."""
        (dim,) = check_dims((dim,), self.full_dim)
        found = self._indexes.get(dim)
        if found is None:
            with self._index_lock:
                found = self._indexes.get(dim)
                if found is None:
                    found = self._indexes[dim] = PrefixIndex(self.rows, dim)
        return found

    def index_bytes(self, dim: int) -> tuple[int, bool]:
        """Bytes of the HNSW index at `dim`, and whether they were measured (built) or are an estimate."""
        built = self._indexes.get(dim)
        return (built.nbytes, True) if built else (self.n * (dim * VECTOR_BYTES + GRAPH_BYTES), False)

    def _compare_all(
        self, queries: Queries, dim: int, keep: int, where: Mask | None
    ) -> tuple[Keys, Floats, Stage]:
        started = perf_counter()
        (keys,), (scores,) = self.scan.top(queries, (dim,), keep, where)
        considered = self.n if where is None else int(np.count_nonzero(where))
        return (
            keys,
            scores,
            self._stage(queries, dim, "exact", considered, keys, perf_counter() - started, added=dim),
        )

    def _walk(self, queries: Queries, dim: int, keep: int, where: Mask | None) -> tuple[Keys, Floats, Stage]:
        index = self.index(dim)  # building it is not part of the search
        started = perf_counter()
        considered = self.n if where is None else int(np.count_nonzero(where))
        # Half as many again as are kept: bf16 orders near neighbours loosely, and their exact scores decide.
        count = max(EXPANSION_SEARCH, keep + keep // 2) * self.n // considered
        if where is not None and 2 * count > self.n:
            return self._compare_all(queries, dim, keep, where)
        found = index.search(queries, count)
        usable = np.arange(found.keys.shape[1]) < found.counts[:, None]
        if where is not None:
            usable &= where[found.keys]
        fewest = int(usable.sum(axis=1).min())
        if fewest < keep:
            return self._compare_all(queries, dim, keep, where)
        nearest = np.argsort(~usable, axis=1, kind="stable")[:, :fewest]
        keys, scores = self.rows.best(queries, np.take_along_axis(found.keys, nearest, axis=1), dim, keep)
        stage = Stage(
            dim=dim,
            first_stage="hnsw",
            considered=considered,
            kept=keep,
            dropped=considered - keep,
            seconds=perf_counter() - started,
            bytes_touched=found.distances * dim * VECTOR_BYTES + found.visited * GRAPH_BYTES,
            multiply_adds=found.distances * dim,
            keys=keys[0] if queries.single else keys,
        )
        return keys, scores, stage

    def _rerank(self, queries: Queries, shortlist: Keys, dim: int, keep: int) -> tuple[Keys, Floats, Stage]:
        started = perf_counter()
        keys, scores = self.rows.best(queries, shortlist, dim, keep)
        seconds = perf_counter() - started
        stage = self._stage(queries, dim, "rerank", shortlist.shape[1], keys, seconds, added=dim)
        return keys, scores, stage

    def _stage(
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
        rows_read = len(queries) * (self.n if how == "exact" else considered)
        width = 4 * added + 4 if how == "exact" else self.rows.prefix_bytes(added)
        return Stage(
            dim=dim,
            first_stage=how,
            considered=considered,
            kept=keys.shape[1],
            dropped=considered - keys.shape[1],
            seconds=seconds,
            bytes_touched=rows_read * width,
            multiply_adds=rows_read * added,
            keys=keys[0] if queries.single else keys,
        )


def _hits(queries: Queries, keys: Keys, scores: Floats, stages: list[Stage]) -> Hits:
    if queries.single:
        return Hits(keys[0], scores[0], tuple(stages))
    return Hits(keys, scores, tuple(stages))


def _nothing(queries: Queries) -> Hits:
    """No item passed the filter."""
    shape = (0,) if queries.single else (len(queries), 0)
    return Hits(np.zeros(shape, np.int64), np.zeros(shape, np.float32), ())
