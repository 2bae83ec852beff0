"""The exact first stage: one pass over all prefixes ranks everything at every dim asked for.

The dot products at 64 dims are those at 32 plus one more block of dims, so the exact answer at seven nested
dims costs little more than at the longest. With the inverse length of each prefix they become cosines. Knows
vectors only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from mrl_demo.search.hits import Floats, Keys, Mask
from mrl_demo.search.query import Queries
from mrl_demo.search.rerank import Rows
from mrl_demo.search.threads import CORES, cuts, share
from mrl_demo.search.tiles import ITEMS, QUERIES, Tiles
from mrl_demo.search.top_k import largest

SPARE = 16  # candidates beyond `keep`, to be scored again so that rounding cannot decide who is in
_SCORES_BYTES = 32 << 20  # scores held at once for a batch
_EPS = np.finfo(np.float32).eps
_TILES = 64  # scanned at once: their sums stay in the cache
_THREADED = 1 << 23  # multiply-adds from which threads share a pass; below, one is faster (measured)


class PrefixScan:
    """Exact top-k at any ascending dims in one pass. Safe to use from many threads.

    The pass adds block by block, and rounds otherwise than a row's own dot product does. So it only proposes:
    a few more than were asked for, or all that are too close to call, and `Rows` has the last word on scores
    and order.
    """

    def __init__(self, rows: Rows, nested_dims: Sequence[int] = ()) -> None:
        self._rows = rows
        self._tiles = Tiles(rows, nested_dims)

    @property
    def nbytes(self) -> int:
        """Bytes laid out for scanning, as far as dims were asked for."""
        return self._tiles.nbytes

    def bytes_at(self, dim: int) -> int:
        """Bytes kept once `dim` was scanned: the numbers laid out up to there, and the inverse lengths."""
        return self._tiles.bytes_at(dim) + 4 * self._rows.n

    def top(
        self, queries: Queries, dims: Sequence[int], keep: int, where: Mask | None = None
    ) -> tuple[Keys, Floats]:
        """The best `keep` items at each dim, best first, equal scores in order of key.

        Args:
            dims: strictly ascending, each from 1 to full_dim.
            keep: from 1 to the number of items that `where` leaves.
            where: (n,) bool, the items to consider; None for all.

        Returns:
            keys (dims, q, keep) int64 and cosines (dims, q, keep) float32.
        """
        allowed = None if where is None else np.flatnonzero(where)
        if allowed is not None and len(allowed) <= 4 * (keep + SPARE):  # so few that nothing need be scanned
            shape = (len(dims), len(queries), len(allowed))
            return self._rows.best_at(queries, np.broadcast_to(allowed, shape), dims, keep)
        step = min(QUERIES, max(1, _SCORES_BYTES // (4 * len(dims) * self._rows.n)))
        if len(queries) <= step:
            return self._top(queries, dims, keep, where)
        parts = [queries.part(start, start + step) for start in range(0, len(queries), step)]
        found = [self._top(part, dims, keep, where) for part in parts]
        keys, scores = zip(*found, strict=True)
        return np.concatenate(keys, axis=1), np.concatenate(scores, axis=1)

    def _top(
        self, queries: Queries, dims: Sequence[int], keep: int, where: Mask | None
    ) -> tuple[Keys, Floats]:
        n = self._rows.n
        resident = self._tiles.resident(dims[-1])
        lengths = [self._rows.inverse_lengths(dim) for dim in dims]
        scores = np.empty((len(dims), len(queries), n), np.float32)
        parts = min(CORES, -(-n // ITEMS)) if n * dims[-1] * len(queries) >= _THREADED else 1
        edges = cuts(n, parts, ITEMS)
        wanted = min(n, keep + SPARE)

        def scan(part: int) -> Keys:
            start, stop = edges[part], edges[part + 1]
            self._scan(queries, dims, resident, lengths, start, stop, scores)
            mine = scores[..., start:stop]
            if where is not None:
                mine[..., ~where[start:stop]] = -np.inf
            found = largest(mine.reshape(-1, stop - start), min(wanted, stop - start))
            return (found + start).reshape(*mine.shape[:2], -1)

        found = share(scan, parts)
        candidates = found[0]
        if parts > 1:
            candidates = np.concatenate(found, axis=-1)
            values = np.take_along_axis(scores, candidates, axis=-1)
            best = np.argpartition(values, values.shape[-1] - wanted, axis=-1)[..., -wanted:]
            candidates = np.take_along_axis(candidates, best, axis=-1)
            values = np.take_along_axis(values, best, axis=-1)
        else:
            values = np.take_along_axis(scores, candidates, axis=-1)

        def near(index: int, query: int, bound: float) -> Keys:
            return np.flatnonzero(scores[index, query] >= bound)

        return settle(self._rows, queries, dims, candidates, values, keep, near)

    def _scan(
        self,
        queries: Queries,
        dims: Sequence[int],
        resident: int,
        lengths: Sequence[Floats],
        start: int,
        stop: int,
        scores: Floats,
    ) -> None:
        """Dot products of items start..stop with renormalised prefixes, into `scores` (dims, q, n): cosines
        but for the query's own length."""
        spans = list(self._spans(dims))
        for first in range(start, stop, _TILES * ITEMS):
            last = min(first + _TILES * ITEMS, stop)
            total: Floats | None = None  # (tiles, q, 128)
            rows: Floats | None = None
            for chunk, low, high, index in spans:
                if self._tiles.edges[chunk + 1] <= resident:
                    offset = self._tiles.edges[chunk]
                    tiles = self._tiles.chunk(chunk, first // ITEMS, -(-last // ITEMS))
                    added = np.matmul(queries.vectors[:, low:high], tiles[:, low - offset : high - offset])
                else:
                    if rows is None:
                        rows = self._rows.block(first, last, dims[-1])
                    added = _by_rows(queries.vectors[:, low:high], rows[:, low:high])
                if total is None:
                    total = added
                else:
                    total += added
                if index is not None:
                    flat = total.transpose(1, 0, 2).reshape(len(queries), -1)[:, : last - first]
                    np.multiply(flat, lengths[index][first:last], out=scores[index, :, first:last])

    def _spans(self, dims: Sequence[int]) -> Iterator[tuple[int, int, int, int | None]]:
        """Which dims to add up, one step after another: (chunk, from, to, which of `dims` is reached)."""
        reached = {dim: index for index, dim in enumerate(dims)}
        marks = sorted({dim for dim in (*self._tiles.edges, *dims) if dim <= dims[-1]})
        for low, high in pairwise(marks):
            chunk = next(i for i, edge in enumerate(self._tiles.edges[1:]) if low < edge)
            yield chunk, low, high, reached.get(high)


def settle(
    rows: Rows,
    queries: Queries,
    dims: Sequence[int],
    candidates: Keys,
    scores: Floats,
    keep: int,
    near: Callable[[int, int, float], Keys],
) -> tuple[Keys, Floats]:
    """What a scan proposes -> keys and cosines in their final order, two of (dims, q, keep).

    Args:
        candidates: the scan's best, up to SPARE more than `keep`, in no order: (dims, q, m).
        scores: the scan's scores of these, same shape.
        near: (which of dims, which query, bound) -> all items whose score in the scan is at least that.
    """
    keys, cosines = rows.best_at(queries, candidates, dims, keep)
    if candidates.shape[-1] == rows.n:
        return keys, cosines
    spare = candidates.shape[-1] - keep
    proposed = np.partition(scores, (0, spare), axis=-1)
    # Two ways to sum d products differ by at most d * eps, and two items that are each off by that can swap.
    slack = np.stack([queries.lengths(dim) * (2 * _EPS * (dim + 8)) for dim in dims]).astype(np.float32)
    bounds = proposed[..., spare] - slack
    for index, query in np.argwhere(proposed[..., 0] >= bounds):  # more near-ties than spare candidates
        tied = near(index, query, bounds[index, query])
        best, exact = rows.best(queries.part(query, query + 1), tied[None], dims[index], keep)
        keys[index, query], cosines[index, query] = best[0], exact[0]
    return keys, cosines


def _by_rows(queries: Floats, rows: Floats) -> Floats:
    """Dot products with rows as they lie, (q, d) and (m, d) -> (tiles, q, 128), the last tile filled up."""
    products = np.zeros((len(queries), -(-len(rows) // ITEMS) * ITEMS), np.float32)
    for query, product in zip(queries, products, strict=True):
        np.vecdot(rows, query, out=product[: len(rows)])
    return products.reshape(len(queries), -1, ITEMS).transpose(1, 0, 2)
