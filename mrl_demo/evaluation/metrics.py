"""Retrieval metrics, one value a query. Arrays in, arrays out; what is relevant is the caller's business.

All take `found`, (q, k) bool: whether the hit at each rank is relevant, best rank first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Found = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float64]


def found_in(keys: npt.NDArray[np.integer[Any]], truth: npt.NDArray[np.integer[Any]]) -> Found:
    """Whether each key (q, k) is among its query's true ones (q, t): (q, k) bool."""
    return np.asarray((keys[:, :, None] == truth[:, None, :]).any(axis=2))


def recall_at_k(found: Found, relevant: npt.ArrayLike) -> Values:
    """Relevant hits over how many could be found: hits / min(k, relevant), (q,) from 0 to 1.

    Args:
        relevant: how many relevant items the collection holds, one number or (q,); at least 1. With the exact
            top k as truth that is k, and this is the overlap of two rankings.
    """
    return np.asarray(found.sum(axis=1) / np.minimum(found.shape[1], _positive(relevant)))


def precision_at_k(found: Found) -> Values:
    """Relevant hits over k: (q,) from 0 to 1."""
    return np.asarray(found.mean(axis=1))


def map_at_k(found: Found, relevant: npt.ArrayLike | None = None) -> Values:
    """Average precision of the first k hits: (q,) from 0 to 1; its mean over queries is mAP@k.

    The sum of precision@i over the ranks i of relevant hits, divided by k as in the paper's tables (MRL,
    section 4.3). With `relevant` it is divided by min(k, relevant) instead, so that 1 can always be reached.
    """
    k = found.shape[1]
    precision = np.cumsum(found, axis=1) / np.arange(1, k + 1)
    best = k if relevant is None else np.minimum(k, _positive(relevant))
    return np.asarray((precision * found).sum(axis=1) / best)


def _positive(relevant: npt.ArrayLike) -> npt.NDArray[Any]:
    counts = np.asarray(relevant)
    if (counts < 1).any():
        raise ValueError("a query without any relevant item has no recall: leave it out")
    return counts
