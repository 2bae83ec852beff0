"""Dims between the nested ones: one of every gap, with what lies between its neighbours."""

from __future__ import annotations

import math
import random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mrl_demo.training.between import draw_between, with_dims


@given(st.integers(0, 10_000))
def test_every_gap_gives_a_dim_and_none_is_nested(seed: int) -> None:
    one, two, three = draw_between((8, 16, 32, 33, 128), random.Random(seed))
    assert 8 < one < 16 < two < 32 and 33 < three < 128


def test_every_dim_of_a_gap_is_drawn_and_without_gaps_there_is_none() -> None:
    rng = random.Random(0)
    assert {draw_between((8, 12), rng)[0] for _ in range(100)} == {9, 10, 11}
    assert draw_between((1, 2, 3), rng) == [] and draw_between((8,), rng) == []


def test_drawn_dims_take_their_place_with_what_lies_between_their_neighbours() -> None:
    logs, weights = torch.tensor([-1.0, -2.0, -4.0], requires_grad=True), torch.tensor([2.0, 1.0, 1.0])
    dims, all_logs, all_weights = with_dims([12, 32], (8, 16, 64), logs, weights)
    assert dims == (8, 12, 16, 32, 64) and all_weights is not None
    share = math.log2(12 / 8)
    assert all_logs.tolist() == pytest.approx([-1, -1 - share, -2, -3, -4], abs=1e-6)
    assert all_weights.tolist() == pytest.approx([2, 2 - share, 1, 1, 1], abs=1e-6)
    all_logs[3].backward()  # type: ignore[no-untyped-call]
    assert logs.grad is not None and logs.grad.tolist() == pytest.approx([0, 0.5, 0.5], abs=1e-6)


def test_nothing_drawn_changes_nothing() -> None:
    dims, logs, weights = with_dims([], (8, 16), torch.tensor([-1.0, -2.0]), None)
    assert dims == (8, 16) and logs.tolist() == [-1, -2] and weights is None
