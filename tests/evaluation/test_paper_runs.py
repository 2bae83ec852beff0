"""Trained models on disk: what a run is called, and what cannot be compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mrl_demo.errors import CollectionError
from mrl_demo.evaluation.paper_runs import Data, Run, finished, model_of
from tests.evaluation.made_runs import run, write, write_data


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({}, "MRL"),
        ({"tied": True}, "MRL-E"),
        ({"nested_dims": [16]}, "FF"),
        ({"weights": [2.0, 1.0, 1.0]}, "MRL, c = [2, 1, 1]"),
        ({"weights": [2.0, 1.0, 1.0, 1.0]}, "MRL, c = [2, 1, 1, …]"),
        ({"weights": [1.0, 1.0, 1.0]}, "MRL"),
    ],
)
def test_a_run_is_called_by_its_recipe(changed: dict[str, Any], name: str) -> None:
    assert model_of({"nested_dims": [8, 16, 32], "tied": False, "weights": [], **changed}) == name


def test_what_is_written_is_read(tmp_path: Path) -> None:
    made = run()
    found = Run.read(write(tmp_path, "MRL-seed0", made))
    assert (found.model, found.nested_dims, found.seed, found.seconds) == ("MRL", (8, 16, 32), 0, 1.5)
    assert found.made == made.made and found.made["device"] == "cpu"
    assert np.allclose(found.train, made.train, atol=0.01) and found.train.dtype == np.float32
    assert np.array_equal(found.heads[16].weight, made.heads[16].weight)


def test_runs_of_other_recipes_are_no_comparison(tmp_path: Path) -> None:
    write(tmp_path, "MRL-seed0", run())
    write(tmp_path, "FF-8-seed1", run((8,), seed=1))
    assert len(finished(tmp_path)) == 2
    write(tmp_path, "longer", run(epochs=9))
    with pytest.raises(CollectionError, match="trained differently \\(epochs\\)"):
        finished(tmp_path)


def test_what_is_missing_or_damaged_is_said(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="no run is finished"):
        finished(tmp_path)
    with pytest.raises(CollectionError, match=r"there is no .*data\.npz"):
        Data.read(tmp_path)
    write_data(tmp_path)
    assert Data.read(tmp_path).names == tuple("abcdef") and Data.read(tmp_path).source["a_class"] == 20
    file = write(tmp_path, "MRL-seed0", run())
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(CollectionError, match="damaged"):
        finished(tmp_path)


def test_what_does_not_say_how_it_was_made_is_refused(tmp_path: Path) -> None:
    write_data(tmp_path)
    for file in (write(tmp_path, "MRL-seed0", run()), tmp_path / "data.npz"):
        with np.load(file) as before:
            kept = {name: before[name] for name in before if name not in ("made", "source")}
        np.savez(file, **kept)
    with pytest.raises(CollectionError, match=r"features\.npz does not say its 'made'"):
        Run.read(tmp_path / "MRL-seed0" / "features.npz")
    with pytest.raises(CollectionError, match=r"data\.npz does not say its 'source'"):
        Data.read(tmp_path)
