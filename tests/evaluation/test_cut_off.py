"""The cut-off: counted by hand at some dims, and measured whole on the painted collection."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mrl_demo.collection import Pack
from mrl_demo.errors import CollectionError
from mrl_demo.evaluation.cut_off import FOREIGN, CutOffConfig, cut_offs, run
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
    assert set(result["foreign"]) == set(FOREIGN)
    assert result["model"]["fingerprint"] == "fake-512" and result["commit"]
    assert {row["metric"] for row in result["scores"]} == {
        "cut_off",
        "right_pass",
        "wrong_pass",
        "foreign_pass",
    }


def test_another_encoder_is_refused(small_collection: Path, tmp_path: Path) -> None:
    encoder = FakeEncoder()
    encoder.fingerprint = "another"
    with pytest.raises(CollectionError, match="another encoder"):
        run(CutOffConfig(collection=small_collection, out=tmp_path / "x.json"), encoder)
    assert not (tmp_path / "x.json").exists()
