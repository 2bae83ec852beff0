"""The exact first stage: one pass over a dimension-major matrix ranks everything at every dim asked for.

Stored as [full_dim, n], every prefix of every vector is one contiguous block, and the dot products at 64 dims
are those at 32 plus one more block. With the inverse length of each prefix they become cosines, so the exact
answer at seven nested dims costs little more than at the longest. Knows vectors only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mrl_demo.search.hits import Floats, Keys, Mask
from mrl_demo.search.query import Queries
from mrl_demo.search.rerank import Rows

_SPARE = 16  # candidates beyond `keep`, to be scored again so that rounding cannot decide who is in
_SCORES_BYTES = 32 << 20  # scores held at once for a batch
_EPS = np.finfo(np.float32).eps
_BLOCKS_FROM = 8_000  # below this many items a plain partition is as fast as looking at blocks first


class PrefixScan:
    """Exact top-k at any ascending dims in one pass. Safe to use from many threads.

    The pass adds block by block, and rounds otherwise than a row's own dot product does. So it only proposes:
    a few more than were asked for, or all that are too close to call, and `Rows` has the last word on scores
    and order.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._columns = np.empty((rows.full_dim, rows.n), np.float32)
        step = 4096  # rows transposed at once
        for start in range(0, rows.n, step):
            stop = min(start + step, rows.n)
            self._columns[:, start:stop] = rows.block(start, stop, rows.full_dim).T

    @property
    def nbytes(self) -> int:
        """Bytes of the dimension-major matrix."""
        return self._columns.nbytes

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
        if allowed is not None and len(allowed) <= 4 * (keep + _SPARE):  # so few that nothing need be scanned
            shape = (len(dims), len(queries), len(allowed))
            return self._rows.best_at(queries, np.broadcast_to(allowed, shape), dims, keep)
        step = max(1, _SCORES_BYTES // (4 * len(dims) * self._rows.n))
        found = []
        for start in range(0, len(queries), step):
            part = queries if len(queries) <= step else queries.part(start, start + step)
            scores = self._scan(part, dims)
            if where is not None:
                scores[..., ~where] = -np.inf
            found.append(self._settle(part, dims, scores, keep))
        if len(found) == 1:
            return found[0]
        return np.concatenate([keys for keys, _ in found], axis=1), np.concatenate(
            [s for _, s in found], axis=1
        )

    def _scan(self, queries: Queries, dims: Sequence[int]) -> Floats:
        """Dot products with renormalised prefixes: cosines but for the query's own length. (dims, q, n)."""
        scores = np.empty((len(dims), len(queries), self._rows.n), np.float32)
        block = np.empty(scores.shape[1:], np.float32)
        start = 0
        for index, dim in enumerate(dims):
            if index == 0:
                np.matmul(queries.vectors[:, :dim], self._columns[:dim], out=scores[0])
            else:
                np.matmul(queries.vectors[:, start:dim], self._columns[start:dim], out=block)
                np.add(scores[index - 1], block, out=scores[index])
            start = dim
        for index, dim in enumerate(dims):
            scores[index] *= self._rows.inverse_lengths(dim)
        return scores

    def _settle(
        self, queries: Queries, dims: Sequence[int], scores: Floats, keep: int
    ) -> tuple[Keys, Floats]:
        """The scan's scores (dims, q, n) -> keys and cosines in their final order, two of (dims, q, keep)."""
        n = self._rows.n
        spare = min(_SPARE, n - keep)
        candidates = _largest(scores.reshape(-1, n), keep + spare).reshape(*scores.shape[:2], -1)
        keys, cosines = self._rows.best_at(queries, candidates, dims, keep)
        if keep + spare == n:
            return keys, cosines
        proposed = np.partition(np.take_along_axis(scores, candidates, axis=-1), (0, spare), axis=-1)
        lowest, last = proposed[..., 0], proposed[..., spare]
        # Two ways to sum d products differ by at most d * eps, and two items that are each off by that can
        # swap.
        positions = [dim - 1 for dim in dims]
        slack = queries.lengths[:, positions].T * (2 * _EPS * (np.array(dims, np.float32) + 8))[:, None]
        for index, query in np.argwhere(
            lowest >= last - slack
        ):  # more near-ties than spare candidates: take all
            tied = np.flatnonzero(scores[index, query] >= last[index, query] - slack[index, query])
            one = queries.part(query, query + 1)
            near, exact = self._rows.best(one, tied[None], dims[index], keep)
            keys[index, query], cosines[index, query] = near[0], exact[0]
        return keys, cosines


def _largest(scores: Floats, keep: int) -> Keys:
    """Positions of the `keep` largest of each row, in no order: (r, n) -> (r, keep) int64.

    Over long rows the maximum of each block is taken first and only the `keep` best blocks are looked into:
    the `keep` largest are all in there. A block is every m-th number: its maximum is taken fastest.
    """
    r, n = scores.shape
    width = int((n / keep) ** 0.5)
    if n < _BLOCKS_FROM or width < 4:
        return np.argpartition(scores, n - keep, axis=1)[:, n - keep :]
    blocks = n // width
    highest = scores[:, : width * blocks].reshape(r, width, blocks).max(axis=1)
    best = np.argpartition(highest, blocks - keep, axis=1)[:, blocks - keep :]
    inside = (best[:, None, :] + np.arange(0, width * blocks, blocks)[:, None]).reshape(r, -1)
    rest = np.broadcast_to(np.arange(width * blocks, n), (r, n - width * blocks))
    places = np.concatenate([inside, rest], axis=1)
    values = np.take_along_axis(scores, places, axis=1)
    order = np.argpartition(values, values.shape[1] - keep, axis=1)[:, values.shape[1] - keep :]
    return np.take_along_axis(places, order, axis=1)
