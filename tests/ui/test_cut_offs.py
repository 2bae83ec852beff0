"""The page's cut-offs: read from a result file, or none, and never of other vectors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mrl_demo.evaluation.cut_off import CutOffConfig, run
from mrl_demo.prefix import truncate
from mrl_demo.search.collection import Collection
from mrl_demo.ui.answer import answer
from mrl_demo.ui.cut_offs import CutOffs
from mrl_demo.ui.filters import Filter
from mrl_demo.ui.queries import Queries
from mrl_demo.ui.settings import Settings
from tests.fakes import FakeEncoder


@pytest.fixture(scope="module")
def measured(collection: Collection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("cut") / "cut-off.json"
    run(CutOffConfig(out=out, items=12), FakeEncoder(), collection)
    return out


def test_a_measured_cut_off_reaches_every_stop(
    collection: Collection, queries: Queries, measured: Path
) -> None:
    cut_offs = CutOffs.load(measured, collection)
    assert cut_offs is not None
    file = json.loads(measured.read_text())["cut_offs"]
    for mode in ("flat", "adaptive"):
        for query, kind in ((queries.example(0), "text"), (queries.item(3), "image")):
            for stop in answer(collection, query, Settings(mode), None, cut_offs)["stops"]:
                dim = stop["dim"] if mode == "flat" else 512  # the dim that the shown cosines are of
                assert stop["cut"] == [
                    file[kind][name][dim - 1] for name in ("cosine", "right_pass", "wrong_pass")
                ]


def test_lift_is_the_best_cosine_above_the_mean_of_all(
    collection: Collection, queries: Queries, measured: Path
) -> None:
    cut_offs = CutOffs.load(measured, collection)
    query = queries.example(1)
    got = answer(collection, query, Settings(), None, cut_offs)
    cosines = truncate(np.asarray(collection.embeddings, np.float32), 512) @ truncate(query.embedding, 512)
    value, least = got["lift"]
    assert value == pytest.approx(cosines.max() - cosines.mean(), abs=1e-3)
    assert least == json.loads(measured.read_text())["lift"]["text"]
    # Whether a query tells pictures apart is no matter of which of them a filter leaves.
    only = Filter.checked(collection, {"colour": "red"})
    filtered = answer(collection, query, Settings(k=5), only, cut_offs)
    assert filtered["truth"]["scores"][0] < got["truth"]["scores"][0]
    assert filtered["lift"] == got["lift"]


def test_words_with_a_picture_have_no_cut_off(
    collection: Collection, queries: Queries, measured: Path
) -> None:
    asked = {"kind": "mixed", "text": "a red mug", "picture": {"kind": "item", "key": 1}, "weight": 0.5}
    got = answer(collection, queries.resolve(asked), Settings(), None, CutOffs.load(measured, collection))
    assert all(stop["cut"] is None for stop in got["stops"]) and got["lift"] is None


def test_no_file_a_damaged_one_or_one_of_other_vectors_gives_none(
    collection: Collection, measured: Path, tmp_path: Path
) -> None:
    assert CutOffs.load(tmp_path / "nothing.json", collection) is None
    good = json.loads(measured.read_text())
    for changed in (
        {"cut_offs": None},
        {"cut_offs": {"text": {"cosine": [1]}}},
        {"lift": {}},
        {"model": {"fingerprint": "another"}},
        {"data": {"name": collection.name, "count": 3}},
    ):
        (tmp_path / "x.json").write_text(json.dumps(good | changed))
        assert CutOffs.load(tmp_path / "x.json", collection) is None
