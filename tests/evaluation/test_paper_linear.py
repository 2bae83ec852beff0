"""Linear classification: heads, low ranks, discriminants; cases made so that one must win."""

from __future__ import annotations

import dataclasses

import numpy as np

from mrl_demo.evaluation.paper_figure import Floats
from mrl_demo.evaluation.paper_linear import (
    Discriminant,
    all_dims,
    cut,
    low_rank,
    of_the_largest,
    principal,
    refitted,
    right,
    trained,
)
from mrl_demo.evaluation.paper_runs import Head, Run
from tests.evaluation.made_runs import CLASSES, data, run


def test_top_1_of_heads_by_hand() -> None:
    head = Head(np.eye(2, dtype=np.float32), np.array([0, 0.5], np.float32))
    features = np.array([[1, 0, 9], [0.2, 0, 9], [0, 1, 9]], np.float32)
    assert right(head, features, np.array([0, 0, 1])).tolist() == [True, False, True]


def test_trained_heads_give_a_figure_a_dim_and_more_dims_know_more() -> None:
    made = run()
    figures = list(trained(made, data().held_out))
    assert [figure.dim for figure in figures] == [8, 16, 32]
    assert figures[0].value < figures[-1].value and figures[-1].value > 0.8
    assert {figure.metric for figure in figures} == {"top_1"} and figures[0].n == 60


def test_full_rank_is_the_head_itself_and_rank_one_is_the_best_of_its_rank() -> None:
    head = run().heads[32]
    assert np.allclose(low_rank(head, 32).weight, head.weight, atol=1e-5)
    one = low_rank(head, 1)
    assert np.linalg.matrix_rank(one.weight) == 1
    kept = np.linalg.norm(one.weight - head.weight)
    columns = np.zeros_like(head.weight)
    columns[:, 0] = head.weight[:, 0]
    assert kept < np.linalg.norm(columns - head.weight)
    assert cut(head, 8).weight.shape == (CLASSES, 8)


def test_a_discriminant_of_turned_features_is_that_of_features_turned() -> None:
    made, labels = run(), data().train
    found = Discriminant.of(made.train, labels, CLASSES)
    directions = principal(made.train)
    assert np.allclose(directions.T @ directions, np.eye(32), atol=1e-5)
    again = Discriminant.of(made.train @ directions, labels, CLASSES).head(8)
    assert np.allclose(found.turned(directions).head(8).weight, again.weight, atol=1e-3)


def test_a_discriminant_sees_through_a_loud_dim_that_means_nothing() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(400) % 2
    features = np.stack([100 * rng.normal(size=400), labels + 0.1 * rng.normal(size=400)], axis=1)
    loud = features.astype(np.float32)
    loud[:, 1] *= 60
    assert right(Discriminant.of(loud, labels, 2).head(2), loud, labels).mean() > 0.95
    assert right(Discriminant.of(loud, labels, 2).head(1), loud, labels).mean() < 0.7


def test_svd_must_win_where_the_first_dims_are_empty() -> None:
    """All that is known stands in the last dims: cutting loses it, principal directions find it."""
    made, rng = run((32,), noise=0.3), np.random.default_rng(1)
    known = np.arange(32) >= 24

    def hidden(features: Floats) -> Floats:
        return np.where(known, features, 0.01 * rng.normal(size=features.shape)).astype(np.float32)

    head = Head(made.heads[32].weight * known, made.heads[32].bias)
    moved = dataclasses.replace(
        made, train=hidden(made.train), held_out=hidden(made.held_out), heads={32: head}
    )
    of = data()
    found = {
        (row.metric, row.model, row.dim): row.value
        for row in of_the_largest(moved, of.train, of.held_out, [5])
    }
    assert found["top_1", "SVD", 5] > found["top_1", "FF cut", 5] + 0.2
    svd, first = (found["discriminant_top_1", model, 5] for model in ("SVD", "FF cut"))
    assert svd > first + 0.2 and svd > 0.9


def test_random_dims_are_drawn_several_times_and_all_of_them_are_the_same() -> None:
    made, of = run((32,)), data()
    rows = [row for row in of_the_largest(made, of.train, of.held_out, [8, 32]) if row.model == "random dims"]
    assert {row.draw for row in rows} == {0, 1, 2}
    whole = [row.value for row in rows if row.dim == 32]
    assert max(whole) - min(whole) < 0.02 and len({row.value for row in rows if row.dim == 8}) > 1


def test_between_nested_dims_a_discriminant_stands_in() -> None:
    made, of = run(), data()
    assert all_dims(made.nested_dims) == [8, 12, 16, 24, 32]
    found = {row.dim: row.value for row in refitted(made, of.train, of.held_out)}
    assert found[8] + 0.2 < found[24] and found[32] > 0.75


def test_a_class_without_photos_is_never_said() -> None:
    made: Run = run()
    labels = np.where(data().train == 3, 2, data().train)
    head = Discriminant.of(made.train, labels, CLASSES).head(32)
    assert 3 not in head.logits(made.held_out).argmax(axis=1)
