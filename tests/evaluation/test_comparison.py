"""The comparison from files to tables: complete, resumed, measured anew when the model has changed."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mrl_demo.evaluation import comparison, superclass
from mrl_demo.evaluation.comparison_spread import Spread, over_seeds
from mrl_demo.evaluation.comparison_tables import comparison_tables
from mrl_demo.evaluation.comparison_words import training_places, what_was_cut
from mrl_demo.evaluation.paper_measures import MEASURING, PACKAGE
from mrl_demo.evaluation.paper_runs import Run
from tests.evaluation.made_runs import HYPERNYMS, ON_A_GPU, run, write, write_data


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(superclass.gather, "__defaults__", (3, 2))  # six classes make two superclasses
    write_data(tmp_path / "work")
    for seed in (0, 1):
        write(tmp_path / "work", f"MRL-seed{seed}", run(seed=seed))
        for dim in (8, 16, 32):
            write(tmp_path / "work", f"FF-{dim}-seed{seed}", run((dim,), seed=seed))
    return tmp_path / "work"


def test_every_table_is_filled_and_shows_means_over_seeds(work: Path, tmp_path: Path) -> None:
    content = comparison.run(work, tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text())["scores"] == content["scores"]
    assert content["seeds"] == [0, 1] and content["recipe"] == {"epochs": 2}
    assert content["superclasses"] == {"animal": 3, "vehicle": 3} and content["commit"]
    tables = {table["id"]: table for table in comparison_tables(content)}
    assert list(tables)[:3] == ["top_1", "discriminant_top_1", "one_nn"] and len(tables) == 15
    for table in tables.values():
        assert all(len(row) == len(table["columns"]) for row in table["rows"]), table["id"]
    linear = tables["top_1"]
    assert linear["columns"][:4] == ["dim", "MRL", "FF", "SVD"]
    values = [row["value"] for row in content["scores"] if _is(row, "top_1", "MRL", 8)]
    row = next(row for row in linear["rows"] if row[0] == 8)
    assert len(values) == 2 and row[1] == pytest.approx(50 * sum(values), abs=0.01)
    assert [row[0] for row in linear["rows"]] == [8, 16, 32]  # heads are trained at nested dims alone
    between = next(row for row in tables["one_nn"]["rows"] if row[0] == 12)
    assert isinstance(between[1], float) and between[2] is None  # FF has no dims between
    assert content["what"].startswith("every model trained from scratch by one recipe (2 epochs)")
    assert content["data"]["source"] == "made up@r1" and content["data"]["a_class"] == 20


def test_where_and_at_which_commit_each_model_was_trained_is_said(work: Path, tmp_path: Path) -> None:
    content = comparison.run(work, tmp_path / "out.json")
    (first, *_), places = content["trained"], "A CPU, 2 threads at commit abc123 (8 runs)"
    assert {first[name] for name in ("command", "commit", "device", "hardware", "seconds")} == {
        "python -m mrl_demo compare",
        "abc123",
        "cpu",
        "A CPU, 2 threads",
        1.5,
    }
    assert training_places(content["trained"]) == places and "The models were trained" not in content["what"]
    shutil.rmtree(work / "FF-8-seed1")
    write(work, "FF-8-seed1", dataclasses.replace(run((8,), seed=1), made=ON_A_GPU))
    content = comparison.run(work, tmp_path / "out.json")
    assert "The models were trained on different hardware and at different commits." in content["what"]
    said = training_places(content["trained"])
    assert said.startswith("A CPU, 2 threads at commit abc123") and "A GPU at commit def456 (1 run)" in said


def test_what_was_cut_of_the_full_protocol_is_said() -> None:
    data = {"name": "tiny-imagenet-200", "classes": 100, "a_class": 250, "train": 25000, "held_out": 2487}
    runs = [{"model": "MRL", "nested_dims": [8, 16], "seed": seed} for seed in (0, 1)]
    runs.append({"model": "FF", "nested_dims": [8], "seed": 0})
    recipe = {"trunk": "resnet10t", "crop": 48, "size": 64, "epochs": 6}
    assert what_was_cut(runs, recipe, data) == (
        "Smaller than the full protocol: 100 of 200 classes; 25,000 of 50,000 training photos; 2,487 of 5,000"
        " photos of the official validation set; resnet10t instead of the paper's resnet50; photos of"
        " 64 pixels seen in crops of 48 and embedded at 48; 6 epochs where 100 or more are usual;"
        " a single seed of 1 of the 2 models."
    )
    whole = {"name": "tiny-imagenet", "classes": 200, "a_class": 0, "train": 100000, "held_out": 10000}
    full = {"trunk": "resnet50", "crop": 64, "size": 64, "epochs": 100}
    assert what_was_cut(runs[:2], full, whole) == what_was_cut(runs[:2]) == ""
    assert "at most 5 training photos" in what_was_cut(runs, full, {**whole, "name": "other", "a_class": 5})


def test_the_code_that_measures_is_all_that_is_imported_for_it() -> None:
    """A change in any of it must make the figures anew; errors and the writing of files change none."""
    asked = "import sys, mrl_demo.evaluation.paper_measures\n"
    asked += "print(*[m.__file__ for name, m in sys.modules.items() if name.startswith('mrl_demo.')])"
    done = subprocess.run([sys.executable, "-c", asked], cwd=PACKAGE.parent, capture_output=True, text=True)
    apart = ("__init__.py", "errors.py", "whole.py")
    imported = {Path(file) for file in done.stdout.split() if Path(file).name not in apart}
    listed = {file for pattern in MEASURING for file in PACKAGE.glob(pattern)}
    assert imported == listed, "MEASURING must name what paper_measures.py imports of the package"


def test_the_grid_s_diagonal_is_flat_retrieval(work: Path, tmp_path: Path) -> None:
    tables = {table["id"]: table for table in comparison_tables(comparison.run(work, tmp_path / "out.json"))}
    flat = {row[0]: row[1] for row in tables["map_at_k"]["rows"]}
    grid = tables["grid"]
    assert grid["columns"] == ["shortlist by", *(f"re-ranked by {d}, %" for d in (8, 16, 32)), "oracle, %"]
    for place, row in enumerate(grid["rows"]):
        assert row[1 + place] == flat[row[0]] and row[1:][:place] == [None] * place
        assert row[-1] >= max(value for value in row[1:-1] if value is not None)
    costs = [row[4] for row in tables["by-cost"]["rows"]]
    assert costs == sorted(costs)


def test_stopping_early_stands_beside_every_dim_alone_and_an_oracle(work: Path, tmp_path: Path) -> None:
    content = comparison.run(work, tmp_path / "out.json")
    tables = {table["id"]: table for table in comparison_tables(content)}
    curve = tables["adaptive-curve"]
    alone = {row[0]: row[curve["columns"].index("MRL, every dim alone")] for row in curve["rows"]}
    assert [alone[dim] for dim in (8, 16, 32)] == [row[1] for row in tables["top_1"]["rows"]]
    stopped = tables["adaptive-classification"]
    assert stopped["columns"][-2:] == ["full dim alone, %", "right at some dim, %"]
    assert all(row[-1] >= row[-2] for row in stopped["rows"])


def test_the_superclasses_are_named(work: Path, tmp_path: Path) -> None:
    content = comparison.run(work, tmp_path / "out.json")
    tables = {table["id"]: table for table in comparison_tables(content)}
    assert dict(tables["superclasses-of-ours"]["rows"]) == content["superclasses"]
    assert "errors_within_superclass_by_chance" in tables


def test_where_there_is_one_seed_nothing_is_said_of_a_spread() -> None:
    one, two = Spread(((0.5,),)), Spread(((0.5,), (0.6,)))
    assert over_seeds({"MRL": [one], "FF": [one, one]}).startswith("One seed of each model")
    assert over_seeds({"MRL": [one], "FF": [one, two]}).startswith("Means over seeds")
    assert over_seeds({"MRL": []}) == ""


def test_the_spread_is_over_seeds(work: Path, tmp_path: Path) -> None:
    tables = {table["id"]: table for table in comparison_tables(comparison.run(work, tmp_path / "out.json"))}
    row = next(row for row in tables["spread"]["rows"] if row[:3] == ["top 1", "MRL", 8])
    mean, least, most, deviation, seeds, draws = row[4:]
    assert least <= mean <= most and (seeds, draws) == (2, 1)
    assert deviation == pytest.approx((most - least) / 2**0.5, abs=1e-4)


def test_draws_are_averaged_within_a_seed_first(work: Path, tmp_path: Path) -> None:
    content = comparison.run(work, tmp_path / "out.json")
    tables = {table["id"]: table for table in comparison_tables(content)}
    by_seed = [
        [row["value"] for row in content["scores"] if _is(row, "adaptive_last_dim", "MRL", 32, seed)]
        for seed in (0, 1)
    ]
    first, second = (sum(values) / 30 for values in by_seed)
    row = next(row for row in tables["spread"]["rows"] if row[:2] == ["adaptive last dim", "MRL"])
    assert row[-2:] == [2, 30] and row[5:7] == pytest.approx(sorted([first, second]), rel=1e-3)
    adaptive = tables["adaptive-classification"]
    told = dict(zip(adaptive["columns"], adaptive["rows"][0], strict=True))
    assert told["seeds"] == 2 and told["expected dims"] == pytest.approx((first + second) / 2, abs=0.06)
    assert told["± over seeds"] == pytest.approx(abs(first - second) / 2**0.5, abs=0.06)
    assert told["least of a half"] == pytest.approx(min(by_seed[0] + by_seed[1]), abs=0.06)


def test_tables_say_how_many_seeds_each_model_has(work: Path, tmp_path: Path) -> None:
    tables = {table["id"]: table for table in comparison_tables(comparison.run(work, tmp_path / "out.json"))}
    assert tables["one_nn"]["columns"][1:3] == ["MRL", "FF"] and "MRL 2 seeds (± " in tables["one_nn"]["note"]
    shutil.rmtree(work / "FF-8-seed1")
    shutil.rmtree(work / "MRL-seed1")
    tables = {table["id"]: table for table in comparison_tables(comparison.run(work, tmp_path / "out.json"))}
    assert tables["one_nn"]["columns"][1:3] == ["MRL (1 seed)", "FF (1 to 2 seeds)"]
    assert "MRL 1 seed, FF 1 to 2 seeds (± " in tables["one_nn"]["note"]
    cost = tables["by-cost"]
    assert {(row[0], row[2] is None, row[3]) for row in cost["rows"]} == {
        ("MRL", True, 1),
        ("FF", True, 1),
        ("FF", False, 2),
    }


def test_what_is_measured_is_kept_until_the_model_changes(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = comparison.run(work, tmp_path / "out.json")
    read: list[Path] = []
    whole = Run.read
    monkeypatch.setattr(Run, "read", lambda file: (read.append(file), whole(file))[1])
    assert comparison.run(work, tmp_path / "out.json")["scores"] == first["scores"] and not read
    changed = dataclasses.replace(run(seed=1, noise=9), nested_dims=(8, 16, 32))
    (work / "MRL-seed1" / "features.npz").unlink()
    (work / "MRL-seed1" / "figures.json").rename(work / "kept.json")
    (work / "MRL-seed1").rmdir()
    write(work, "MRL-seed1", changed)
    (work / "kept.json").rename(work / "MRL-seed1" / "figures.json")
    assert comparison.run(work, tmp_path / "out.json")["scores"] != first["scores"]
    assert [file.parent.name for file in read] == ["MRL-seed1"]


def test_other_superclasses_are_measured_anew(work: Path, tmp_path: Path) -> None:
    write_data(work, ("",) * 6)
    assert comparison.run(work, tmp_path / "out.json")["superclasses"] == {}
    write_data(work, HYPERNYMS)
    scores = comparison.run(work, tmp_path / "out.json")["scores"]
    assert any(row["metric"] == "superclass_accuracy" for row in scores)


def test_one_model_alone_has_its_tables(tmp_path: Path) -> None:
    write_data(tmp_path)
    write(tmp_path, "FF-8-seed0", run((8,)))
    content = comparison.run(tmp_path, tmp_path / "out.json")
    assert content["superclasses"] == {}  # six classes are too few to be gathered
    shown = [table["id"] for table in comparison_tables(content)]
    assert "top_1" in shown and "grid" not in shown and "adaptive-curve" not in shown


def _is(row: dict[str, Any], metric: str, model: str, dim: int, seed: int | None = None) -> bool:
    same = (row["metric"], row["model"], row["dim"]) == (metric, model, dim)
    return same and seed in (None, row["seed"])
