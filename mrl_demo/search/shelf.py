"""An engine under its users' keys: some of its rows may have been removed, and keys are any whole numbers.

A value: removing gives another shelf over the same engine. Knows no files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import FirstStage, Hits, Keys, Mask


class Shelf:
    """Rows of an engine, their keys, and which of them are still there. Safe to use from many threads.

    Args:
        keys: (n,) int64, the key of each row; None: rows are numbered from `first`.
        alive: (n,) bool, False for removed rows; None for none.
        first: the number of the engine's first row within the store.
    """

    def __init__(
        self, engine: Engine, keys: Keys | None = None, alive: Mask | None = None, first: int = 0
    ) -> None:
        self.engine, self.first = engine, first
        self._keys = keys
        self.alive = None if alive is None or alive.all() else alive
        self.count = engine.n if self.alive is None else int(np.count_nonzero(self.alive))

    def keys_of(self, rows: Keys) -> Keys:
        """The keys of rows of the engine, any shape."""
        if self._keys is not None:
            return self._keys[rows]
        return rows + self.first if self.first else rows

    @property
    def keys(self) -> Keys:
        """The keys of all rows that are there: (count,) int64, in order of row."""
        rows = np.arange(self.engine.n) if self.alive is None else np.flatnonzero(self.alive)
        return self.keys_of(rows)

    def rows_of(self, keys: Keys) -> Keys:
        """The row of each key, -1 where there is none or it was removed: the shape of `keys`."""
        if self._keys is None:
            rows = np.where((keys >= self.first) & (keys < self.first + self.engine.n), keys - self.first, -1)
        else:
            known, places = self._by_key
            if len(known) == 0:
                return np.full(keys.shape, -1)
            found = np.minimum(np.searchsorted(known, keys), len(known) - 1)
            rows = np.where(known[found] == keys, places[found], -1)
        if self.alive is not None:
            rows = np.where((rows >= 0) & self.alive[rows], rows, -1)
        return rows

    @cached_property
    def _by_key(self) -> tuple[Keys, Keys]:
        """The keys of the rows that are there, ascending, and the row of each.

        Carried along when rows are removed (`alive` is asked as well), so that it is sorted once.
        """
        rows = np.arange(self.engine.n) if self.alive is None else np.flatnonzero(self.alive)
        keys = self.keys_of(rows)
        order = np.argsort(keys)
        return keys[order], rows[order]

    def masked(self, alive: Mask | None) -> Shelf:
        """The same rows, fewer of which are still there."""
        rest = Shelf(self.engine, self._keys, alive, self.first)
        if "_by_key" in self.__dict__:
            rest.__dict__["_by_key"] = self._by_key
        return rest

    def search(self, query: npt.ArrayLike, cascade: Cascade, k: int, first: FirstStage) -> Hits:
        """`Engine.search` in keys; fewer than `k` hits where fewer are there."""
        return self._in_keys(self.engine.search(query, cascade, min(k, self.engine.n), first, self.alive))

    def rank_at(self, query: npt.ArrayLike, dims: Sequence[int], k: int) -> list[Hits]:
        """`Engine.rank_at` in keys; fewer than `k` hits where fewer are there."""
        found = self.engine.rank_at(query, dims, min(k, self.engine.n), self.alive)
        return [self._in_keys(hits) for hits in found]

    def _in_keys(self, hits: Hits) -> Hits:
        if self._keys is None and not self.first:
            return hits
        translated: Callable[[Keys], Keys] = self.keys_of
        stages = tuple(replace(stage, keys=translated(stage.keys)) for stage in hits.stages)
        return merged([Hits(translated(hits.keys), hits.scores, stages)], len(hits))


def merged(several: Sequence[Hits], k: int) -> Hits:
    """The best `k` of several answers over different items, equal scores in order of key.

    The stages are those of the first answer, then those of the next.
    """
    keys = np.concatenate([hits.keys for hits in several], axis=-1)
    scores = np.concatenate([hits.scores for hits in several], axis=-1)
    order = np.lexsort((keys, -scores), axis=-1)[..., :k]
    return Hits(
        np.take_along_axis(keys, order, axis=-1),
        np.take_along_axis(scores, order, axis=-1),
        tuple(stage for hits in several for stage in hits.stages),
    )
