"""Where the exact answer stands in a shorter comparison's order: what a prefix, or its sign bits, are worth.

If an answer stands at rank 37 of the 64-dim order, every shortlist of 38 and more keeps it. So one pass of
matrix products over the collection tells the recall of every shortlist at every dim, and nothing has to be
built for it. Knows vectors; neither graphs nor time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np

from mrl_demo.search.hits import Floats, Keys
from mrl_demo.search.rerank import Rows
from mrl_demo.search.sample import Sample
from mrl_demo.search.threads import CORES, cuts, share

Compared = Literal["prefix", "signs"]
_SCORES = 1 << 21  # numbers of a block of scores: stays in the cache
_SHARED_FROM = 20_000  # rows from which threads share the work


def ranks(
    rows: Rows,
    sample: Sample,
    dims: Sequence[int],
    compared: Compared = "prefix",
    most: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[int, Keys]:
    """The rank of each exact answer among all rows but the query's own, equal scores in order of key.

    Args:
        dims: strictly ascending, each from 1 to full_dim.
        compared: renormalised prefixes by cosine, or the signs of their numbers by Hamming distance.
        most: ranks beyond this may come out as any number beyond it: who asks for shortlists no longer than
            that need not wait for the rest to be counted.
        progress: called with (done, total), in rows.

    Returns:
        dim -> (q, k) int64, 0 for the nearest of all.
    """
    targets = _target_scores(rows, sample, dims, compared)
    most = rows.n if most is None else most
    step = max(256, _SCORES // len(sample))
    parts = CORES if rows.n >= _SHARED_FROM else 1
    bounds = cuts(rows.n, parts, step)

    def count(part: int) -> list[Keys]:
        counts = [np.zeros(sample.truth.shape, np.int64) for _ in dims]
        for start in range(bounds[part], bounds[part + 1], step):
            stop = min(start + step, bounds[part + 1])
            block = rows.block(start, stop, dims[-1])
            for index, (dim, scores) in enumerate(_scores(sample.queries, block, dims, compared)):
                _count_ahead(scores, start, targets[dim], sample, counts[index], most)
            if part == 0:  # the others keep pace
                progress(stop, bounds[1])
        return counts

    counted = share(count, parts)
    return {dim: np.sum([counts[index] for counts in counted], axis=0) for index, dim in enumerate(dims)}


def _scores(
    queries: Floats, rows: Floats, dims: Sequence[int], compared: Compared
) -> Iterator[tuple[int, Floats]]:
    """Each dim with its scores, (q, m), up to a factor of the query; each dim adds its own numbers only."""
    if compared == "signs":
        queries, rows = _signs(queries), _signs(rows)
    products = np.zeros((len(queries), len(rows)), np.float32)
    squares = np.zeros(len(rows), np.float32)
    for before, dim in zip([0, *dims], dims, strict=False):
        added = rows[:, before:dim]
        products += queries[:, before:dim] @ added.T
        if compared == "signs":
            yield dim, products
            continue
        squares += np.vecdot(added, added)
        lengths = np.sqrt(squares)
        yield dim, products * np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)


def _target_scores(rows: Rows, sample: Sample, dims: Sequence[int], compared: Compared) -> dict[int, Floats]:
    """The scores of the exact answers themselves: dim -> (q, k)."""
    found = {dim: np.empty(sample.truth.shape, np.float32) for dim in dims}
    for index, keys in enumerate(sample.truth.tolist()):
        answers = np.concatenate([rows.block(key, key + 1, dims[-1]) for key in keys])
        for dim, scores in _scores(sample.queries[index : index + 1], answers, dims, compared):
            found[dim][index] = scores[0]
    return found


def _count_ahead(
    scores: Floats, start: int, targets: Floats, sample: Sample, counts: Keys, most: int
) -> None:
    """Add to `counts` (q, k) how many rows of this block stand before each answer."""
    lowest = np.where(counts <= most, targets, np.inf).min(axis=1, keepdims=True)
    query, place = np.divmod(np.flatnonzero(scores >= lowest), scores.shape[1])
    near, keys = scores[query, place], place + start
    others = keys != sample.own[query]
    for answer in range(counts.shape[1]):
        target, key = targets[query, answer], sample.truth[query, answer]
        ahead = (near > target) | ((near == target) & (keys < key))
        ahead &= others & (keys != key)
        counts[:, answer] += np.bincount(query[ahead], minlength=len(counts))


def _signs(numbers: Floats) -> Floats:
    return np.where(numbers > 0, np.float32(1), np.float32(-1))
