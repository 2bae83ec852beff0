"""The commands for vectors: plan, index and search from files, end to end, without an encoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mrl_demo.__main__ import main
from mrl_demo.search.plan import Plan
from mrl_demo.search.store import Store
from tests.search.conftest import clustered

ROWS = clustered(1200, full_dim=64)
QUERIES = clustered(300, seed=3, full_dim=64)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    np.save(tmp_path / "vectors.npy", ROWS)
    np.save(tmp_path / "queries.npy", QUERIES)
    np.save(tmp_path / "one.npy", ROWS[7])
    column = pa.array(ROWS.tolist(), pa.list_(pa.float32()))
    pq.write_table(pa.table({"embedding": column}), tmp_path / "vectors.parquet")
    return tmp_path


def test_plan_index_and_search_follow_each_other(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--queries", str(files / "queries.npy"), "--target-recall", "0.9"]
    assert main(["plan", str(files / "vectors.npy"), *given, "--out", str(files / "plan.json")]) == 0
    said = capsys.readouterr().out
    assert "> " in said and "first stage" in said and "--plan" in said
    plan = Plan.from_json((files / "plan.json").read_text())
    assert plan.recall_bound >= 0.9 and plan.held_out == 150
    index = ["index", str(files / "vectors.npy"), "--out", str(files / "store")]
    assert main([*index, "--plan", str(files / "plan.json")]) == 0
    capsys.readouterr()
    store = Store.open(files / "store")
    assert store.plan is not None and Plan.from_dict(store.plan) == plan
    assert main(["search", str(files / "one.npy"), "--collection", str(files / "store"), "--k", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{plan.first_stage} {plan.cascade}"
    assert len(lines) == 4 and lines[1].split() == ["1", "1.000", "7"]


def test_a_collection_is_planned_and_its_vectors_indexed(
    small_collection: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "plan.json"
    assert main(["plan", str(small_collection), "--target-recall", "0.9", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert f"index {small_collection / 'embeddings.npy'} --out DIR" in said
    made = Plan.from_json(out.read_text())
    assert (made.n, made.full_dim) == (200, 512)


@pytest.mark.parametrize("turned", [[], ["--pca"]])
def test_a_store_is_planned_anew_and_keeps_the_plan(
    files: Path, turned: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    store, out = files / "store", files / "plan.json"
    index = ["index", str(files / "vectors.npy"), "--out", str(store), "--target-recall", "0.5", *turned]
    assert main(index) == 0
    before = Store.open(store).plan
    asked = ["--queries", str(files / "queries.npy"), "--target-recall", "0.95", "--out", str(out)]
    assert main(["plan", str(store), *asked]) == 0
    assert f"kept in {store}" in capsys.readouterr().out
    made = Plan.from_json(out.read_text())
    kept = Store.open(store).plan
    assert kept is not None and kept != before and Plan.from_dict(kept) == made
    assert made.recall_bound >= 0.95 and made.n == 1200
    assert main(["search", str(files / "one.npy"), "--collection", str(store), "--k", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{made.first_stage} {made.cascade}" and lines[1].split()[2] == "7"
    assert main(["plan", str(store), "--pca"]) == 2
    assert "leave out --pca" in capsys.readouterr().err


def test_a_store_is_compacted_before_it_is_planned(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed = Store.create(files / "store", ROWS[:400])
    changed.add(range(400, 700), ROWS[400:700])
    changed.remove([5])
    asked = ["plan", str(files / "store"), "--queries", str(files / "queries.npy"), "--target-recall", "0.5"]
    assert main([*asked, "--out", str(files / "plan.json")]) == 0
    assert "into one piece" in capsys.readouterr().out
    store = Store.open(files / "store")
    assert store.is_compact and len(store) == 699 and store.plan is not None and store.plan["n"] == 699


def test_parquet_is_indexed_rotated_and_planned_at_once(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = ["index", str(files / "vectors.parquet"), "--column", "embedding", "--out", str(files / "store")]
    assert main([*index, "--pca", "--dtype", "f32", "--target-recall", "0.9"]) == 0
    assert "1,200 vectors of 64 dims" in capsys.readouterr().out
    store = Store.open(files / "store")
    assert store.rotation is not None and store.dtype == "f32" and store.plan is not None
    flat = ["--dims", "64", "--first-stage", "exact"]
    assert main(["search", str(files / "one.npy"), "--collection", str(files / "store"), *flat]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["1", "1.000", "7"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["plan", "missing.npy"], "missing.npy"),
        (["plan", "."], "there is no collection at ."),
        (["plan", "vectors.npy", "--target-recall", "99"], "target_recall"),
        (["plan", "vectors.parquet", "--column", "words"], "'words'"),
        (["plan", "vectors.npy", "--out", "one.npy/plan.json"], "could not be written"),
        (["index", "vectors.npy", "--out", "store", "--plan", "one.npy"], "one.npy"),
        (["index", "vectors.npy", "--out", "store", "--dtype", "f8"], "'f8'"),
        (["search", "one.npy", "--collection", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_done_is_one_plain_line_and_exit_code_2(
    files: Path,
    arguments: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(files)
    assert main(arguments) == 2
    complaint = capsys.readouterr().err.splitlines()[-1]
    assert complaint.startswith(f"{arguments[0]}: ") and said in complaint
