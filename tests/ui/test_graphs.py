"""What is built ahead for the page, and what is said of graphs that are not there yet."""

from __future__ import annotations

import time
from typing import Any

import pytest

from mrl_demo.collection import Pack
from mrl_demo.errors import QueryError
from mrl_demo.search.collection import Collection
from mrl_demo.search.engine import Engine
from mrl_demo.ui import graphs
from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.graphs import Graphs, StillBuilding
from mrl_demo.ui.queries import Queries
from mrl_demo.ui.search_tab import page_functions
from mrl_demo.ui.settings import slider_stops
from tests.fakes import FakeEncoder


@pytest.fixture
def collection(small_pack: Pack) -> Collection:
    """One without a graph."""
    return Collection(small_pack)


def test_every_stop_is_built_ahead_of_a_small_collection_and_the_trained_dims_of_a_large(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Graphs(collection).ahead == slider_stops(512, collection.nested_dims)
    monkeypatch.setattr(graphs, "MOST_ITEMS", 199)
    assert Graphs(collection).ahead == collection.nested_dims
    Graphs(collection).warm_up(EncoderHolder.of(FakeEncoder())).wait(60)
    assert {f"hnsw-{dim}-bf16.usearch" for dim in collection.nested_dims} <= set(
        collection.engine.structure_names()
    )


def test_a_small_collection_never_waits(collection: Collection) -> None:
    Graphs(collection).ready([8, 16])
    assert collection.engine.structure_names() == ()


def test_hnsw_over_many_items_waits_for_its_graphs_and_then_answers(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphs, "MOST_ITEMS", 199)
    ask, _ = page_functions(collection, Queries(collection, EncoderHolder.of(FakeEncoder())))
    question: dict[str, Any] = {"query": {"kind": "item", "key": 3}, "mode": "flat", "k": 12, "dim": 27}
    assert ask({**question, "first_stage": "exact"})["stops"]
    said = []
    for _ in range(600):
        reply = ask({**question, "first_stage": "hnsw"})
        if "wait" not in reply:
            break
        said.append(reply["wait"])
        time.sleep(0.05)
    stops = [*slider_stops(512, collection.nested_dims), 27]
    assert said[0] == f"Graphs for HNSW are being built: 0 of {len(stops)} are there."
    assert sorted(entry["dim"] for entry in reply["stops"]) == sorted(stops)
    assert {entry["stages"][0][1] for entry in reply["stops"]} == {"hnsw"}


def test_graphs_that_cannot_be_kept_together_are_not_begun(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphs, "MOST_ITEMS", 199)
    monkeypatch.setattr(graphs, "MOST_BYTES", 100_000)
    with pytest.raises(QueryError, match=r"Graphs at all 3 dims of the slider would take 0\.0 GB"):
        Graphs(collection).ready([8, 64, 512])
    assert collection.engine.structure_names() == ()


def test_a_build_that_fails_is_said_and_may_be_tried_again(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphs, "MOST_ITEMS", 199)
    own = Graphs(collection)

    def fails(self: Engine, dim: int) -> None:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(Engine, "index", fails)
        with pytest.raises(StillBuilding):
            own.ready([8])
        assert own._task is not None
        own._task.wait(10)
        with pytest.raises(QueryError, match="Building graphs failed"):
            own.ready([8])
    with pytest.raises(StillBuilding):
        own.ready([8])
    own._task.wait(10)
    own.ready([8])
