"""What zero-shot classification is worth on a collection: whose pictures count, and what is measured."""

from __future__ import annotations

import numpy as np
import pytest

from mrl_demo.collection import Pack
from mrl_demo.evaluation.zero_shot import ZeroShotClassifier
from mrl_demo.evaluation.zero_shot_measures import LOST, class_names, labelled, measure_on
from mrl_demo.search.collection import Collection
from tests.fakes import FakeEncoder


@pytest.fixture(scope="module")
def collection(small_pack: Pack) -> Collection:
    return Collection(small_pack)


def test_every_dim_and_every_threshold_is_measured(collection: Collection, fake_encoder: FakeEncoder) -> None:
    names = class_names(collection)
    assert names == sorted(set(collection.attributes["category"].tolist()))
    classifier = ZeroShotClassifier(fake_encoder, names)
    found = measure_on(collection, classifier, splits=5)
    assert found is not None and (found.column, found.count) == ("category", 200)
    said = classifier.said(np.asarray(collection.embeddings, np.float32))
    right = said.answers == classifier.places(collection.attributes["category"].tolist())
    assert [point.accuracy for point in found.fixed] == pytest.approx(right.mean(axis=1).tolist())
    first, last = found.curve[0][1], found.curve[-1][1]
    assert (first.last_dim, last.last_dim) == (8, 512)
    assert last.accuracy == found.fixed[-1].accuracy and last.all_dims == 1016
    assert len(found.thresholds) == 6 and 8 <= found.learned.last_dim <= 512
    at_cheapest = next(point for threshold, point in found.curve if threshold == found.cheapest)
    assert at_cheapest.accuracy >= last.accuracy - LOST and at_cheapest.last_dim <= last.last_dim


def test_only_pictures_of_the_classes_count(collection: Collection, fake_encoder: FakeEncoder) -> None:
    column, keys = labelled(collection, ("mug", "chair", "unheard of"))
    assert column == "category"
    assert set(collection.attributes["category"][keys]) == {"mug", "chair"}
    nothing = ZeroShotClassifier(fake_encoder, ["dragon", "unicorn"])
    assert measure_on(collection, nothing) is None
    assert len(labelled(collection, ("mug", "unicorn"))[1]) == 0


def test_pictures_with_a_second_thing_are_left_out(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = np.where(np.arange(200) < 50, "a hat", "")
    monkeypatch.setattr(
        type(collection), "attributes", {**collection.pack.attributes, "other_category": other}
    )
    _, keys = labelled(collection, tuple(class_names(collection)))
    assert keys.min() == 50 and len(keys) == 150


def test_an_encoder_of_a_single_dim_is_measured_too(collection: Collection) -> None:
    found = measure_on(
        collection, ZeroShotClassifier(FakeEncoder(nested_dims=(512,)), class_names(collection))
    )
    assert found is not None and found.thresholds == () and found.spread > 0
    assert {point for _, point in found.curve} == {*found.fixed}
    assert found.cheapest == found.curve[0][0] < found.curve[-1][0]
