"""Which cascades are worth trying: shortlists as long as the ranks of the exact answer ask for, no longer.

Each candidate comes with the share of answers it should miss, told from the ranks. Knows ranks; measures
nothing, builds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mrl_demo.search.cascade import Cascade
from mrl_demo.search.hits import FirstStage, Keys, Kind

SHARES = (0.75, 0.5, 0.25, 0.1)
"""Of the misses that the target allows, a candidate is built to spend these: what holds on the queries that
selected it must hold on others with something to spare."""
FUNNEL_SHARE = 0.25
MOST = 2_000  # candidates re-ranked: beyond, gathering rows costs more than comparing all prefixes
_GRAPH_LEAST = 48  # a walk that looks for fewer gets lost


@dataclass(frozen=True)
class Candidate:
    """A way to search, and the share of exact answers it missed where it was selected."""

    cascade: Cascade
    first_stage: FirstStage
    missed: float


def shortlist(ranks: Keys, allowed: float) -> int:
    """The shortest shortlist that misses at most this share of the answers whose ranks are given."""
    ascending = np.sort(ranks, axis=None)
    kept = int(np.ceil((1 - allowed) * len(ascending) - 1e-9))
    return int(ascending[kept - 1]) + 1 if kept else 1


def scans(
    ranks: Mapping[int, Keys], kind: Kind, n: int, full_dim: int, allowed: float
) -> Iterator[Candidate]:
    """Compare everything at one dim ("exact" or "signs"), then re-rank: one candidate a dim and share.

    Args:
        ranks: dim -> (q, k), by the same comparison.
        allowed: the share of answers that the target allows to miss.
    """
    for dim, places in ranks.items():
        for share in SHARES:
            keep = max(shortlist(places, share * allowed), places.shape[1] + 1)
            if keep <= longest(n):
                yield _adaptive(FirstStage(kind), dim, full_dim, keep, float((places >= keep).mean()))


def funnels(
    candidate: Candidate, first: Keys, ranks: Mapping[int, Keys], n: int, allowed: float
) -> list[Candidate]:
    """A prefix between first stage and full dim, where it shortens the shortlist to less than half.

    Args:
        candidate: of two stages.
        first: (q, k) ranks by its first stage.
        ranks: dim -> (q, k) ranks by the prefixes; among a shortlist the rank can only be lower.
    """
    dim, full_dim = candidate.cascade.dims
    keep, most = shortlist(first, FUNNEL_SHARE * allowed / 2), longest(n)
    found = []
    for middle, places in ranks.items():
        if not dim < middle < full_dim:
            continue
        kept = np.where(first < keep, places, np.iinfo(np.int64).max - 1)
        pass_on = max(shortlist(kept, FUNNEL_SHARE * allowed), places.shape[1] + 1)
        if 2 * pass_on < keep <= most:
            cascade = Cascade.funnel((dim, middle, full_dim), (keep, pass_on))
            found.append(Candidate(cascade, candidate.first_stage, float((kept >= pass_on).mean())))
    return found


def walk(first_stage: FirstStage, dim: int, full_dim: int, places: Keys, allowed: float) -> Candidate | None:
    """A graph with its beam `ef`: the shortest part of what it found that suffices, None when all does not.

    Args:
        places: (q, k) ranks in the graph's own order, `ef` and more where it did not find an answer.
        allowed: the share it may miss, the share to spare already taken off.
    """
    keep = max(shortlist(places, allowed), places.shape[1] + 1)
    if keep > first_stage.ef:
        return None
    return _adaptive(first_stage, dim, full_dim, keep, float((places >= keep).mean()))


def graph_order(ranks: Mapping[int, Keys], n: int, allowed: float) -> list[int]:
    """The dims worth a graph, most promising first: how wide a beam the prefix asks for, times what a
    distance costs (fetching a vector, and adding up its numbers)."""
    widths = {dim: shortlist(places, SHARES[1] * allowed) for dim, places in ranks.items()}
    costs = {
        dim: max(width, _GRAPH_LEAST) * (1 + dim / 400)
        for dim, width in widths.items()
        if width <= longest(n)
    }
    return sorted(costs, key=lambda dim: costs[dim])


def longest(n: int) -> int:
    """The longest shortlist worth trying in a collection of `n`."""
    return max(min(n // 4, MOST), 1)


def _adaptive(first_stage: FirstStage, dim: int, full_dim: int, keep: int, missed: float) -> Candidate:
    if dim < full_dim:
        return Candidate(Cascade.adaptive(dim, full_dim, keep), first_stage, missed)
    # Nothing to re-rank at: the first stage itself compares as many as it found by their cosines.
    ef = 0 if first_stage.kind == "exact" else max(keep, first_stage.ef)
    return Candidate(Cascade.flat(full_dim), FirstStage(first_stage.kind, first_stage.dtype, ef), missed)
