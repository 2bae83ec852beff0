"""What is built ahead for the page."""

from __future__ import annotations

import pytest

from mrl_demo.search.collection import Collection
from mrl_demo.ui import warm_up
from mrl_demo.ui.settings import slider_stops


def test_every_stop_is_built_ahead_of_a_small_collection_and_the_trained_dims_of_a_large(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert warm_up.warm_dims(collection) == slider_stops(512, collection.nested_dims)
    monkeypatch.setattr(warm_up, "MOST_ITEMS", 199)
    assert warm_up.warm_dims(collection) == collection.nested_dims
