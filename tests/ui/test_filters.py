"""Filters by attribute: what is offered, what a choice leaves, and what is said of a wrong one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mrl_demo.errors import QueryError
from mrl_demo.search.collection import Collection
from mrl_demo.ui.filters import Filter, choices


def test_every_value_of_a_column_is_offered_with_its_count(collection: Collection) -> None:
    offered = {entry["column"]: entry for entry in choices(collection)}
    assert offered["super_category"]["label"] == "super category"
    assert dict(offered["colour"]["values"])["red"] == int(np.sum(collection.attributes["colour"] == "red"))
    for entry in offered.values():
        assert sum(count for _, count in entry["values"]) == len(collection)


def test_a_filter_leaves_what_has_all_its_values(collection: Collection) -> None:
    chosen = Filter.checked(collection, {"colour": "red", "count": "2"})
    assert chosen.values == {"colour": "red", "count": 2}
    kept = np.flatnonzero(chosen.mask)
    assert len(kept) == chosen.count > 0
    assert all(
        collection.attributes["colour"][key] == "red" and collection.attributes["count"][key] == 2
        for key in kept
    )


@pytest.mark.parametrize("nothing", [None, {}, ""])
def test_no_filter_leaves_all(collection: Collection, nothing: Any) -> None:
    chosen = Filter.checked(collection, nothing)
    assert chosen.mask is None and chosen.count == len(collection)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"flavour": "sweet"}, "no filter 'flavour'; the filters are .*colour"),
        ({"colour": "pink"}, "no picture has colour 'pink'; there are black, blue"),
        ("colour", "names columns and values"),
        ({"category": "mug", "super_category": "food"}, "category mug and super category food at once"),
    ],
)
def test_a_wrong_filter_is_said(collection: Collection, asked: Any, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        Filter.checked(collection, asked)
