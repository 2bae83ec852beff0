"""Adaptive classification on hand-made answers: where it stops, what it costs, what the thresholds learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mrl_demo.evaluation.adaptive_classification import (
    Said,
    curve,
    fixed,
    learn_thresholds,
    measure,
    never_stop,
    over_splits,
    stops,
)

# Three dims, four pictures of class 1, 1, 0, 0. The smallest dim is right where it is sure.
HAND = Said(
    (8, 16, 32),
    np.array([[1, 0, 0, 1], [1, 1, 0, 1], [1, 1, 0, 0]]),
    np.array([[0.9, 0.4, 0.8, 0.3], [0.9, 0.7, 0.9, 0.5], [0.95, 0.9, 0.9, 0.9]]),
)
LABELS = np.array([1, 1, 0, 0])


def test_it_stops_at_the_first_dim_that_is_sure_enough() -> None:
    assert stops(HAND, [0.8, 0.6]).tolist() == [0, 1, 0, 2]
    assert stops(HAND, [0.0, 0.0]).tolist() == [0, 0, 0, 0]
    assert stops(HAND, [2.0, 2.0]).tolist() == [2, 2, 2, 2]


def test_accuracy_and_both_ways_to_count_the_dims() -> None:
    point = measure(HAND, LABELS, [0.8, 0.6])
    assert point.accuracy == 1.0
    assert point.last_dim == (8 + 16 + 8 + 32) / 4
    assert point.all_dims == (8 + 24 + 8 + 56) / 4


def test_the_learned_thresholds_are_the_smallest_that_are_best() -> None:
    thresholds = learn_thresholds(HAND, LABELS)
    assert 0.4 < thresholds[0] <= 0.41  # above the unsure wrong answer at 0.4, below the right one at 0.8
    assert 0.5 < thresholds[1] <= 0.51
    assert measure(HAND, LABELS, thresholds).accuracy == 1.0


def test_each_dim_alone_is_a_point() -> None:
    assert [(point.accuracy, point.last_dim) for point in fixed(HAND, LABELS)] == [
        (0.5, 8),
        (0.75, 16),
        (1.0, 32),
    ]


def said(seed: int, n: int = 60) -> tuple[Said, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, n)
    right = rng.random((3, n)) < np.array([[0.5], [0.7], [0.9]])
    answers = np.where(right, labels, (labels + 1) % 3)
    return Said((8, 16, 32), answers, np.clip(0.4 * right + rng.random((3, n)) * 0.6, 0, 1)), labels


@given(seed=st.integers(0, 500))
@settings(max_examples=30, deadline=None)
def test_never_sure_is_the_largest_dim_and_always_sure_the_smallest(seed: int) -> None:
    answers, labels = said(seed)
    alone = fixed(answers, labels)
    ends = curve(answers, labels, 5)
    assert ends[0][1].accuracy == alone[0].accuracy and ends[0][1].last_dim == 8
    assert ends[-1][1].accuracy == alone[-1].accuracy and ends[-1][1].last_dim == 32
    dims = [point.last_dim for _, point in ends]
    assert dims == sorted(dims)


def test_splits_differ_and_depend_on_the_seed_alone() -> None:
    answers, labels = said(1, 400)
    points = over_splits(answers, labels, splits=5, seed=3)
    assert points == over_splits(answers, labels, splits=5, seed=3)
    assert len({point.last_dim for point in points}) > 1
    assert all(8 <= point.last_dim <= 32 and point.last_dim <= point.all_dims for point in points)
    assert np.mean([point.accuracy for point in points]) > fixed(answers, labels)[1].accuracy


def test_halves_are_alike_however_thresholds_are_learned() -> None:
    answers, labels = said(1, 400)
    full = over_splits(answers, labels, splits=5, seed=3, learn=never_stop)
    halves = [np.random.default_rng(3).permutation(400)[200:]]
    assert {point.last_dim for point in full} == {32}
    assert full[0].accuracy == (answers.answers[-1] == labels)[halves[0]].mean()


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="3 dims need 2 thresholds"):
        stops(HAND, [0.5])
    with pytest.raises(ValueError, match="dims must grow"):
        Said((8, 8), HAND.answers[:2], HAND.confidences[:2])
    with pytest.raises(ValueError, match=r"\(3, n\)"):
        Said((8, 16, 32), HAND.answers[:2], HAND.confidences)


def test_a_single_dim_has_nothing_to_decide_and_gives_the_same_everywhere() -> None:
    alone = Said((32,), HAND.answers[2:], HAND.confidences[2:])
    points = curve(alone, LABELS, 5)
    assert len(points) == 5 and {point for _, point in points} == {*fixed(alone, LABELS)}
    assert learn_thresholds(alone, LABELS).shape == (0,)
    assert {point.last_dim for point in over_splits(alone, LABELS, splits=3)} == {32}


def test_one_picture_has_no_halves() -> None:
    one = HAND.of(np.array([0]))
    with pytest.raises(ValueError, match=r"need two pictures or more, .* got 1"):
        over_splits(one, LABELS[:1])
