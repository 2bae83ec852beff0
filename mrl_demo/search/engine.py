"""Searching any (n, full_dim) array: runs a cascade's first stage and re-ranks what it kept.

Knows vectors and row numbers; captions, images and files are the collection's business.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
import numpy.typing as npt

from mrl_demo.errors import CollectionError, QueryError
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.hits import AnyFloats, FirstStage, Floats, GraphDtype, Hits, Keys, Mask, Stage
from mrl_demo.search.hits import first_stage as as_first_stage
from mrl_demo.search.prefix_scan import PrefixScan
from mrl_demo.search.query import Queries, check_dims, check_k, check_where
from mrl_demo.search.rerank import Rows
from mrl_demo.search.signs import SignCodes
from mrl_demo.search.stages import Scan, Stages
from mrl_demo.search.structures import Progress, Structures
from mrl_demo.search.usearch_index import PrefixIndex
from mrl_demo.search.vectors import Vectors


class Engine:
    """Exact and HNSW search at any prefix of one stored matrix. Safe to search from many threads.

    Args:
        vectors: `Vectors`, or (n, full_dim) float16, float32 or float64; a float32 array is kept, not copied.
            Any length: every prefix is renormalised before it is compared.
        nested_dims: the dims the embeddings were trained at; any integer from 1 to full_dim can be searched.
        device: a torch device such as "cuda", on which the exact scan and the re-ranking then run; None for
            NumPy. Graphs and sign bits stay on the CPU.

    Raises:
        CollectionError: no vectors, not a float matrix, or NaN or infinity in it.
        QueryError: a nested dim outside 1..full_dim.
    """

    def __init__(
        self, vectors: AnyFloats | Vectors, nested_dims: Sequence[int] = (), device: str | None = None
    ) -> None:
        self.device = device
        self.rows = Rows(vectors) if device is None else _on_device(vectors, device)
        self.n: int = self.rows.n
        self.full_dim: int = self.rows.full_dim
        dims = check_dims(nested_dims, self.full_dim) if len(nested_dims) else ()
        self.nested_dims = tuple(sorted(set(dims)))
        self._scan: Scan | None = None
        self._scan_lock = threading.Lock()
        self._take(Structures(self.rows))

    def _take(self, structures: Structures) -> None:
        self._structures = structures
        self._stages = Stages(self.rows, structures, lambda: self.scan)

    def __len__(self) -> int:
        return self.n

    def search(
        self,
        query: npt.ArrayLike,
        cascade: Cascade,
        k: int = 10,
        first_stage: FirstStage | str = "exact",
        where: Mask | None = None,
    ) -> Hits:
        """The best `k` items by a cascade (MRL, section 4.3).

        Args:
            query: (full_dim,), or a batch (q, full_dim); any length but zero; never written to.
            cascade: dims to climb; shortlists larger than the collection are clipped to it.
            k: how many hits, from 1 to n. With `where`, no more than it leaves.
            first_stage: a `FirstStage`, or the name of a kind: "exact" looks at every item, "hnsw" walks a
                graph, "signs" compares sign bits; graph and codes are built at the first search of their dim.
                Where the graph finds too few (a narrow filter), the first stage is done exactly, and its
                `Stage` says so.
            where: (n,) bool; only items where it is True are found.

        Raises:
            QueryError: a query, k, dim, first_stage or filter that cannot be searched, in plain words.
        """
        queries = Queries.read(query, self.full_dim)
        k = check_k(k, self.n)
        dims = cascade.dims
        if dims[-1] > self.full_dim:
            check_dims(dims, self.full_dim)
        if cascade.shortlists and cascade.shortlists[-1] < k:
            raise QueryError(
                f"k must not exceed the last shortlist, got k={k} and a shortlist of {cascade.shortlists[-1]}"
            )
        first = as_first_stage(first_stage)
        available = self.n
        if where is not None and (where := check_where(where, self.n)) is not None:
            available = int(np.count_nonzero(where))
            if available == 0:
                return _nothing(queries)
        keeps = [min(keep, available) for keep in (*cascade.shortlists, k)]
        found = self._stages.first(queries, first, dims[0], keeps[0], where, available, len(dims) == 1)
        stages = [found[2]]
        for dim, keep in zip(dims[1:], keeps[1:], strict=True):
            found = self._stages.rerank(queries, found[0], dim, keep)
            stages.append(found[2])
        return _hits(queries, found[0], found[1], stages)

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
            stage = self._stages.stage(
                queries, dim, "exact", available, keys[index], seconds, added=dim - before
            )
            hits[dim] = _hits(queries, keys[index], scores[index], [stage])
        return [hits[dim] for dim in asked]

    @property
    def scan(self) -> Scan:
        """What the exact stage runs on, made at first use."""
        if self._scan is None:
            with self._scan_lock:
                if self._scan is None:
                    self._scan = self._make_scan()
        return self._scan

    def _make_scan(self) -> Scan:
        if self.device is None:
            return PrefixScan(self.rows, self.nested_dims)
        from mrl_demo.search.torch_scan import TorchRows, TorchScan

        assert isinstance(self.rows, TorchRows)
        return TorchScan(self.rows)

    def index(
        self,
        dim: int,
        dtype: GraphDtype = "bf16",
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> PrefixIndex:
        """The HNSW graph at `dim`, built at first use and kept. QueryError for a dim outside 1..full_dim.

        `threads` and `progress` are for the building: see `PrefixIndex`.
        """
        (dim,) = check_dims((dim,), self.full_dim)
        return self._structures.graph(dim, dtype, threads, progress)

    def signs(self, dim: int) -> SignCodes:
        """The sign codes of `dim` bits, built at first use. QueryError for a dim outside 1..full_dim."""
        (dim,) = check_dims((dim,), self.full_dim)
        return self._structures.signs(dim)

    def structure_names(self) -> tuple[str, ...]:
        """What is built and can be saved: such as "hnsw-64-i8.usearch" and "signs-256.npy"."""
        return self._structures.names()

    def structure_bytes(self, first_stage: FirstStage | str, dim: int) -> tuple[int, bool]:
        """Bytes a first stage keeps beside the matrix, and whether they were measured or are an estimate."""
        (dim,) = check_dims((dim,), self.full_dim)
        first = as_first_stage(first_stage)
        if first.kind == "exact":
            return self.scan.bytes_at(dim), True
        return self._structures.nbytes(first, dim)

    def save_structure(self, name: str, path: str | Path) -> None:
        """Write one of `structure_names` to a file. CollectionError when it is not built."""
        self._structures.save(name, Path(path))

    def load_structure(self, name: str, path: str | Path, view: bool = True) -> None:
        """Take a structure from a file that `save_structure` wrote: mapped with `view`, else read.

        USearch can crash on a damaged graph: check its checksum first.

        Raises:
            CollectionError: another name, or a file that does not hold it over these rows.
        """
        self._structures.load(name, Path(path), view)

    def extended(self, vectors: AnyFloats | Vectors) -> Engine:
        """An engine over more rows, of which this one's are the first: graphs and codes that are built are
        copied and grown, not built anew. This engine goes on as it is, meanwhile and afterwards.

        Raises:
            CollectionError: as for a new engine, or fewer rows, or another full_dim.
        """
        grown = Engine(vectors, self.nested_dims, self.device)
        if grown.full_dim != self.full_dim or grown.n < self.n:
            raise CollectionError(
                f"to extend {self.n} vectors of {self.full_dim} numbers takes at least these, "
                f"got {grown.n} of {grown.full_dim}"
            )
        grown._take(self._structures.extended(grown.rows))
        return grown


def _on_device(vectors: AnyFloats | Vectors, device: str) -> Rows:
    from mrl_demo.search.torch_scan import TorchRows  # torch is loaded by whoever asks for a device

    return TorchRows(vectors, device)


def _hits(queries: Queries, keys: Keys, scores: Floats, stages: list[Stage]) -> Hits:
    if queries.single:
        return Hits(keys[0], scores[0], tuple(stages))
    return Hits(keys, scores, tuple(stages))


def _nothing(queries: Queries) -> Hits:
    """No item passed the filter."""
    shape = (0,) if queries.single else (len(queries), 0)
    return Hits(np.zeros(shape, np.int64), np.zeros(shape, np.float32), ())
