"""Where an exact answer fell out of a cascade: at which stage, and at what rank it stood there.

Knows one query and what its search gave back; neither pages nor words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import Hits, Keys, Mask
from mrl_demo.search.query import Queries
from mrl_demo.search.ranks import Compared

_BLOCK = 16_384  # rows compared at once


@dataclass(frozen=True)
class Fall:
    """One answer that a cascade lost.

    Attributes:
        key: its row number.
        stage: which of `hits.stages` did not hand it on, 0 for the first.
        rank: where it stood among what that stage chose from, 1 for the best.
        overlooked: an approximate first stage did not see it, though its rank was good enough.
    """

    key: int
    stage: int
    rank: int
    overlooked: bool


def standings(
    engine: Engine,
    query: npt.ArrayLike,
    keys: Sequence[int] | Keys,
    dims: Sequence[int],
    compared: Compared = "prefix",
    where: Mask | None = None,
) -> dict[int, Keys]:
    """The rank of each of a few items at each of many dims, in one pass over the matrix.

    Args:
        query: (full_dim,).
        keys: (m,) row numbers, which `where` leaves.
        dims: strictly ascending.
        compared: by the cosine of prefixes, or by how many sign bits agree.
        where: (n,) bool, the items that are ranked; None for all.

    Returns:
        dim -> (m,) int64, 1 for the best; of equal scores the smaller key stands first. Two items whose
        cosines differ by less than rounding may swap.
    """
    asked = Queries.read(query, engine.full_dim)
    keys = np.asarray(keys, np.int64)
    signs = compared == "signs"
    vector = np.where(asked.vectors[0] > 0, np.float32(1), np.float32(-1)) if signs else asked.vectors[0]
    targets = {dim: _scores_of(engine, vector, keys, dim, signs) for dim in dims}
    found = {dim: np.ones(len(keys), np.int64) for dim in dims}
    for start in range(0, engine.n, _BLOCK):
        stop = min(start + _BLOCK, engine.n)
        numbers = np.arange(start, stop)
        ranked = None if where is None else where[start:stop]
        rows = engine.rows.block(start, stop, dims[-1])
        products = np.zeros(stop - start, np.float32)
        for before, dim in zip([0, *dims], dims, strict=False):
            added = rows[:, before:dim]
            if signs:
                products = products + np.where(added > 0, np.float32(1), np.float32(-1)) @ vector[before:dim]
                scores = products
            else:
                products = products + added @ vector[before:dim]
                scores = products * engine.rows.inverse_lengths(dim)[start:stop]
            for index, (key, target) in enumerate(zip(keys.tolist(), targets[dim], strict=True)):
                ahead = (scores > target) | ((scores == target) & (numbers < key))
                if start <= key < stop:
                    ahead[key - start] = False
                found[dim][index] += np.count_nonzero(ahead if ranked is None else ahead & ranked)
    return found


def _scores_of(
    engine: Engine, vector: npt.NDArray[np.float32], keys: Keys, dim: int, signs: bool
) -> npt.NDArray[np.float32]:
    rows = np.concatenate([engine.rows.block(key, key + 1, dim) for key in keys.tolist()])
    if signs:
        agreed: npt.NDArray[np.float32] = np.where(rows > 0, np.float32(1), np.float32(-1)) @ vector[:dim]
        return agreed
    scores: npt.NDArray[np.float32] = (rows @ vector[:dim]) * engine.rows.inverse_lengths(dim)[keys]
    return scores


def falls(
    engine: Engine,
    query: npt.ArrayLike,
    hits: Hits,
    truth: Sequence[int] | Keys,
    standing: Sequence[int] | Keys,
) -> list[Fall]:
    """What became of those of `truth` that `hits` lack.

    Args:
        query: (full_dim,), that was searched.
        hits: what the cascade found for it.
        truth: (m,) row numbers of the exact answer.
        standing: (m,) their ranks at the first stage's dim, of `standings`: by signs where sign bits handed
            a shortlist on, else by cosine.

    Returns:
        One `Fall` a lost answer, in the order of `truth`.
    """
    survivors = [set(stage.keys.tolist()) for stage in hits.stages]
    lost = []
    for key, rank in zip(np.asarray(truth).tolist(), np.asarray(standing).tolist(), strict=True):
        index = next((index for index, kept in enumerate(survivors) if key not in kept), None)
        if index is None:
            continue
        stage = hits.stages[index]
        if index > 0:
            rank = _rank_among(engine, query, hits.stages[index - 1].keys, stage.dim, key)
        overlooked = index == 0 and stage.first_stage != "exact" and rank <= stage.kept
        # Of two that are equal but for rounding, the search had the last word.
        lost.append(Fall(key, index, rank if overlooked else max(rank, stage.kept + 1), overlooked))
    return lost


def _rank_among(engine: Engine, query: npt.ArrayLike, shortlist: Keys, dim: int, key: int) -> int:
    asked = Queries.read(query, engine.full_dim)
    order, _ = engine.rows.best(asked, shortlist[None], dim, len(shortlist))
    return int(np.flatnonzero(order[0] == key)[0]) + 1
