"""Candidates: the shortest shortlists that keep enough, and nothing that is not worth trying."""

from __future__ import annotations

import numpy as np

from mrl_demo.search.candidates import Candidate, funnels, graph_order, scans, shortlist, walk
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.hits import FirstStage

RANKS = np.array([[0, 1, 2, 30], [0, 1, 5, 90]])


def test_the_shortest_shortlist_that_misses_no_more_than_allowed():
    assert shortlist(RANKS, 0) == 91
    assert shortlist(RANKS, 1 / 8) == 31
    assert shortlist(RANKS, 0.24) == 31
    assert shortlist(RANKS, 2 / 8) == 6
    assert shortlist(RANKS, 1) == 1


def test_a_scan_is_tried_at_every_dim_where_the_shortlist_stays_short():
    ranks = {8: RANKS * 1000, 64: RANKS}
    found = list(scans(ranks, "signs", n=1000, full_dim=512, allowed=0.5))
    assert {candidate.cascade.dims for candidate in found} == {(64, 512)}
    assert [candidate.cascade.shortlists for candidate in found] == [(5,), (6,), (31,), (91,)]
    assert [candidate.missed for candidate in found] == [3 / 8, 2 / 8, 1 / 8, 0]
    assert {candidate.first_stage.kind for candidate in found} == {"signs"}


def test_signs_of_every_dim_are_followed_by_cosines_without_another_stage():
    (least, *_) = scans({512: RANKS}, "signs", n=1000, full_dim=512, allowed=0.5)
    assert least.cascade == Cascade.flat(512) and least.first_stage.ef == 5


def test_a_funnel_is_tried_where_a_prefix_between_halves_the_shortlist():
    ranks = {8: RANKS * 10, 64: RANKS, 512: np.zeros_like(RANKS)}
    start = Candidate(Cascade.adaptive(8, 512, 900), FirstStage("exact"), 0)
    (found,) = funnels(start, ranks[8], ranks, n=10_000, allowed=1.0)
    assert found.cascade == Cascade.funnel((8, 64, 512), (301, 6))
    assert found.missed == 2 / 8
    as_bad = {8: ranks[8], 64: np.full_like(RANKS, 300)}
    assert funnels(start, ranks[8], as_bad, n=10_000, allowed=1.0) == []


def test_a_walk_keeps_what_suffices_or_is_no_candidate():
    stage = FirstStage("hnsw", "i8", 64)
    found = walk(stage, 32, 512, RANKS, 1 / 8)
    assert found == Candidate(Cascade.adaptive(32, 512, 31), stage, 1 / 8)
    assert walk(stage, 32, 512, RANKS, 0) is None


def test_graphs_are_tried_where_prefixes_are_short_and_say_enough():
    good, bad = np.full((4, 10), 30), np.full((4, 10), 400)
    assert graph_order({8: bad * 100, 32: bad, 64: good, 512: good}, n=10_000, allowed=0.01) == [64, 512, 32]
