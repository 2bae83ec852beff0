"""The one payload the page draws from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mrl_demo.collection.folder import index_folder
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.collection import Collection
from mrl_demo.search.hits import FIRST_STAGES, Kind
from mrl_demo.ui.answer import answer, fitting_k
from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.filters import Filter
from mrl_demo.ui.queries import Queries
from mrl_demo.ui.search_tab import first_query, first_settings
from mrl_demo.ui.settings import MODES, Settings, slider_stops
from tests.fakes import FakeEncoder, paint


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("first_stage", FIRST_STAGES)
def test_every_stop_is_answered_and_captioned(
    collection: Collection, queries: Queries, mode: str, first_stage: Kind
) -> None:
    got = answer(collection, queries.example(0), Settings(mode, first_stage, 10, 64))
    assert [stop["dim"] for stop in got["stops"]] == slider_stops(512, collection.nested_dims)
    shown = {key for stop in got["stops"] for key in stop["keys"]} | set(got["truth"]["keys"])
    assert {int(key) for key in got["captions"]} == shown
    assert all(len(stop["keys"]) == 10 and stop["ms"] > 0 and stop["bytes"] > 0 for stop in got["stops"])
    assert len(json.dumps(got)) < 40_000


def test_a_stop_shows_what_a_search_at_its_dim_finds(collection: Collection, queries: Queries) -> None:
    query = queries.item(17)
    got = answer(collection, query, Settings("flat", "exact", 8, 64))
    for stop in got["stops"]:
        hits = collection.search(query.embedding, Cascade.flat(stop["dim"]), k=8)
        assert stop["keys"] == hits.keys.tolist()
        assert np.allclose(stop["scores"], hits.scores, atol=1e-4)
        assert stop["recall"] == pytest.approx(len(set(stop["keys"]) & set(got["truth"]["keys"])) / 8)


def test_full_dim_keeps_everything_in_every_mode(collection: Collection, queries: Queries) -> None:
    for mode in MODES:
        last = answer(collection, queries.example(1), Settings(mode, "exact", 10, 512))["stops"][-1]
        assert last["dim"] == 512 and last["recall"] == 1 and len(last["stages"]) == 1


def test_a_dim_between_the_stops_is_added(collection: Collection, queries: Queries) -> None:
    got = answer(collection, queries.example(0), Settings(dim=77))
    assert 77 in [stop["dim"] for stop in got["stops"]]


def test_funnel_stages_narrow_down(collection: Collection, queries: Queries) -> None:
    got = answer(collection, queries.example(0), Settings("funnel", "exact", 10, 8))
    stages = next(stop for stop in got["stops"] if stop["dim"] == 8)["stages"]
    assert [stage[0] for stage in stages] == [8, 16, 32, 64, 128, 256, 512]
    assert all(stage[3] <= stage[2] for stage in stages)
    assert stages[0][2] == len(collection) and stages[-1][3] == 10


def test_a_k_beyond_the_collection_is_cut_and_said() -> None:
    assert fitting_k(12, 200) == (12, [])
    fit, said = fitting_k(300, 25)
    assert fit == 25 and "k = 300" in said[0] and "25" in said[0]
    fit, said = fitting_k(100, 200)
    assert fit == 60 and "at most 60" in said[0]


def test_a_prefix_takes_its_share_of_memory(collection: Collection, queries: Queries) -> None:
    flat = {stop["dim"]: stop["bytes"] for stop in answer(collection, queries.item(0), Settings())["stops"]}
    assert flat[64] == 128 and flat[512] == 1024
    adaptive = answer(collection, queries.item(0), Settings("adaptive"))["stops"]
    assert all(stop["bytes"] == 1024 for stop in adaptive)


def test_a_folder_of_someone_s_pictures_comes_up_with_its_first_one(
    tmp_path: Path, fake_encoder: FakeEncoder
) -> None:
    for number, colour in enumerate(("red", "green", "blue")):
        paint(colour, "mug").save(tmp_path / f"picture {number}.png")
    index_folder(tmp_path, tmp_path / "pack", fake_encoder)
    mine = Collection.open(tmp_path / "pack")
    query = first_query(Queries(mine, EncoderHolder.of(fake_encoder)))
    assert first_settings(mine).k == 3
    answer(mine, query, Settings("funnel", "hnsw", 3, 8))
    got = answer(mine, query, Settings(k=12))
    assert query.kind == "item" and got["truth"]["keys"][0] == 0
    assert got["k"] == 3 and "k = 12" in got["warnings"][0]
    assert set(got["captions"].values()) == {"picture 0", "picture 1", "picture 2"}


@pytest.mark.parametrize(
    ("mode", "first_stage"), [("flat", "exact"), ("funnel", "exact"), ("adaptive", "signs")]
)
def test_every_lost_answer_says_where_it_fell(
    collection: Collection, queries: Queries, mode: str, first_stage: Kind
) -> None:
    got = answer(collection, queries.example(1), Settings(mode, first_stage, 10, 64))
    fallen = 0
    for stop in got["stops"]:
        assert [key for key, *_ in stop["lost"]] == [
            key for key in got["truth"]["keys"] if key not in stop["keys"]
        ]
        for _, stage, rank, overlooked in stop["lost"]:
            kept = stop["stages"][stage][3]
            assert overlooked or kept < rank <= stop["stages"][stage][2]
            fallen += 1
    assert fallen


def test_a_filter_leaves_only_what_has_its_values(collection: Collection, queries: Queries) -> None:
    only = Filter.checked(collection, {"colour": "green", "category": "mug"})
    got = answer(collection, queries.example(0), Settings("funnel", k=12), only)
    green = {key for key in range(len(collection)) if "green mug" in collection.caption(key)}
    assert got["count"] == len(green) == only.count and got["where"] == only.values
    assert all(set(stop["keys"]) <= green for stop in got["stops"]) and set(got["truth"]["keys"]) <= green
    assert got["k"] == min(12, len(green)) and "The filter leaves" in got["warnings"][0]
    assert got["asked_k"] == 12


def test_only_what_never_changes_cuts_what_is_asked_again(collection: Collection, queries: Queries) -> None:
    got = answer(collection, queries.example(0), Settings(k=500))
    assert got["k"] == got["asked_k"] == 60
