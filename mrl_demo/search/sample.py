"""The questions a plan is judged by: queries with their exact answers, taken from the collection or given.

Knows an engine and its exact search; not what the answers are for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mrl_demo.errors import QueryError
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import Floats, Hits, Keys

_ROUNDING = np.float32(1e-6)  # of a cosine: another device may add in another order
_AT_ONCE = 250  # queries searched exactly together, so that progress can be told


@dataclass(frozen=True)
class Sample:
    """Queries and what the exact search at full_dim answers.

    Attributes:
        queries: (q, full_dim) float32.
        own: (q,) int64: the row a query is a copy of, left out of its answer; -1 where it is none.
        truth: (q, k) int64, the exact answer, best first.
        scores: (q, k) float32, its cosines.
    """

    queries: Floats
    own: Keys
    truth: Keys
    scores: Floats

    def __len__(self) -> int:
        return len(self.queries)

    @property
    def k(self) -> int:
        return int(self.truth.shape[1])

    @property
    def spare(self) -> int:
        """How many more a search has to be asked for, so that k are left without the query itself."""
        return int(np.any(self.own >= 0))

    def part(self, start: int, stop: int | None) -> Sample:
        """Queries start..stop."""
        each = slice(start, stop)
        return Sample(self.queries[each], self.own[each], self.truth[each], self.scores[each])

    def recalls(self, hits: Hits) -> npt.NDArray[np.float64]:
        """The share of each answer that `hits` of k + spare items found: (q,).

        By cosine, so that an item as near as the k-th of the exact answer counts, whichever of equals it is.
        """
        others = hits.keys != self.own[:, None]
        near = others & (hits.scores >= self.scores[:, -1:] - _ROUNDING)
        found: npt.NDArray[np.float64] = np.minimum(near.sum(axis=1), self.k) / self.k
        return found

    def ranks(self, keys: Keys) -> Keys:
        """Where the exact answers stand in proposals: (q, m) best first -> (q, k), m where one is missing."""
        others = keys != self.own[:, None]
        place = np.cumsum(others, axis=1) - 1
        there = keys[:, None, :] == self.truth[:, :, None]
        found = np.take_along_axis(place, there.argmax(axis=2), axis=1)
        return np.where(there.any(axis=2), found, keys.shape[1]).astype(np.int64)


def draw(engine: Engine, count: int, seed: int) -> tuple[Floats, Keys]:
    """`count` rows of the collection as queries, in random order: (count, full_dim) float32, and their row
    numbers. Rows of nothing but zeros are passed over; fewer come back where there are not as many."""
    order = np.random.default_rng(seed).permutation(engine.n)[: 2 * count].astype(np.int64)
    order = order[engine.rows.inverse_lengths(engine.full_dim)[order] > 0][:count]
    if len(order) == 0:
        raise QueryError("the collection holds hardly any vector but zeros: there is nothing to plan for")
    rows = [engine.rows.block(key, key + 1, engine.full_dim) for key in order.tolist()]
    return np.concatenate(rows), order


def answer(engine: Engine, queries: npt.ArrayLike, own: Keys | None, k: int) -> Sample:
    """The exact answers to `queries`, (q, full_dim) numbers. QueryError for what cannot be searched."""
    asked = np.asarray(queries)
    own = np.full(len(asked), -1, np.int64) if own is None else own
    spare = int(np.any(own >= 0))
    full = Cascade.flat(engine.full_dim)
    keys, scores = [], []
    for start in range(0, len(asked), _AT_ONCE):
        hits = engine.search(asked[start : start + _AT_ONCE], full, k + spare)
        keep = hits.keys != own[start : start + _AT_ONCE, None]
        order = np.argsort(~keep, axis=1, kind="stable")[:, :k]  # the query itself goes last
        keys.append(np.take_along_axis(hits.keys, order, axis=1))
        scores.append(np.take_along_axis(hits.scores, order, axis=1))
    return Sample(asked.astype(np.float32), own, np.concatenate(keys), np.concatenate(scores))
