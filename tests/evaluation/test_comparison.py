"""The comparison from files to tables: complete, resumed, measured anew when the model has changed."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from mrl_demo.evaluation import comparison, superclass
from mrl_demo.evaluation.comparison_tables import comparison_tables
from mrl_demo.evaluation.paper_runs import Run
from tests.evaluation.made_runs import run, write, write_data


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
    assert list(tables)[:3] == ["top_1", "discriminant_top_1", "one_nn"] and len(tables) == 13
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


def test_the_grid_s_diagonal_is_flat_retrieval(work: Path, tmp_path: Path) -> None:
    tables = {table["id"]: table for table in comparison_tables(comparison.run(work, tmp_path / "out.json"))}
    flat = {row[0]: row[1] for row in tables["map_at_k"]["rows"]}
    grid = tables["grid"]
    assert grid["columns"] == ["shortlist by", *(f"re-ranked by {d}, %" for d in (8, 16, 32)), "oracle, %"]
    for place, row in enumerate(grid["rows"]):
        assert row[1 + place] == flat[row[0]] and row[1:][:place] == [None] * place
        assert row[-1] >= max(value for value in row[1:-1] if value is not None)
    costs = [row[2] for row in tables["by-cost"]["rows"]]
    assert costs == sorted(costs)


def test_the_spread_is_over_seeds(work: Path, tmp_path: Path) -> None:
    tables = {table["id"]: table for table in comparison_tables(comparison.run(work, tmp_path / "out.json"))}
    row = next(row for row in tables["spread"]["rows"] if row[:3] == ["top 1", "MRL", 8])
    mean, least, most, deviation, count = row[4:]
    assert (
        count == 2 and least <= mean <= most and deviation == pytest.approx((most - least) / 2**0.5, abs=1e-4)
    )


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


def test_one_model_alone_has_its_tables(tmp_path: Path) -> None:
    write_data(tmp_path)
    write(tmp_path, "FF-8-seed0", run((8,)))
    content = comparison.run(tmp_path, tmp_path / "out.json")
    assert content["superclasses"] == {}  # six classes are too few to be gathered
    shown = [table["id"] for table in comparison_tables(content)]
    assert "top_1" in shown and "grid" not in shown and "adaptive-curve" not in shown


def _is(row: dict[str, Any], metric: str, model: str, dim: int) -> bool:
    return bool(row["metric"] == metric and row["model"] == model and row["dim"] == dim)
