"""A dim between the nested ones: drawn in every gap, with what lies between its neighbours."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mrl_demo.training.between import draw_between, with_dim

DIMS = (8, 16, 32, 33, 128)


@given(st.integers(0, 10_000))
def test_a_drawn_dim_lies_between_and_is_not_nested(seed: int) -> None:
    drawn = draw_between(DIMS, random.Random(seed))
    assert drawn is not None and DIMS[0] < drawn < DIMS[-1] and drawn not in DIMS


def test_every_gap_is_as_likely_and_without_gaps_there_is_none() -> None:
    rng = random.Random(0)
    found = Counter(draw_between(DIMS, rng) for _ in range(3000))
    gaps = [sum(found[dim] for dim in range(low, high)) for low, high in ((8, 16), (16, 32), (33, 128))]
    assert sum(gaps) == 3000 and all(900 < gap < 1100 for gap in gaps)
    assert draw_between((1, 2, 3), rng) is None and draw_between((8,), rng) is None


def test_it_takes_its_place_with_what_lies_between_its_neighbours() -> None:
    logs, weights = torch.tensor([-1.0, -2.0, -4.0], requires_grad=True), torch.tensor([2.0, 1.0, 1.0])
    dims, all_logs, all_weights = with_dim(32, (8, 16, 64), logs, weights)
    assert dims == (8, 16, 32, 64)
    assert all_logs.tolist() == pytest.approx([-1, -2, -3, -4]) and all_weights is not None
    assert all_weights.tolist() == pytest.approx([2, 1, 1, 1])
    all_logs[2].backward()  # type: ignore[no-untyped-call]
    assert logs.grad is not None and logs.grad.tolist() == pytest.approx([0, 0.5, 0.5])
    dims, all_logs, none = with_dim(12, (8, 16, 64), logs, None)
    assert dims == (8, 12, 16, 64) and none is None
    assert float(all_logs[1].detach()) == pytest.approx(-1 - math.log2(12 / 8))
