"""The cut-off: counted by hand at some dims, and measured whole on the painted collection."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mrl_demo.collection import Pack
from mrl_demo.errors import CollectionError
from mrl_demo.evaluation.cut_off import CutOff, CutOffConfig, cut_offs, halved, least_lift, run
from mrl_demo.evaluation.foreign import FOREIGN
from mrl_demo.prefix import truncate
from mrl_demo.search.collection import Collection
from tests.fakes import FakeEncoder


def test_each_dim_is_cut_by_its_own_cosines(small_pack: Pack) -> None:
    collection = Collection(small_pack)
    keys = np.arange(0, 200, 10)
    queries = np.asarray(collection.embeddings[keys], np.float32)
    category = np.asarray(collection.attributes["category"])
    related = category[keys][:, None] == category[None]
    found = list(cut_offs(collection, queries, related, keys, 0, queries[:2]))
    assert [cut.dim for cut in found] == list(range(1, 513))
    for dim in (8, 512):
        cut = found[dim - 1]
        cosines = truncate(queries, dim) @ truncate(np.asarray(collection.embeddings, np.float32), dim).T
        assert np.allclose(
            cut.best, cosines[:2].max(axis=1), atol=1e-4
        )  # these are not hidden from themselves
        assert len(cut.right) == len(cut.wrong) == 10
        right = np.where(keys[:, None] == np.arange(200), -1, cosines).max(axis=1)
        assert right.min() <= cut.cosine <= np.quantile(right, 0.3) and cut.right.mean() >= cut.wrong.mean()
        assert np.allclose(cut.lifts, cosines[:2].max(axis=1) - cosines[:2].mean(axis=1), atol=1e-4)


def test_the_file_says_what_was_measured(small_collection: Path, tmp_path: Path) -> None:
    out = tmp_path / "cut-off.json"
    result = run(CutOffConfig(collection=small_collection, out=out, items=16), FakeEncoder())
    assert json.loads(out.read_text()) == result
    assert set(result["cut_offs"]) == {"text", "image"}
    assert all(len(numbers) == 512 for kind in result["cut_offs"].values() for numbers in kind.values())
    assert set(result["foreign"]) == set(FOREIGN) and len(set(FOREIGN)) == len(FOREIGN)
    assert result["model"]["fingerprint"] == "fake-512" and result["commit"]
    assert {row["metric"] for row in result["scores"]} == {
        "cut_off",
        "right_pass",
        "wrong_pass",
        "foreign_pass",
    }


def test_foreign_texts_that_chose_the_lift_are_not_those_it_is_counted_on(
    small_collection: Path, tmp_path: Path
) -> None:
    result = run(CutOffConfig(small_collection, out=tmp_path / "x.json", items=16, seed=3), FakeEncoder())
    texts = result["foreign"].values()
    counted = [text for text in texts if not text["chose"]]
    assert len(counted) == len(FOREIGN) / 2
    passing = [
        text["lift"] >= result["lift"]["text"] and text["cosine"] >= result["cut_offs"]["text"]["cosine"][-1]
        for text in counted
    ]
    score = next(row for row in result["scores"] if row["metric"] == "foreign_pass" and row["dim"] == 512)
    assert score["n"] == result["foreign_pass"]["counted"]["texts"] == len(counted)
    assert score["value"] == pytest.approx(np.mean(passing), abs=1e-3)
    assert result["foreign_pass"]["counted"]["pass"] == pytest.approx(np.mean(passing), abs=1e-3)


def test_the_lift_is_above_nine_in_ten_of_those_that_choose_and_stops_no_usual_question() -> None:
    nothing = np.zeros(0, bool)
    chose = halved(20, 1)
    lifts = np.where(chose, 0.1, 0.9).astype(np.float32)
    lifts[np.flatnonzero(chose)[0]] = 0.8

    def lift(usual: float) -> float:
        return least_lift(CutOff(512, 0.5, nothing, nothing, usual, lifts, lifts), chose)

    assert chose.sum() == 10 and 0.15 < lift(0.6) < 0.3  # of the tenth text that chooses it sees little
    assert lift(0.05) == 0.05


def test_another_encoder_is_refused(small_collection: Path, tmp_path: Path) -> None:
    encoder = FakeEncoder()
    encoder.fingerprint = "another"
    with pytest.raises(CollectionError, match="another encoder"):
        run(CutOffConfig(collection=small_collection, out=tmp_path / "x.json"), encoder)
    assert not (tmp_path / "x.json").exists()
