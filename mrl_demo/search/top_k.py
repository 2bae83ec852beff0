"""The best k of many scores without sorting them all, and k in their final order. Knows numbers only."""

from __future__ import annotations

import numpy as np

from mrl_demo.search.hits import Floats, Keys

_BLOCKS_FROM = 8_000  # below this many scores a plain partition is as fast as looking at blocks first


def largest(scores: Floats, keep: int) -> Keys:
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


def ranked(keys: Keys, scores: Floats, keep: int) -> tuple[Keys, Floats]:
    """The best `keep` of the last axis, best first, equal scores by key: (..., s) -> two of (..., keep)."""
    if len(scores) == 1 and scores.ndim == 2:  # one query: plain indexing is several times faster
        row = np.lexsort((keys[0], -scores[0]))[:keep]
        return keys[:, row], scores[:, row]
    order = np.lexsort((keys, -scores), axis=-1)[..., :keep]
    return np.take_along_axis(keys, order, axis=-1), np.take_along_axis(scores, order, axis=-1)
