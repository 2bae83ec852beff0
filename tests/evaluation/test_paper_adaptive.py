"""Adaptive classification of a made-up model."""

from __future__ import annotations

import numpy as np

from mrl_demo.evaluation.adaptive_classification import Said, learn_thresholds, measure
from mrl_demo.evaluation.paper_adaptive import keeping, of_run, said_by
from tests.evaluation.made_runs import data, run


def test_thresholds_of_zero_stop_at_the_smallest_dim_always() -> None:
    said, labels = said_by(run()), data().held_out
    point = measure(said, labels, [0, 0])
    assert point.last_dim == point.all_dims == 8
    assert point.accuracy == (said.answers[0] == labels).mean()


def test_confidences_are_softmax_of_the_heads() -> None:
    made = run()
    said = said_by(made)
    logits = made.heads[16].logits(made.held_out).astype(np.float64)
    softmax = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert np.allclose(said.confidences[1], softmax.max(axis=1))
    assert np.array_equal(said.answers[1], softmax.argmax(axis=1))


def test_keeping_is_the_lowest_threshold_that_loses_nothing() -> None:
    """The small dim is right when it is at least 0.6 sure, and wrong below; the large one always right."""
    labels = np.zeros(10, np.int64)
    sure = np.array([0.9] * 6 + [0.55] * 4)
    said = Said((8, 32), np.array([[0] * 6 + [1] * 4, [0] * 10]), np.array([sure, np.ones(10)]))
    assert keeping(said, labels).tolist() == [0.56]
    assert measure(said, labels, [0.56]).last_dim == (6 * 8 + 4 * 32) / 10
    never = Said((8, 32), np.array([[1] * 10, [0] * 10]), np.ones((2, 10)))
    assert measure(never, labels, keeping(never, labels)).last_dim == 32


def test_figures_of_every_split_and_both_countings() -> None:
    rows = list(of_run(run(), data().held_out, splits=20))
    last = [row for row in rows if row.metric == "adaptive_last_dim"]
    every = [row for row in rows if row.metric == "adaptive_all_dims"]
    assert len(last) == 20 == len({row.draw for row in last}) and last[0].n == 30
    assert all(8 <= a.value <= b.value <= 56 for a, b in zip(last, every, strict=True))
    curve = [row.value for row in rows if row.metric == "adaptive_curve_last_dim"]
    assert curve[0] == 8 and curve == sorted(curve)
    best = max(row.value for row in rows if row.metric == "adaptive_curve_top_1")
    oracle = next(row.value for row in rows if row.metric == "oracle_top_1")
    assert oracle >= best


def test_a_split_by_hand_is_the_first_figure_of_each_way() -> None:
    made, labels = run(seed=4), data().held_out
    rows = {row.metric: row.value for row in reversed(list(of_run(made, labels))) if row.draw == 0}
    half, other = np.array_split(np.random.default_rng(4).permutation(len(labels)), 2)
    said = said_by(made)
    learned, tested = said.of(half), said.of(other)
    for name, learn in (("adaptive", learn_thresholds), ("adaptive_keeping", keeping)):
        point = measure(tested, labels[other], learn(learned, labels[half]))
        assert (rows[f"{name}_top_1"], rows[f"{name}_last_dim"]) == (point.accuracy, point.last_dim)
        assert rows[f"{name}_full"] == (tested.answers[-1] == labels[other]).mean()
