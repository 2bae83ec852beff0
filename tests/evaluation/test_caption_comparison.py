"""Search by caption gathered into one result file: what is refused, what is said, the tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mrl_demo.errors import CollectionError
from mrl_demo.evaluation import caption_comparison
from mrl_demo.evaluation.comparison_tables import comparison_tables
from tests.evaluation.made_runs import MADE, ON_A_GPU

RECALL = "recall@10 of type, colour, gender"


def write_asked(work: Path, name: str, dims: tuple[int, ...], seed: int = 0, **changed: Any) -> Path:
    """One run as `training/compare_captions.py` writes it."""
    figures = [
        {
            **{"part": "fashion", "measure": RECALL, "dim": dim, "value": dim / 100 + seed / 10, "n": 7},
            **{"stderr": 0.02, "made": made, "draw": None},
        }
        for dim in dims
        for made in ("", "SVD")
        if not made or len(dims) == 1
    ]
    part = {"name": "fashion", "revision": "r1", "digest": "d1", "train": 90, "held_out": 10}
    recipe = {"nested_dims": list(dims), "tied": False, "weights": [], "seed": seed, "model": "tiny"}
    found = {
        "recipe": {**recipe, "epochs": 4, "batch_size": 8},
        "trained": {"nested_dims": list(dims), "seed": seed, "seconds": 2.0},
        "made": MADE,
        "parts": [part],
        "figures": figures,
    }
    file = work / name / caption_comparison.FIGURES
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({**found, **changed}))
    return file


def test_questions_errors_and_definitions_are_in_the_file(tmp_path: Path) -> None:
    for seed in (0, 1):
        write_asked(tmp_path, f"MRL-seed{seed}", (8, 16), seed)
    write_asked(tmp_path, "FF-16-seed0", (16,), made=ON_A_GPU)
    content = caption_comparison.run(tmp_path, tmp_path / "out.json")
    assert content["scores"][0]["n"] == 7 and content["scores"][0]["stderr"] == 0.02
    assert "divided by min(10, how many there are)" in content["what"]
    assert "of that set alone, not centred" in content["what"]
    assert "a single seed of 1 of the 2 models" in content["what"] and "epochs where" not in content["what"]
    assert "on different hardware and at different commits" in content["what"]
    assert {run["hardware"] for run in content["trained"]} == {"A GPU", "A CPU, 2 threads"}
    table = next(table for table in comparison_tables(content) if table["id"].startswith("by-caption"))
    assert table["columns"] == ["dim", "MRL (2 seeds)", "FF (1 seed)", "SVD (1 seed)"]
    assert table["rows"] == [[8, 13.0, None, None], [16, 21.0, 16.0, 16.0]]
    assert "MRL 2 seeds (± 7.07 at most), FF 1 seed" in table["note"] and "min(10" in table["note"]


def test_runs_of_other_pictures_are_no_comparison(tmp_path: Path) -> None:
    write_asked(tmp_path, "MRL-seed0", (8, 16))
    part = {"name": "fashion", "revision": "r2", "digest": "d2", "train": 90, "held_out": 10}
    write_asked(tmp_path, "MRL-seed1", (8, 16), 1, parts=[part])
    with pytest.raises(CollectionError, match="saw other pictures of fashion: that is no comparison"):
        caption_comparison.run(tmp_path, tmp_path / "out.json")


@pytest.mark.parametrize("lost", ["made", "parts", "recipe"])
def test_a_run_that_does_not_say_how_it_was_made_is_refused(tmp_path: Path, lost: str) -> None:
    write_asked(tmp_path, "MRL-seed0", (8, 16), **{lost: {}})
    with pytest.raises(CollectionError, match=f"it lacks {lost}"):
        caption_comparison.run(tmp_path, tmp_path / "out.json")


def test_what_a_measure_means_is_said_where_its_name_does_not(tmp_path: Path) -> None:
    measured = {"part": "still", "dim": 8, "value": 0.5, "n": 7, "stderr": 0.1, "made": "", "draw": None}
    names = ("category", "relation, not its opposite")
    write_asked(tmp_path, "MRL-seed0", (8,), figures=[{**measured, "measure": name} for name in names])
    content = caption_comparison.run(tmp_path, tmp_path / "out.json")
    category, relation = (
        table for table in comparison_tables(content) if table["id"].startswith("by-caption")
    )
    assert relation["id"] == "by-caption-still-relation-not-its-opposite"
    assert "a half by chance" in relation["note"] and "a half by chance" in content["what"]
    assert "a half by chance" not in category["note"] and "min(10" not in content["what"]
