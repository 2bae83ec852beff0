"""Exact retrieval by class, of many cascades in one pass: 1-NN accuracy, mAP@10 and the oracle (MRL, section
4.3).

The scores of a block of queries at every dim come from one product accumulated over the dims; a cascade of
any length then only looks them up. A database photo is relevant when it is of the query's class. NumPy alone;
knows vectors and labels, no models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mrl_demo.evaluation.metrics import map_at_k
from mrl_demo.evaluation.paper_figure import Bools, Floats, Ints
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.top_k import largest, ranked

K = 10
SHORTLIST = 200  # the paper's K
_SCORES_AT_ONCE = 2**26  # 256 MB

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Retrieved:
    """One value a query, (q,).

    Attributes:
        nearest: by dim of the flat cascades, whether the nearest neighbour is of the query's class.
        precision: by cascade, the average precision of its first 10, divided by 10 as in the paper.
        oracle: by dim of a shortlist of 200, the average precision of the best order it could be brought
            into, all relevant ones first: no re-ranking of that shortlist can do better.
    """

    nearest: dict[int, Bools]
    precision: dict[Cascade, Values]
    oracle: dict[int, Values]


def retrieve(
    database: Floats,
    classes: Ints,
    queries: Floats,
    asked: Ints,
    cascades: Sequence[Cascade],
    oracles: Sequence[int] = (),
) -> Retrieved:
    """Runs every cascade for every query.

    Args:
        database: (n, D) float32, need not be normalised; every stage ranks by cosine at its dim, which is the
            order of the paper's L2 distances of renormalised prefixes.
        classes: (n,) of the database, `asked` (q,) of the queries.
        queries: (q, D) float32.
        oracles: the dims whose shortlists are to be ordered by an oracle.

    Raises:
        ValueError: fewer than 10 items to find, or a shortlist of fewer.
    """
    if len(database) < K or any(length < K for cascade in cascades for length in cascade.shortlists):
        raise ValueError(f"mAP@{K} needs a database and shortlists of at least {K}")
    dims = sorted({dim for cascade in cascades for dim in cascade.dims} | set(oracles))
    flat = [cascade for cascade in cascades if len(cascade.dims) == 1]
    nearest: dict[int, list[Bools]] = {cascade.dims[0]: [] for cascade in flat}
    precision: dict[Cascade, list[Values]] = {cascade: [] for cascade in cascades}
    oracle: dict[int, list[Values]] = {dim: [] for dim in oracles}
    start = 0
    for scores in prefix_scores(database, queries, dims):
        stop = start + len(scores[dims[0]])
        wanted = asked[start:stop, None]
        shortlists = _Shortlists(scores)
        for cascade in cascades:
            found = classes[answer(shortlists, cascade)] == wanted
            precision[cascade].append(map_at_k(found))
            if len(cascade.dims) == 1:
                nearest[cascade.dims[0]].append(found[:, 0])
        for dim in oracles:
            relevant = (classes[shortlists.best(dim, SHORTLIST)] == wanted).sum(axis=1)
            oracle[dim].append(np.minimum(relevant, K) / K)
        start = stop
    return Retrieved(
        {dim: np.concatenate(parts) for dim, parts in nearest.items()},
        {cascade: np.concatenate(parts) for cascade, parts in precision.items()},
        {dim: np.concatenate(parts) for dim, parts in oracle.items()},
    )


def prefix_scores(database: Floats, queries: Floats, dims: Sequence[int]) -> Iterator[dict[int, Floats]]:
    """Block after block of the queries: by dim (b, n), the cosine at that dim times the query's length there,
    which orders as the cosine does."""
    columns = np.ascontiguousarray(database[:, : dims[-1]].T)  # a dim's numbers stand together
    spans = list(zip([0, *dims], dims, strict=False))
    squares = np.cumsum([np.square(columns[low:high]).sum(axis=0) for low, high in spans], axis=0)
    shrink = np.divide(1, np.sqrt(squares), out=np.zeros_like(squares), where=squares > 0)
    width = max(1, _SCORES_AT_ONCE // (len(database) * (len(dims) + 1)))
    for start in range(0, len(queries), width):
        block = queries[start : start + width]
        products = np.zeros((len(block), len(database)), np.float32)
        scores = {}
        for (low, high), scale in zip(spans, shrink, strict=True):
            products += block[:, low:high] @ columns[low:high]
            scores[high] = products * scale
        yield scores


class _Shortlists:
    """The best of each first stage, kept: cascades share them."""

    def __init__(self, scores: Mapping[int, Floats]) -> None:
        self.scores = scores
        self._best: dict[tuple[int, int], Ints] = {}

    def best(self, dim: int, count: int) -> Ints:
        """(b, count) keys in no order."""
        count = min(count, self.scores[dim].shape[1])
        if (dim, count) not in self._best:
            self._best[dim, count] = largest(self.scores[dim], count)
        return self._best[dim, count]


def answer(shortlists: _Shortlists, cascade: Cascade) -> Ints:
    """The first 10 of `cascade`, best first: (b, 10) keys. Every stage ranks by its own dim alone."""
    keys = shortlists.best(cascade.dims[0], [*cascade.shortlists, K][0])
    if len(cascade.dims) == 1:
        return _ranked(keys, shortlists.scores[cascade.dims[0]], K)
    for dim, keep in zip(cascade.dims[1:], [*cascade.shortlists[1:], K], strict=True):
        keys = _ranked(keys, shortlists.scores[dim], keep)
    return keys


def _ranked(keys: Ints, scores: Floats, keep: int) -> Ints:
    return ranked(keys, np.take_along_axis(scores, keys, axis=1), keep)[0]
