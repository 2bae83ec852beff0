"""A run holds out no picture that its start was trained on, nor any that the start's own start was."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from mrl_demo.errors import CheckpointError, CollectionError
from mrl_demo.model.checkpoint import read_card
from mrl_demo.training.lineage import check_start, trainings
from mrl_demo.training.sources import find, open_parts
from mrl_demo.training.trainer import run
from tests.training.tiny import config, labelled_set, training_set


def test_what_a_start_saw_is_not_held_out(tmp_path: Path) -> None:
    first = config(tmp_path, out=tmp_path / "first", epochs=1)
    card = run(first).card
    second = config(tmp_path, epochs=1, start_from=first.out)
    same = open_parts(first.data, 32, 0.2, 0)
    check_start(card, same, 0.2, 0)
    for changed in ({"split_seed": 1}, {"held_out": 0.3}):
        with pytest.raises(
            CollectionError, match=r"saw pictures of .* --held-out 0\.2 --split-seed 0, or begin"
        ):
            run(dataclasses.replace(second, **changed))
    assert not second.out.exists()
    (tmp_path / "other").mkdir()
    other = training_set(tmp_path / "other" / "train.parquet", 40)
    check_start(card, open_parts(str(other), 32, 0.5, 9), 0.5, 9)  # of which it saw nothing
    training_set(Path(first.data), 60)
    with pytest.raises(CollectionError, match="nobody knows which of its pictures it saw"):
        run(second)


def test_what_the_start_of_a_start_saw_is_not_held_out_either(tmp_path: Path) -> None:
    first = config(tmp_path, out=tmp_path / "first", epochs=1)
    run(first)
    photos = tmp_path / "photos"
    labelled_set(photos / "train.parquet", 40)
    labelled_set(photos / "val.parquet", 8)
    second = config(tmp_path, out=tmp_path / "second", epochs=1, data=str(photos), start_from=first.out)
    card = run(dataclasses.replace(second, split_seed=1)).card  # photos have a part of their own
    assert [[part["name"] for part in one["parts"]] for one in trainings(card)] == [
        [tmp_path.name],
        ["photos"],
    ]
    assert read_card(second.out).training["earlier"][0]["config"]["data"] == first.data
    third = config(tmp_path, epochs=1, start_from=second.out)
    with pytest.raises(CollectionError, match="that this run would hold out"):
        run(dataclasses.replace(third, split_seed=1))
    assert run(third).card.scores


def test_an_older_card_is_taken_by_its_word(tmp_path: Path) -> None:
    """It names its data, which is looked at as it is now, and parted it by the seed of its training."""
    card = run(config(tmp_path, out=tmp_path / "first", epochs=1)).card
    told = json.loads(json.dumps(card.training["config"]))
    del told["split_seed"]
    older = dataclasses.replace(card, training={"config": {**told, "seed": 4}})
    parts = open_parts(find(told["data"])[0].source, 32, 0.2, 4)
    check_start(older, parts, 0.2, 4)
    with pytest.raises(CollectionError, match="--split-seed 4"):
        check_start(older, parts, 0.2, 0)
    with pytest.raises(CheckpointError, match="does not say what its training held out"):
        check_start(dataclasses.replace(card, training={}), parts, 0.2, 4)
