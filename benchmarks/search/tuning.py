"""Which setting of an engine holds a recall, found on queries that are not timed.

An engine has one or more families of settings, each ascending in recall. In each family the first setting
whose mean recall less one standard error holds the target is taken; of the families, the one that costs the
least CPU time. The same rule for all engines.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.search.adapter import Adapter, Floats, Keys, Setting

BATCH = 64


def choose(
    adapter: Adapter, recalls: Recalls, queries: Floats, targets: Sequence[float], costed: int = 100
) -> dict[float, Setting | None]:
    """The cheapest setting that holds each target; None where no setting does.

    Args:
        recalls: on queries for choosing only.
        queries: (q, dim), of which the first `costed` decide between families, one by one.
    """
    chosen: dict[float, Setting | None] = {}
    costs: dict[Setting, float] = {}
    for target in targets:
        holding = [found for family in adapter.settings if (found := _first(recalls, family, target))]
        if len(holding) > 1:
            for setting in holding:
                if setting not in costs:
                    costs[setting] = _cost(adapter, setting, queries[:costed])
        chosen[target] = min(holding, key=lambda setting: costs.get(setting, 0.0), default=None)
    return chosen


class Recalls:
    """Recall of an adapter at a setting, each measured once."""

    def __init__(self, adapter: Adapter, queries: Floats, truth: Keys) -> None:
        self._adapter, self._queries, self._truth = adapter, queries, truth
        self._known: dict[Setting, npt.NDArray[np.float64]] = {}
        places: Any = getattr(adapter, "places", lambda *_: None)
        self._places: Keys | None = places(queries, truth)

    def each(self, setting: Setting) -> npt.NDArray[np.float64]:
        """Recall of every query, (q,)."""
        if setting not in self._known:
            if self._places is not None:
                self._known[setting] = (self._places < setting[-1]).mean(axis=1)
            else:
                found = search_all(self._adapter, setting, self._queries)
                there = (found[:, :, None] == self._truth[:, None, :]).any(axis=1)
                self._known[setting] = there.mean(axis=1)
        return self._known[setting]

    def mean(self, setting: Setting) -> float:
        return round(float(self.each(setting).mean()), 4)

    def safe(self, setting: Setting) -> float:
        """Mean recall less one standard error."""
        each = self.each(setting)
        return round(float(each.mean() - each.std(ddof=1) / len(each) ** 0.5), 9)


def search_all(adapter: Adapter, setting: Setting, queries: Floats) -> Keys:
    """Keys of all queries, in batches: (q, K)."""
    adapter.set(setting)
    parts = [adapter.search_batch(queries[start : start + BATCH]) for start in range(0, len(queries), BATCH)]
    return np.concatenate(parts)


def _first(recalls: Recalls, family: Sequence[Setting], target: float) -> Setting | None:
    """The first of an ascending family that holds the target: widening steps, then bisection."""
    low, high, step = -1, 0, 1  # the last one known to fall short, and the one looked at
    while recalls.safe(family[high]) < target:
        if high == len(family) - 1:
            return None
        low, high, step = high, min(high + step, len(family) - 1), 2 * step
    while high - low > 1:
        middle = (low + high) // 2
        if recalls.safe(family[middle]) >= target:
            high = middle
        else:
            low = middle
    return family[high]


def _cost(adapter: Adapter, setting: Setting, queries: Floats) -> float:
    """Median CPU seconds of one query."""
    adapter.set(setting)
    taken = []
    for query in queries:
        started = time.process_time()
        adapter.search(query)
        taken.append(time.process_time() - started)
    return float(np.median(taken))
