"""Linear probes: what they read, what they must not, and the file they write."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrl_demo.collection import Pack
from mrl_demo.errors import CollectionError
from mrl_demo.evaluation import probes
from mrl_demo.evaluation.probes import (
    Labels,
    ProbesConfig,
    best_probe,
    fit_probe,
    probe_scores,
    probed_columns,
    probed_dims,
    right,
    run,
    split,
    standardised,
)
from mrl_demo.search.collection import Collection


@pytest.fixture(scope="module")
def collection(small_pack: Pack) -> Collection:
    return Collection(small_pack)


def blobs(seed: int, spread: float) -> tuple[np.ndarray, np.ndarray]:
    """300 points around three corners, (300, 4), and which corner."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, 300)
    return (np.eye(4)[labels] + spread * rng.standard_normal((300, 4))).astype(np.float32), labels


def test_what_lies_apart_is_read_without_a_fault():
    points, labels = blobs(0, 0.05)
    learned, _, tested = split(300, 0)
    features = standardised(points, learned)
    weights = fit_probe(features[learned], labels[learned], 3, 1e-3)
    assert right(weights, features[tested], labels[tested]).all()


def test_the_descent_has_arrived():
    points, labels = blobs(1, 0.6)
    features = standardised(points, np.arange(300))
    weights = fit_probe(features, labels, 3, 1e-2).astype(np.float64)
    odds = np.exp(features @ weights)
    wrong = odds / odds.sum(axis=1, keepdims=True) - np.eye(3)[labels]
    assert np.abs(features.T @ wrong / 300 + 1e-2 * weights).max() < 1e-4


def test_labels_that_mean_nothing_are_read_no_better_than_by_chance():
    points, _ = blobs(2, 0.5)
    labels = np.random.default_rng(3).integers(0, 3, 300)
    learned, choosing, tested = split(300, 0)
    features = standardised(points, learned)
    weights = best_probe((features[learned], labels[learned]), (features[choosing], labels[choosing]), 3)
    assert right(weights, features[tested], labels[tested]).mean() < 0.5


def test_no_item_is_learned_and_tested():
    parts = split(1000, 5)
    assert [len(part) for part in parts] == [500, 200, 300]
    assert sorted(np.concatenate(parts)) == list(range(1000))
    assert not np.array_equal(parts[0], split(1000, 6)[0])


def test_a_direction_without_variance_does_no_harm():
    points, labels = blobs(4, 0.1)
    points[:, 3] = 0.25
    features = standardised(points, np.arange(300))
    assert np.isfinite(features).all() and features.std(axis=0).max() <= 1.001
    assert right(fit_probe(features, labels, 3, 1e-3), features, labels).mean() > 0.99


def test_columns_that_are_no_attributes_are_left_out(collection: Collection):
    columns = probed_columns(collection)
    assert {"colour", "category", "setting", "count"} <= set(columns)
    assert columns["colour"].values == tuple(sorted(columns["colour"].values))
    assert all(2 <= len(labels.values) <= 200 for labels in columns.values())


def test_items_of_two_things_are_left_out_with_the_columns_only_they_have(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
):
    pair = np.arange(len(collection)) % 4 == 1
    told = {
        **collection.attributes,
        "other_category": np.where(pair, np.where(np.arange(len(pair)) % 8 == 1, "bell", "drum"), ""),
        "relation": np.where(pair, "left of", ""),
    }
    before = probed_columns(collection)["colour"]
    monkeypatch.setattr(Collection, "attributes", told)
    columns = probed_columns(collection)
    assert not {"other_category", "relation"} & set(columns)
    labels = columns["colour"]
    assert not pair[labels.rows].any() and len(labels.rows) == (~pair[before.rows]).sum()
    words = [labels.values[each] for each in labels.classes]
    assert words == list(np.asarray(collection.attributes["colour"])[labels.rows])


def test_the_commonest_answer_is_the_mark_to_beat():
    labels = Labels(("a", "b"), np.arange(4), np.array([0, 1, 1, 1]))
    assert labels.commonest == 0.75


def test_the_fake_encoder_knows_its_colours_at_full_dim(collection: Collection):
    columns = {"colour": probed_columns(collection)["colour"]}
    (low,), (full,) = (list(probe_scores(collection, columns, dim, 0)) for dim in (2, 512))
    assert full.value > 0.8 > 0.6 > low.value
    assert full.n == 60 and full.truth == "colour" and full.unit == "fraction"


def test_the_file_says_what_it_is_of(
    collection: Collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
):
    monkeypatch.setattr(probes, "probed_dims", lambda nested_dims, full_dim: [8, 64])
    monkeypatch.setattr(probes, "PENALTIES", (1e-2,))
    one = Collection(collection.pack)
    result = run(ProbesConfig(out=tmp_path / "probes.json"), one)
    assert json.loads((tmp_path / "probes.json").read_text()) == result
    assert (
        result["data"]["name"] == "small" and result["command"] and result["attributes"]["colour"]["values"]
    )
    assert {row["dim"] for row in result["scores"]} == {8, 64}
    assert "colour" in capsys.readouterr().out


def test_a_collection_without_columns_is_refused(collection: Collection, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Collection, "attributes", {})
    with pytest.raises(CollectionError, match="no attribute to probe"):
        run(ProbesConfig(), collection)


def test_every_trained_dim_is_probed():
    dims = probed_dims((8, 16, 32, 64, 128, 256, 512), 512)
    assert dims[:6] == [2, 3, 4, 6, 8, 12] and dims[-1] == 512
    assert probed_dims((25, 300), 300) == [2, 3, 4, 6, 8, 12, 16, 24, 25, 32, 48, 64, 96, 128, 192, 256, 300]


@given(st.integers(1, 3000))
def test_dims_never_leave_the_embedding(full_dim: int):
    dims = probed_dims([full_dim], full_dim)
    assert dims[-1] == full_dim and dims[0] == min(2, full_dim) and dims == sorted(set(dims))
