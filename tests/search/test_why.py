"""What a plan says of its choice agrees with the figures that stand beside it."""

from __future__ import annotations

import numpy as np
import pytest

from mrl_demo.search.cascade import Cascade
from mrl_demo.search.hits import FirstStage
from mrl_demo.search.plan import Option
from mrl_demo.search.sample import Sample
from mrl_demo.search.why import explain

HELD_OUT = Sample(
    np.zeros((4, 8), np.float32), np.full(4, -1), np.zeros((4, 2), np.int64), np.ones((4, 2), np.float32)
)


def option(cascade: Cascade, seconds: float, kept: float, bound: float = 0.99) -> Option:
    return Option(cascade, FirstStage("exact"), 1.0, bound, seconds, kept, 100, True)


EXACT = option(Cascade.flat(8), 0.009, 0.0, bound=1.0)
QUICK = option(Cascade.adaptive(4, 8, 20), 0.00100, 64.0)
RANKS = {4: np.zeros((4, 2), np.int64)}
SMALL = option(Cascade.adaptive(2, 8, 30), 0.00104, 16.0)


@pytest.mark.parametrize("chosen", [QUICK, SMALL])
def test_only_the_fastest_way_is_called_the_fastest(chosen: Option) -> None:
    said = explain(chosen, [QUICK, SMALL, EXACT], RANKS, 100, HELD_OUT, 0.9, 0.95, None)
    assert (f"the fastest is {chosen}" in said[1]) == (chosen is QUICK)
    assert ("keeps fewer bytes" in said[1]) == (chosen is SMALL)
    assert "within" not in said[1]
    assert said[1].startswith("3 of 3 measured ways hold 0.9") and str(QUICK) in said[1]


def test_a_limit_of_bytes_is_named_where_it_kept_something_out() -> None:
    said = explain(SMALL, [QUICK, SMALL, EXACT], RANKS, 100, HELD_OUT, 0.9, 0.95, 20)
    assert f"the fastest within 20 bytes a vector is {SMALL}" in said[1] and str(QUICK) not in said[1]
