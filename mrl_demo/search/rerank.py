"""The full matrix, row by row: gathers a shortlist's prefixes, renormalises and ranks them.

This is the one place where a final score is computed. Every first stage hands its candidates here, so a
score does not depend on the way that led to it, and a funnel that keeps everything equals flat bit for bit.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from mrl_demo.prefix import check_dim
from mrl_demo.search.hits import AnyFloats, Floats, Keys
from mrl_demo.search.query import Queries
from mrl_demo.search.threads import CORES, cuts, share
from mrl_demo.search.top_k import ranked
from mrl_demo.search.vectors import Vectors, check_matrix

RESIDENT_BYTES = 1 << 30
"""An array of another float type whose float32 copy would be larger than this is widened only when read."""
_CHUNK_BYTES = 1 << 19  # what is gathered at once: stays in the cache
_TINY = np.float32(1e-30)  # shorter than any length in float32 that is not 0
_SHARED = 16  # queries of a batch from which threads share it


class Rows:
    """Embeddings of shape (n, full_dim), row-major, with the inverse lengths of the prefixes in use.

    A float32 array is kept, not copied: do not write to it afterwards. An array of another float type is
    widened to float32 once where that is small; `Vectors` stay as they are. Safe to use from many threads.

    Raises:
        CollectionError: no rows, not a float matrix, or rows with NaN or infinity.
    """

    def __init__(self, vectors: AnyFloats | Vectors) -> None:
        if not isinstance(vectors, Vectors):
            small = check_matrix(vectors).size * 4 <= RESIDENT_BYTES
            vectors = Vectors.of(vectors, "f32" if small else None)
        self.vectors = vectors
        self.n, self.full_dim = vectors.n, vectors.full_dim
        self._inverse_lengths: dict[int, Floats] = {}
        self._lock = threading.Lock()

    def prefix_bytes(self, dim: int) -> int:
        """Bytes read to score one item at `dim`: its numbers and its inverse length."""
        return dim * self.vectors.itemsize + 4

    def block(self, start: int, stop: int, dim: int) -> Floats:
        """Rows start..stop, first `dim` numbers, not renormalised: (stop - start, dim) float32."""
        return self.vectors.block(start, stop, dim)

    def inverse_lengths(self, dim: int) -> Floats:
        """1 / |x[:dim]| of every row, 0 where the prefix is zero: (n,) float32, kept for the next time."""
        known = self._inverse_lengths.get(dim)
        if known is None:
            check_dim(dim, self.full_dim)
            with self._lock:
                known = self._inverse_lengths.get(dim)
                if known is None:
                    known = self._inverse_lengths[dim] = self._measure(dim)
        return known

    def _measure(self, dim: int) -> Floats:
        squares = np.empty(self.n, np.float32)
        step = max(1, _CHUNK_BYTES // (4 * dim))
        for start in range(0, self.n, step):
            rows = self.block(start, min(start + step, self.n), dim)
            squares[start : start + step] = np.vecdot(rows, rows)
        inverse = _inverse(squares) * (squares > 0)
        inverse.flags.writeable = False
        return inverse

    def score(self, queries: Queries, keys: Keys, dim: int) -> Floats:
        """Cosine of each query with its candidates at `dim`: (q, s) float32 for keys of shape (q, s).

        One dot product at a time (`np.vecdot`), because a matrix product rounds a row differently depending
        on what stands beside it, and ties would then be broken by chance.
        """
        known = self._inverse_lengths.get(dim)  # measured here if not: the same number, for fewer rows
        prefixes = queries.prefix(dim)[:, None, :]
        step = max(1, _CHUNK_BYTES // (4 * dim * max(1, keys.shape[1])))
        scores = np.empty(keys.shape, np.float32)

        def some(first: int, last: int) -> None:
            for start in range(first, last, step):
                part = slice(start, min(start + step, last))
                mine = keys[part]
                rows = self.vectors.gather(mine, dim)
                found = np.vecdot(rows, prefixes[part], out=scores[part])
                found *= _inverse(np.vecdot(rows, rows)) if known is None else known[mine]

        if len(keys) < _SHARED:
            some(0, len(keys))
        else:
            edges = cuts(len(keys), CORES)
            share(lambda part: some(edges[part], edges[part + 1]), CORES)
        return scores

    def best(self, queries: Queries, keys: Keys, dim: int, keep: int) -> tuple[Keys, Floats]:
        """The best `keep` of each query's candidates, best first, equal scores by key. (q, keep) both."""
        return ranked(keys, self.score(queries, keys, dim), keep)

    def best_at(self, queries: Queries, keys: Keys, dims: Sequence[int], keep: int) -> tuple[Keys, Floats]:
        """`best` at several dims, each with candidates of its own: (dims, q, s) -> two of (dims, q, keep)."""
        scores = np.empty(keys.shape, np.float32)
        for index, dim in enumerate(dims):
            scores[index] = self.score(queries, keys[index], dim)
        return ranked(keys, scores, keep)


def _inverse(squares: Floats) -> Floats:
    """1 / sqrt; for 0 a large number, by which a zero prefix's dot product stays 0."""
    lengths = np.sqrt(squares)
    np.maximum(lengths, _TINY, out=lengths)
    return np.reciprocal(lengths, out=lengths)
