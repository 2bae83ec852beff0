"""A query's way through a cascade, as the page and programs are told it."""

from __future__ import annotations

import json

import pytest

from mrl_demo.errors import MatryoshkaError, QueryError
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.collection import Collection
from mrl_demo.search.hits import FIRST_STAGES, FirstStage
from mrl_demo.ui.funnel import SHOWN, Way, presets, walked
from mrl_demo.ui.funnel_tab import Funnel, funnel_functions
from mrl_demo.ui.queries import Queries

FUNNEL = {"dims": [8, 32, 512], "shortlists": [40, 12], "first_stage": "exact", "k": 10}


def test_a_way_is_checked_in_plain_words(collection: Collection) -> None:
    way = Way.checked({**FUNNEL, "first_stage": {"kind": "hnsw", "dtype": "i8", "ef": 24}}, collection)
    assert way == Way(Cascade.funnel((8, 32, 512), (40, 12)), FirstStage("hnsw", "i8", 24), 10)
    assert Way.checked({"dims": [16, 512], "shortlists": [9_999]}, collection).cascade.shortlists == (200,)
    for wrong, said in [
        (None, "an object with dims"),
        ({**FUNNEL, "dims": 8}, "dims must be a list of whole numbers, got 8"),
        ({**FUNNEL, "shortlists": 40}, "shortlists must be a list of whole numbers, got 40"),
        ({**FUNNEL, "dims": [32, 8, 512]}, "must grow"),
        ({**FUNNEL, "dims": [8, 32, 513]}, "from 1 to 512, got 513"),
        ({**FUNNEL, "shortlists": [12]}, "needs 2 shortlists"),
        ({**FUNNEL, "shortlists": [12, 40]}, "must not grow"),
        ({**FUNNEL, "shortlists": [40, 5]}, "must hold the 10 that are answered, got 5"),
        ({**FUNNEL, "first_stage": "magic"}, "exact, hnsw, signs, got 'magic'"),
        ({**FUNNEL, "first_stage": {"kind": "hnsw", "dtype": "f64"}}, "dtype of a graph"),
        ({"dims": list(range(1, 20)), "shortlists": [20] * 18}, "at most 10 stages"),
    ]:
        with pytest.raises((QueryError, ValueError), match=said):
            Way.checked(wrong, collection)


@pytest.mark.parametrize("kind", FIRST_STAGES)
def test_every_stage_tells_what_it_kept_and_lost(collection: Collection, queries: Queries, kind: str) -> None:
    query = queries.item(17)
    way = Way.checked(
        {**FUNNEL, "dims": [2, 4, 512], "shortlists": [14, 11], "first_stage": kind}, collection
    )
    got = walked(collection, query, way)
    hits = collection.search(query.embedding, way.cascade, 10, way.first_stage)
    assert [stage["keys"] for stage in got["stages"]] == [
        stage.keys[:SHOWN].tolist() for stage in hits.stages
    ]
    truth = collection.search(query.embedding, Cascade.flat(512), 10).keys.tolist()
    assert got["truth"] == truth
    left = 10
    for stage in got["stages"]:
        assert stage["considered"] - stage["dropped"] == stage["kept"]
        left -= len(stage["lost"])
        assert stage["true"] == left
        for lost in stage["lost"]:
            assert lost["key"] in truth and (lost["overlooked"] or lost["rank"] > stage["kept"])
    assert got["found"] == left == len(set(truth) & set(hits.keys.tolist())) < 10
    assert {int(key) for key in got["captions"]} >= set(truth)
    assert len(json.dumps(got)) < 20_000


def test_presets_are_the_paper_s_cascades_cut_to_the_collection(collection: Collection) -> None:
    offered = {
        preset["name"]: Cascade(tuple(preset["dims"]), tuple(preset["shortlists"]))
        for preset in presets(collection)
    }
    assert offered["Flat"] == Cascade.flat(512)
    assert offered["Adaptive from 16"] == Cascade.adaptive(16, 512, 200)
    assert offered["Funnel from 16"] == Cascade((16, 32, 64, 128, 256, 512), (200, 100, 50, 25, 10))
    assert offered["Widest funnel"].shortlists == (200, 200, 200, 50, 10)  # of 200 pictures


def test_the_browser_s_functions_never_raise(collection: Collection, queries: Queries) -> None:
    walk, try_out, start_plan, plan_status, stop_plan = funnel_functions(Funnel(collection, queries))
    assert walk({"way": FUNNEL, "query": {"kind": "item", "key": 1}})["stages"]
    assert 0 < try_out({"way": FUNNEL, "questions": "pictures"})["recall"] <= 1
    assert "error" in walk({"way": FUNNEL, "query": {"kind": "item", "key": -1}})
    assert "error" in try_out({"way": {}, "questions": "pictures"})
    assert "pictures or captions here, got 'words'" in try_out({"way": FUNNEL, "questions": "words"})["error"]
    assert "must be a number, got nothing" in start_plan({"target_recall": ""})["error"]
    assert "from 0.5 to 0.999, got 1" in start_plan({"target_recall": 1})["error"]
    assert "ask for it again" in plan_status({"ticket": "none"})["error"]
    assert "ask for it again" in stop_plan({"ticket": 3})["error"]
    assert walk(None)["error"]


def test_what_is_tried_with_pictures_leaves_each_out_of_its_own_answer(
    collection: Collection, queries: Queries
) -> None:
    funnel = Funnel(collection, queries)
    got = funnel.measured(Way.checked({"dims": [512]}, collection), "pictures")
    assert got["recall"] == 1 and got["questions"] == 200 and got["multiply_adds"] == 200 * 512
    sample = funnel.questions.sample("pictures")
    assert (sample.truth != sample.own[:, None]).all()
    with pytest.raises(MatryoshkaError):
        funnel.questions.sample("nothing")
