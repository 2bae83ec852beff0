"""The engines of others, one small adapter each: build, open, set the parameter, search.

All of them search full-dim vectors of unit length by inner product. Graphs are built alike: 16 links a vector
(32 on the lowest level) and a beam of 128 at building. An engine may map its file into memory where it can;
its pages then count as resident all the same. Knows nothing of recall or time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import faiss
import hnswlib
import numpy as np
from usearch.index import Index

from benchmarks.search.adapter import BEAMS, Adapter, Floats, K, Keys, Setting

LINKS = 16
BEAM_AT_BUILD = 128
_FLAT = "faiss-flat.faiss"
_BLOCK = 16_384  # rows handed over at once


class _Plain:
    """Nothing to prepare, nothing mapped, nothing to set."""

    def prepare(self, vectors: Floats, where: Path) -> None:
        """The mapped matrix will do."""

    def mapped_bytes(self, path: Path) -> int:
        return 0

    def set(self, setting: Setting) -> None:
        """There is no setting."""

    def threads(self, count: int) -> None:
        """BLAS and OpenMP were told."""


class NumPyExact(_Plain):
    """One matrix-vector product and a partition: what anyone writes first."""

    name, file, reads_matrix = "NumPy, exact f32", "", True
    settings: tuple[Sequence[Setting], ...] = ()

    def build(self, vectors: Floats, path: Path, threads: int) -> None:
        """Nothing to build."""

    def open(self, vectors: Floats, path: Path) -> None:
        self._vectors = vectors

    def search(self, query: Floats) -> Keys:
        scores = self._vectors @ query
        best = np.argpartition(scores, len(scores) - K)[len(scores) - K :]
        return best[np.argsort(-scores[best])]

    def search_batch(self, queries: Floats) -> Keys:
        scores = queries @ self._vectors.T
        best = np.argpartition(scores, scores.shape[1] - K, axis=1)[:, scores.shape[1] - K :]
        order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1)
        return np.take_along_axis(best, order, axis=1)


class FaissFlat(_Plain):
    """FAISS's brute force over the mapped matrix itself (`faiss.knn`: the kernel of IndexFlatIP, no copy)."""

    name, file, reads_matrix = "FAISS, exact f32", "", True
    settings: tuple[Sequence[Setting], ...] = ()

    def build(self, vectors: Floats, path: Path, threads: int) -> None:
        """Nothing to build."""

    def open(self, vectors: Floats, path: Path) -> None:
        self._vectors = vectors

    def search(self, query: Floats) -> Keys:
        return self.search_batch(query[None])[0]

    def search_batch(self, queries: Floats) -> Keys:
        return faiss.knn(queries, self._vectors, K, metric=faiss.METRIC_INNER_PRODUCT)[1]


class _Mapped(_Plain):
    """Its whole file is mapped."""

    def mapped_bytes(self, path: Path) -> int:
        return path.stat().st_size


class USearchFull(_Mapped):
    """USearch's HNSW at full dim, opened with `view`. Inner product, its fastest metric for unit vectors."""

    reads_matrix = False
    settings = ([(beam,) for beam in BEAMS],)

    def __init__(self, dtype: str) -> None:
        self.name, self.file, self._dtype = f"USearch HNSW {dtype}", f"usearch-{dtype}.usearch", dtype

    def _empty(self, dim: int) -> Index:
        return Index(
            ndim=dim, metric="ip", dtype=self._dtype, connectivity=LINKS, expansion_add=BEAM_AT_BUILD
        )

    def build(self, vectors: Floats, path: Path, threads: int) -> None:
        index = self._empty(vectors.shape[1])
        for start, rows in _blocks(vectors):
            index.add(np.arange(start, start + len(rows), dtype=np.uint64), rows, threads=threads)
        index.save(str(path))

    def open(self, vectors: Floats, path: Path) -> None:
        self._index = self._empty(vectors.shape[1])
        self._index.view(str(path))
        self._threads = 1

    def set(self, setting: Setting) -> None:
        self._index.expansion_search = setting[0]

    def threads(self, count: int) -> None:
        self._threads = count

    def search(self, query: Floats) -> Keys:
        return self._index.search(query, K, threads=1).keys.astype(np.int64)

    def search_batch(self, queries: Floats) -> Keys:
        found = self._index.search(queries, K, threads=self._threads).keys
        return found.astype(np.int64).reshape(len(queries), K)


class Hnswlib(_Plain):
    """hnswlib keeps vectors and links in memory of its own."""

    name, file, reads_matrix = "hnswlib f32", "hnswlib.bin", False
    settings = ([(beam,) for beam in BEAMS],)

    def build(self, vectors: Floats, path: Path, threads: int) -> None:
        index = hnswlib.Index(space="ip", dim=vectors.shape[1])
        index.init_index(len(vectors), M=LINKS, ef_construction=BEAM_AT_BUILD)
        index.set_num_threads(threads)
        for start, rows in _blocks(vectors):
            index.add_items(rows, np.arange(start, start + len(rows)))
        index.save_index(str(path))

    def open(self, vectors: Floats, path: Path) -> None:
        self._index = hnswlib.Index(space="ip", dim=vectors.shape[1])
        self._index.load_index(str(path))

    def set(self, setting: Setting) -> None:
        self._index.set_ef(setting[0])

    def threads(self, count: int) -> None:
        self._index.set_num_threads(count)

    def search(self, query: Floats) -> Keys:
        return self._index.knn_query(query, K)[0][0].astype(np.int64)

    def search_batch(self, queries: Floats) -> Keys:
        return self._index.knn_query(queries, K)[0].astype(np.int64)


class _Faiss:
    """What the FAISS indexes share."""

    _index: Any

    def search(self, query: Floats) -> Keys:
        return self._index.search(query[None], K)[1][0]

    def search_batch(self, queries: Floats) -> Keys:
        return self._index.search(queries, K)[1]


class FaissHnsw(_Faiss, _Mapped):
    """HNSWFlat: f32 vectors and links, mapped."""

    name, file, reads_matrix = "FAISS HNSW f32", "faiss-hnsw.faiss", False
    settings = ([(beam,) for beam in BEAMS],)

    def build(self, vectors: Floats, path: Path, threads: int) -> None:
        faiss.omp_set_num_threads(threads)
        index = faiss.IndexHNSWFlat(vectors.shape[1], LINKS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = BEAM_AT_BUILD
        index.add(vectors)
        faiss.write_index(index, str(path))

    def open(self, vectors: Floats, path: Path) -> None:
        self._index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)

    def set(self, setting: Setting) -> None:
        self._index.hnsw.efSearch = setting[0]


class FaissIvf(_Faiss, _Mapped):
    """IVFFlat: f32 vectors in lists; 4,096 lists at a million, 1,024 at 100,000."""

    name, file, reads_matrix = "FAISS IVF f32", "faiss-ivf.faiss", False
    settings = ([(probes,) for probes in (*range(1, 10), *(round(10 * 1.15**step) for step in range(30)))],)

    def build(self, vectors: Floats, path: Path, threads: int) -> None:
        faiss.omp_set_num_threads(threads)
        quantizer = faiss.IndexFlatIP(vectors.shape[1])
        index = faiss.IndexIVFFlat(
            quantizer, vectors.shape[1], _lists(len(vectors)), faiss.METRIC_INNER_PRODUCT
        )
        _train(index, vectors)
        faiss.write_index(index, str(path))

    def open(self, vectors: Floats, path: Path) -> None:
        self._index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP)

    def set(self, setting: Setting) -> None:
        self._index.nprobe = min(setting[0], self._index.nlist)


class FaissIvfPq(_Faiss, _Plain):
    """IVF with 64-byte product codes; the best are re-ranked by FAISS from the full matrix (IndexRefineFlat).

    The refining index is a mapped file of the same f32 rows, counted as the full matrix, not as index bytes.
    """

    name, file, reads_matrix = "FAISS IVF-PQ64 + refine", "faiss-ivfpq.faiss", True
    settings = tuple(
        [(probes, factor) for probes in (*range(1, 10), *(round(10 * 1.15**step) for step in range(24)))]
        for factor in (4, 8, 16, 32, 64)
    )

    def prepare(self, vectors: Floats, where: Path) -> None:
        if not (where / _FLAT).exists():
            exact = faiss.IndexFlatIP(vectors.shape[1])
            exact.add(vectors)
            faiss.write_index(exact, str(where / f"partial-{_FLAT}"))
            (where / f"partial-{_FLAT}").replace(where / _FLAT)

    def build(self, vectors: Floats, path: Path, threads: int) -> None:
        faiss.omp_set_num_threads(threads)
        dim = vectors.shape[1]
        quantizer = faiss.IndexFlatIP(dim)
        index = faiss.IndexIVFPQ(
            quantizer, dim, _lists(len(vectors)), dim // 8, 8, faiss.METRIC_INNER_PRODUCT
        )
        _train(index, vectors)
        faiss.write_index(index, str(path))

    def open(self, vectors: Floats, path: Path) -> None:
        self._coded = faiss.read_index(str(path))
        self._full = faiss.read_index(str(path.with_name(_FLAT)), faiss.IO_FLAG_MMAP_IFC)
        self._index = faiss.IndexRefine(self._coded, self._full)

    def set(self, setting: Setting) -> None:
        self._coded.nprobe, self._index.k_factor = min(setting[0], self._coded.nlist), setting[1]


def rivals(n: int) -> list[Adapter]:
    """The engines of others at this size; USearch in f32 only where it does not need 2.2 GB."""
    graphs: list[Callable[[], Adapter]] = [lambda: USearchFull("bf16"), Hnswlib, FaissHnsw]
    if n <= 200_000:
        graphs.append(lambda: USearchFull("f32"))
    return [make() for make in (NumPyExact, FaissFlat, FaissIvf, FaissIvfPq, *graphs)]  # graphs last


def _lists(n: int) -> int:
    return min(4_096 if n > 200_000 else 1_024, max(1, n // 40))


def _train(index: Any, vectors: Floats) -> None:
    """Train on a spread of rows, then add them all."""
    index.cp.niter, index.cp.max_points_per_centroid = 8, 64
    count = min(len(vectors), max(index.nlist, 256) * 64)
    index.train(np.ascontiguousarray(vectors[:: len(vectors) // count][:count]))
    for _, rows in _blocks(vectors):
        index.add(rows)


def _blocks(vectors: Floats) -> Any:
    for start in range(0, len(vectors), _BLOCK):
        yield start, np.ascontiguousarray(vectors[start : start + _BLOCK])
