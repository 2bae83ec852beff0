"""What the page is told of the inside of an embedding."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest

from mrl_demo.search.collection import Collection
from mrl_demo.ui.inside_tab import Inside, inside_functions, title_of


def probes(collection: Collection, **changed: Any) -> dict[str, Any]:
    """What `python -m mrl_demo probes` writes, in short."""
    return {
        "commit": "0123456789ab",
        "date": "2026-11-23T12:00:00+00:00",
        "data": {"name": collection.name, "count": len(collection)},
        "model": dict(collection.model),
        "attributes": {"colour": {"values": 8, "commonest": 0.125}},
        "scores": [
            {"metric": "accuracy", "dim": 64, "value": 0.9, "truth": "colour", "n": 60},
            {"metric": "accuracy", "dim": 8, "value": 0.5, "truth": "colour", "n": 60},
        ],
        **changed,
    }


def test_the_map_holds_every_item_at_every_dim(collection: Collection) -> None:
    inside = Inside(collection, None)
    whole_map, _ = inside_functions(inside)
    answer = whole_map({})
    json.dumps(answer)
    assert answer["keys"] == list(range(200)) and answer["first"] == "super_category"
    assert [layout["dim"] for layout in answer["layouts"]] == inside.dims
    for layout in answer["layouts"]:
        places = np.frombuffer(base64.b64decode(layout["places"]), "<i2").reshape(-1, 2) / 8192
        assert len(places) == 200 and np.square(places).sum(axis=1).mean() == pytest.approx(1, abs=0.01)
        assert 0 < layout["shown"] <= 1
    assert whole_map({}) == answer


def test_points_are_coloured_by_what_the_columns_say(collection: Collection) -> None:
    columns = {each["name"]: each for each in Inside(collection, None).attributes()}
    for name in ("colour", "count"):
        codes = base64.b64decode(columns[name]["codes"])
        said = [columns[name]["values"][code] for code in codes]
        assert said == [str(value) for value in collection.attributes[name]]


def test_what_a_prefix_knows_is_told_with_where_it_was_measured(collection: Collection) -> None:
    knowledge = Inside(collection, probes(collection)).knowledge()
    (row,) = knowledge["rows"]
    assert row["points"] == [[8, 0.5], [64, 0.9]] and row["guess"] == 0.125 and row["title"] == "Colour"
    assert "60 pictures" in knowledge["note"] and "at 0123456" in knowledge["note"]


def test_without_probes_it_is_said_how_to_measure_them(collection: Collection) -> None:
    knowledge = Inside(collection, None).knowledge()
    assert knowledge["rows"] == [] and "python -m mrl_demo probes" in knowledge["note"]


def test_a_caption_is_told_and_a_key_that_is_none_refused(collection: Collection) -> None:
    _, item_words = inside_functions(Inside(collection, None))
    assert item_words({"key": 3})["text"] == collection.caption(3)
    for key in (-1, 200, "3", None, True):
        assert "key must be a whole number from 0 to 199" in item_words({"key": key})["error"]


def test_columns_are_named_as_people_write_them() -> None:
    assert title_of("super_category") == "Super category"
