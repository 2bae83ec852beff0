"""What the Classify tab is told: every dim's answer, what stopping is worth, and faults in plain words."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mrl_demo.errors import QueryError
from mrl_demo.prefix import truncate
from mrl_demo.search.collection import Collection
from mrl_demo.ui.classify import Classifiers, example_keys, read_names, stopped
from mrl_demo.ui.classify_tab import classify_functions
from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.queries import Queries
from tests.fakes import FakeEncoder

ITEM = {"kind": "item", "key": 5}


def test_every_dim_answers_and_is_measured(queries: Queries) -> None:
    names = "mug\n\n  bottle\nchair\ntable\ncupcake\n"
    answer = json.loads(json.dumps(Classifiers(queries).classify(ITEM, names)))
    assert answer["names"] == ["mug", "bottle", "chair", "table", "cupcake"]
    assert [one["dim"] for one in answer["said"]] == [8, 16, 32, 64, 128, 256, 512]
    assert all(one["top"][0][1] == pytest.approx(one["confidence"], abs=1e-4) for one in answer["said"])
    evidence = answer["evidence"]
    assert (evidence["column"], evidence["count"]) == ("category", 200)
    assert len(evidence["curve"]) == 50 and len(evidence["fixed"]) == 7 and len(evidence["thresholds"]) == 6


def test_names_are_encoded_once(queries: Queries) -> None:
    classifiers = Classifiers(queries)
    first = classifiers.get(["mug", "chair"])
    assert classifiers.get("mug\nchair") is first


def test_where_it_stops(queries: Queries) -> None:
    classifiers = Classifiers(queries)
    answer = classifiers.classify(ITEM, ["a red mug", "a blue chair"])
    assert answer["evidence"] is None
    assert stopped(answer, 0.0)["dim"] == 8
    full = stopped(answer, 1.0)
    assert full["dim"] == (512 if full["said"][0]["confidence"] < 1 else 8)
    assert full["label"] == full["said"][-1]["top"][0][0]
    for threshold, said in ((None, "threshold is needed"), (2, "from 0 to 1")):
        with pytest.raises(QueryError, match=said):
            stopped(answer, threshold)
    known = classifiers.classify(ITEM, ["mug", "bottle", "chair", "table", "cupcake"])
    assert stopped(known, None)["thresholds"] == known["evidence"]["thresholds"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"picture": ITEM, "names": "mug"}, "at least two classes"),
        ({"picture": ITEM, "names": ["mug", 3]}, "class names are a list"),
        ({"picture": ITEM, "names": [str(number) for number in range(201)]}, "at most 200"),
        ({"picture": {"kind": "text", "text": "mug"}, "names": "a\nb"}, "Choose a picture"),
        ({"picture": {"kind": "image", "path": "/etc/passwd"}, "names": "a\nb"}, "Upload a picture first"),
        ("mug", "an object"),
    ],
)
def test_the_browser_is_told_what_was_wrong(queries: Queries, asked: object, said: str) -> None:
    (classify,) = classify_functions(Classifiers(queries))
    assert said in classify(asked)["error"]


def test_it_waits_for_the_encoder(collection: Collection) -> None:
    (classify,) = classify_functions(Classifiers(Queries(collection, EncoderHolder(FakeEncoder))))
    assert "loading" in classify({"picture": ITEM, "names": "mug\nchair"})["wait"]


def test_examples_are_of_different_classes(queries: Queries) -> None:
    keys = example_keys(queries)
    categories = queries.collection.attributes["category"][keys].tolist()
    assert len(set(categories)) == len(categories) == 5
    for key, end in ((keys[0], max), (keys[-1], min)):  # from the most typical of its class to the least
        same = np.flatnonzero(queries.collection.attributes["category"] == categories[keys.index(key)])
        rows = truncate(np.asarray(queries.collection.embeddings[same], np.float32), 512)
        near = rows @ rows.sum(axis=0)
        assert near[same.tolist().index(key)] == pytest.approx(end(near))
    assert read_names(["a", " b "]) == ("a", "b")
