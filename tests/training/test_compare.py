"""The comparison's driver: every model by one recipe, finished ones kept, what evaluation needs beside."""

from __future__ import annotations

import ast
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from mrl_demo.__main__ import main
from mrl_demo.errors import CollectionError
from mrl_demo.evaluation.paper_runs import Data, Run, finished, read_recipe
from mrl_demo.evaluation.superclass import gather
from mrl_demo.training import photo_captions
from mrl_demo.training.classify import ClassifyConfig
from mrl_demo.training.compare import DATA, Source, _told, read_source, runs, train_all, write_data
from mrl_demo.training.hub import HubFiles
from tests.training.test_classify import config, photos
from tests.training.test_photos import write
from tests.training.tiny import labelled_set


@pytest.fixture
def base(tmp_path: Path) -> ClassifyConfig:
    return config(tmp_path / "work", epochs=1)


@pytest.fixture
def source() -> Source:
    return Source(photos(48, 0), photos(16, 1), ("a", "b", "c"), ("x", "x", "y"), "noise", digest="abc")


def test_what_is_compared() -> None:
    known = runs((8, 16, 32))
    assert list(known) == ["MRL", "FF-32", "FF-8", "FF-16", "MRL-E", "MRL-c2"]
    assert known["FF-16"] == {"nested_dims": (16,)} and known["MRL-E"]["tied"]
    assert known["MRL-c2"]["weights"] == (2.0, 1.0, 1.0)


def test_all_are_trained_by_one_recipe_and_can_be_read_without_torch(
    base: ClassifyConfig, source: Source
) -> None:
    done = train_all(base, source, (0,), device="cpu")
    assert sorted(done) == finished(base.out) and len(done) == 6
    assert {Run.read(file).model for file in done} == {"MRL", "MRL-E", "MRL, c = [2, 1, 1]", "FF"}
    data = Data.read(base.out)
    assert data.title == "noise" and data.names == ("a", "b", "c") and len(data.train) == 48
    assert Run.read(done[0]).train.shape == (48, 32)


def test_seeds_and_names_are_chosen_and_finished_runs_kept(base: ClassifyConfig, source: Source) -> None:
    (first,) = train_all(base, source, (3,), ["FF-4"], "cpu")
    assert first.parent.name == "FF-4-seed3" and read_recipe(first)["seed"] == 3
    stamp = first.stat().st_mtime_ns
    both = train_all(base, source, (3, 4), ["FF-4"], "cpu")
    assert first.stat().st_mtime_ns == stamp and [each.parent.name[-1] for each in both] == ["3", "4"]
    recipes = [ast.literal_eval(str(np.load(file)["recipe"])) for file in both]
    assert {**recipes[0], "seed": 4} == recipes[1]


def test_unknown_names_and_other_photos_are_refused(base: ClassifyConfig, source: Source) -> None:
    with pytest.raises(ValueError, match="no run FF-5; there are MRL, FF-32"):
        train_all(base, source, (0,), ["FF-5"], "cpu")
    train_all(base, source, (0,), ["FF-4"], "cpu")
    other = dataclasses.replace(source, train=photos(40, 0))
    with pytest.raises(CollectionError, match="saw other photos"):
        train_all(base, other, (0,), ["FF-4"], "cpu")


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


def test_what_trained_on_what_is_written_down(base: ClassifyConfig, source: Source) -> None:
    (file,) = train_all(base, source, (0,), ["FF-4"], "cpu")
    made = json.loads(str(np.load(file)["made"]))
    assert (made["device"], made["threads"]) == ("cpu", 1) and made["hardware"]["cores"] and made["command"]
    assert json.loads(str(np.load(base.out / DATA)["source"])) == {
        "name": "noise",
        "revision": "",
        "digest": "abc",
        "classes": 3,
        "a_class": 0,
        "train": 48,
        "held_out": 16,
    }


def test_what_is_told_of_the_same_photos_may_change(tmp_path: Path, source: Source) -> None:
    file = tmp_path / DATA
    write_data(file, dataclasses.replace(source, names=("0", "1", "2"), hypernyms=("", "", "")))
    with np.load(file) as found:  # as it was written before there was a source
        np.savez(file, **{name: found[name] for name in found if name != "source"})
    write_data(file, source)
    assert Data.read(tmp_path).hypernyms == ("x", "x", "y")
    with pytest.raises(CollectionError, match="saw other photos than noise holds"):
        write_data(file, dataclasses.replace(source, digest="def"))


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
    assert (source.name, source.revision) == ("photos", "abc")


def test_classes_with_wordnet_numbers_have_names_and_hypernyms_without_a_table(tmp_path: Path) -> None:
    for part in ("train", "val"):
        labelled_set(tmp_path / "photos" / f"{part}-0.parquet", 8)
    source = read_source(str(tmp_path / "photos"), tmp_path / "cache", 16, classes=3)
    assert source.names == ("tabby", "golden retriever", "beer bottle")
    assert source.hypernyms[0].endswith(" > animal > entity") and all(source.hypernyms)
    labels = json.loads((Path(photo_captions.__file__).parent / "wordnet_classes.json").read_text())[
        "classes"
    ]
    assert len(gather([_told(label)[1] for label in labels]).names) > 8
    assert _told("n00000000") == ("n00000000", "") and _told("teapot") == ("teapot", "")


def test_the_command_says_what_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--work", str(tmp_path), "--out", str(tmp_path / "out.json"), "--no-train"]) == 2
    assert "python -m mrl_demo compare makes it" in capsys.readouterr().err
    assert main(["compare", "--work", str(tmp_path), "--data", str(tmp_path / "nowhere")]) == 2
    assert "there is no folder" in capsys.readouterr().err
