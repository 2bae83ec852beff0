"""The comparison's driver: every model by one recipe, finished ones kept, what evaluation needs beside."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path

import numpy as np
import pytest

from mrl_demo.__main__ import main
from mrl_demo.errors import CollectionError
from mrl_demo.evaluation.paper_runs import Data, Run, finished, read_recipe
from mrl_demo.training.classify import ClassifyConfig
from mrl_demo.training.compare import Source, read_source, runs, train_all
from mrl_demo.training.hub import HubFiles
from tests.training.test_classify import config, photos
from tests.training.test_photos import write


@pytest.fixture
def base(tmp_path: Path) -> ClassifyConfig:
    return config(tmp_path / "work", epochs=1)


@pytest.fixture
def source() -> Source:
    return Source(photos(48, 0), photos(16, 1), ("a", "b", "c"), ("x", "x", "y"))


def test_what_is_compared() -> None:
    known = runs((8, 16, 32))
    assert list(known) == ["MRL", "FF-32", "FF-8", "FF-16", "MRL-E", "MRL-c2"]
    assert known["FF-16"] == {"nested_dims": (16,)} and known["MRL-E"]["tied"]
    assert known["MRL-c2"]["weights"] == (2.0, 1.0, 1.0)


def test_all_are_trained_by_one_recipe_and_can_be_read_without_torch(
    base: ClassifyConfig, source: Source
) -> None:
    done = train_all(base, source, "noise", (0,), device="cpu")
    assert sorted(done) == finished(base.out) and len(done) == 6
    assert {Run.read(file).model for file in done} == {"MRL", "MRL-E", "MRL, c = [2, 1, 1]", "FF"}
    data = Data.read(base.out)
    assert data.title == "noise" and data.names == ("a", "b", "c") and len(data.train) == 48
    assert Run.read(done[0]).train.shape == (48, 32)


def test_seeds_and_names_are_chosen_and_finished_runs_kept(base: ClassifyConfig, source: Source) -> None:
    (first,) = train_all(base, source, "noise", (3,), ["FF-4"], "cpu")
    assert first.parent.name == "FF-4-seed3" and read_recipe(first)["seed"] == 3
    stamp = first.stat().st_mtime_ns
    both = train_all(base, source, "noise", (3, 4), ["FF-4"], "cpu")
    assert first.stat().st_mtime_ns == stamp and [each.parent.name[-1] for each in both] == ["3", "4"]
    recipes = [ast.literal_eval(str(np.load(file)["recipe"])) for file in both]
    assert {**recipes[0], "seed": 4} == recipes[1]


def test_unknown_names_and_other_photos_are_refused(base: ClassifyConfig, source: Source) -> None:
    with pytest.raises(ValueError, match="no run FF-5; there are MRL, FF-32"):
        train_all(base, source, "noise", (0,), ["FF-5"], "cpu")
    train_all(base, source, "noise", (0,), ["FF-4"], "cpu")
    other = dataclasses.replace(source, train=photos(40, 0))
    with pytest.raises(CollectionError, match="saw other photos"):
        train_all(base, other, "noise", (0,), ["FF-4"], "cpu")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "train-00000-of-00001.parquet", [10, 21, 32] * 4)
    write(tmp_path / "val-00000-of-00001.parquet", [10, 21, 32] * 2)
    (tmp_path / "classes.tsv").write_text("wnid\tnames\thypernyms\nn1\tred, Rot\tcolour\nn2\tblue\tcolour\n")
    return tmp_path


def test_the_first_classes_and_so_many_photos_of_each_are_read(folder: Path, tmp_path: Path) -> None:
    source = read_source(str(folder), tmp_path / "cache", 16, classes=2, a_class=3)
    assert np.bincount(source.train.labels).tolist() == [3, 3]
    assert np.bincount(source.held_out.labels).tolist() == [2, 2]
    assert (source.train.pixels[source.train.labels == 1][:, 0, 0, 0] == 21).all()
    assert source.names == ("red", "blue") and source.hypernyms == ("colour", "colour")


def test_without_names_for_all_classes_they_are_numbered(folder: Path, tmp_path: Path) -> None:
    source = read_source(str(folder), tmp_path / "cache", 16, classes=3)
    assert len(source.train) == 12 and source.names == ("0", "1", "2") and source.hypernyms == ("", "", "")
    with pytest.raises(CollectionError, match="has 3 classes"):
        read_source(str(folder), tmp_path / "cache", 16, classes=4)


def test_a_data_set_of_the_hub_is_read_alike(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "data").mkdir()
    for file in folder.glob("*.parquet"):
        file.rename(folder / "data" / file.name.replace("val-", "valid-"))
    asked: list[str] = []
    monkeypatch.setattr(
        "mrl_demo.training.compare.fetch", lambda spec: (asked.append(spec), HubFiles(folder, (), "abc"))[1]
    )
    source = read_source("hub:someone/photos", tmp_path / "cache", 16, classes=3)
    assert asked == ["hub:someone/photos"] and (len(source.train), len(source.held_out)) == (12, 6)


def test_the_command_says_what_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--work", str(tmp_path), "--out", str(tmp_path / "out.json"), "--no-train"]) == 2
    assert "python -m mrl_demo compare makes it" in capsys.readouterr().err
    assert main(["compare", "--work", str(tmp_path), "--data", str(tmp_path / "nowhere")]) == 2
    assert "there is no folder" in capsys.readouterr().err
