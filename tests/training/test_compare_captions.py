"""The comparison by caption: every model by one recipe, measured, kept, and gathered into one result file."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from mrl_demo.__main__ import main
from mrl_demo.evaluation.comparison_tables import comparison_tables
from mrl_demo.training.compare_captions import FIGURES, caption_runs, principal, train_all
from mrl_demo.training.validation import RELATION
from tests.training.tiny import config, labelled_set, training_set


def figures(file: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(file.read_text())["figures"]
    return found


def test_what_is_compared() -> None:
    assert list(caption_runs((8, 16, 32))) == ["MRL", "FF-32", "FF-8", "FF-16", "MRL-c2"]


def test_all_are_trained_by_one_recipe_scored_and_kept(tmp_path: Path) -> None:
    base = config(tmp_path, epochs=1)
    work = tmp_path / "runs"
    done = train_all(base, work, (0,))
    assert [file.parent.name for file in done] == [f"{name}-seed0" for name in caption_runs((4, 8, 32))]
    mrl, largest, smallest = (figures(file) for file in done[:3])
    assert {row["dim"] for row in mrl} == {4, 6, 8, 20, 32}
    assert {row["dim"] for row in smallest} == {4} and {row["made"] for row in smallest} == {""}
    made = {(row["made"], row["draw"]) for row in largest}
    assert made == {
        ("", None),
        ("SVD", None),
        ("SVD, centred", None),
        ("FF cut", None),
        *(("random dims", draw) for draw in range(3)),
    }
    pairs = {row["n"] for row in mrl if row["measure"] == RELATION}
    assert len(pairs) == 1 and 0 < min(pairs) < 16  # of the pictures held out some show two things
    assert {row["n"] for row in mrl} == {16, *pairs}
    assert all(0 <= row["stderr"] <= 0.5 / row["n"] ** 0.5 + 1e-4 for row in mrl)
    told = json.loads(done[0].read_text())
    assert told["made"]["device"] == "cpu" and told["made"]["hardware"]["cores"]
    assert [part["digest"] for part in told["parts"]] == told["recipe"]["digests"]
    # A rotation loses nothing: whole, all that is made of the model is the model.
    for measure in {row["measure"] for row in largest}:
        whole = [row for row in largest if row["measure"] == measure and row["dim"] == 32]
        values = {row["value"] for row in whole}
        assert max(values) - min(values) <= 1 / whole[0]["n"] + 1e-4  # one picture, where two are as near

    stamp = done[0].stat().st_mtime_ns
    assert train_all(base, work, (0,), ["MRL"]) == [done[0]] and done[0].stat().st_mtime_ns == stamp
    with pytest.raises(ValueError, match="other settings"):
        train_all(dataclasses.replace(base, learning_rate=1e-4), work, (0,), ["MRL"])
    with pytest.raises(ValueError, match="no run FF-5; there are MRL, FF-32"):
        train_all(base, work, (0,), ["FF-5"])


def test_a_trained_model_that_was_not_measured_is_not_trained_again(tmp_path: Path) -> None:
    base = config(tmp_path, epochs=1)
    (file,) = train_all(base, tmp_path / "runs", (0,), ["FF-4"])
    before, weights = figures(file), (file.parent / "checkpoint").stat().st_mtime_ns
    file.unlink()
    train_all(base, tmp_path / "runs", (0,), ["FF-4"])
    assert figures(file) == before and (file.parent / "checkpoint").stat().st_mtime_ns == weights
    assert file.name == FIGURES
    file.unlink()
    with pytest.raises(ValueError, match="trained with other settings"):
        train_all(dataclasses.replace(base, learning_rate=1e-4), tmp_path / "runs", (0,), ["FF-4"])


def test_a_model_of_before_there_was_a_setting_is_not_taken_for_one_of_another(tmp_path: Path) -> None:
    """AdamW's checkpoint that does not say so is refused beside Muon's, and measured as AdamW's."""
    base = config(tmp_path, epochs=1)
    (file,) = train_all(base, tmp_path / "runs", (0,), ["FF-4"])
    card = file.parent / "checkpoint" / "matryoshka.json"
    told = json.loads(card.read_text())
    for name in ("optimiser", "split_seed", "keep_dims"):
        del told["training"]["config"][name]
    card.write_text(json.dumps(told))
    file.unlink()
    with pytest.raises(ValueError, match="trained with other settings"):
        train_all(dataclasses.replace(base, optimiser="muon"), tmp_path / "runs", (0,), ["FF-4"])
    assert not file.exists()
    train_all(base, tmp_path / "runs", (0,), ["FF-4"])
    recipe = json.loads(file.read_text())["recipe"]
    assert (recipe["optimiser"], recipe["split_seed"], recipe["tied"]) == ("adamw", 0, False)
    with pytest.raises(ValueError, match="trained with other settings"):  # the figures are not Muon's, either
        train_all(dataclasses.replace(base, optimiser="muon"), tmp_path / "runs", (0,), ["FF-4"])


def test_figures_of_other_code_are_measured_again_and_other_data_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, work = config(tmp_path, epochs=1), tmp_path / "runs"
    (file,) = train_all(base, work, (0,), ["FF-4"])
    measured, trained = file.stat().st_mtime_ns, (file.parent / "checkpoint").stat().st_mtime_ns
    changed = tmp_path / "changed.py"
    changed.write_text("")
    monkeypatch.setattr("mrl_demo.training.compare_captions._MEASURING", (SimpleNamespace(__file__=changed),))
    train_all(base, work, (0,), ["FF-4"])
    assert file.stat().st_mtime_ns > measured
    assert (file.parent / "checkpoint").stat().st_mtime_ns == trained
    training_set(Path(base.data), 60)
    with pytest.raises(ValueError, match=r"trained on other data than .* holds now"):
        train_all(base, work, (0,), ["FF-4"])
    file.unlink()
    with pytest.raises(ValueError, match=r"trained on other data than .* holds now"):
        train_all(base, work, (0,), ["FF-4"])


def test_principal_directions_hold_most_first_and_turn_without_loss() -> None:
    rows = torch.randn(200, 6, generator=torch.Generator().manual_seed(0)) * torch.tensor(
        [1.0, 9.0, 3.0, 0.1, 0.2, 0.3]
    )
    turn = principal(rows)
    assert torch.allclose(turn.T @ turn, torch.eye(6), atol=1e-5)
    assert turn[:, 0].abs().argmax() == 1 and turn[:, 1].abs().argmax() == 2
    assert torch.allclose((rows @ turn).norm(dim=1), rows.norm(dim=1), rtol=1e-4)


def test_the_command_trains_gathers_and_shows_a_table_for_each_measure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base, out = config(tmp_path), tmp_path / "compare.json"
    flags = ["compare-captions", "--work", str(tmp_path / "runs"), "--out", str(out)]
    assert main([*flags, "--no-train"]) == 2
    assert "compare-captions trains them" in capsys.readouterr().err
    settings = ["--data", base.data, "--model", base.model, "--nested-dims", "4", "8", "32", "--epochs", "1"]
    settings += ["--batch-size", "16", "--threads", "1", "--only", "MRL", "FF-8", "--seeds", "0", "1"]
    assert main([*flags, *settings]) == 0
    content = json.loads(out.read_text())
    assert content["kind"] == "comparison" and content["seeds"] == [0, 1] and content["commit"]
    tables = {table["id"]: table for table in comparison_tables(content)}
    colours = next(table for name, table in tables.items() if name.endswith("-category-colour"))
    assert colours["columns"] == ["dim", "MRL", "FF"]
    assert [row[0] for row in colours["rows"]] == [4, 6, 8, 20, 32]
    at_8 = next(row for row in colours["rows"] if row[0] == 8)
    truth = "category, colour"
    values = [
        row["value"]
        for row in content["scores"]
        if row["truth"] == truth and row["dim"] == 8 and row["model"] == "MRL"
    ]
    assert len(values) == 2 and at_8[1] == pytest.approx(50 * sum(values), abs=0.01)
    assert at_8[2] is not None and colours["rows"][0][2] is None
    assert {"spread", "training"} <= set(tables)
    assert content["recipe"]["optimiser"] == "muon" and "optimiser muon" in content["what"]
    assert main([*flags, *settings, "--optimiser", "adamw"]) == 2
    assert "trained with other settings" in capsys.readouterr().err


def test_checkpoints_are_scored_side_by_side(tmp_path: Path) -> None:
    base = config(tmp_path, epochs=1)
    runs = train_all(base, tmp_path / "runs", (1,), ["MRL", "FF-4"])
    readme, out = tmp_path / "README.md", tmp_path / "encoders.json"
    readme.write_text("a\n<!-- encoders -->\nold\n<!-- /encoders -->\nb\n")
    checkpoints = [str(file.parent / "checkpoint") for file in runs]
    assert main(["score", *checkpoints, "--out", str(out), "--readme", str(readme)]) == 0
    content = json.loads(out.read_text())
    for file, model in zip(runs, ("MRL", "FF-4"), strict=True):
        known = {(row["measure"], row["dim"]): row["value"] for row in figures(file)}
        mine = [row for row in content["scores"] if row["model"] == model]
        assert mine and all(row["n"] == 16 or row["truth"] == RELATION for row in mine)
        assert all(row["stderr"] >= 0 for row in mine)
        for row in mine:
            assert row["value"] == pytest.approx(known[row["truth"], row["dim"]], abs=1e-4)
    colours = next(table for table in comparison_tables(content) if table["title"].endswith(": category"))
    assert colours["columns"] == ["dim", "MRL", "FF-4"] and "FF:" not in colours["note"]
    lines = readme.read_text().splitlines()
    assert any(": category | MRL | " in line for line in lines)
    assert "old" not in lines and lines[0] == "a" and lines[-1] == "b"
    assert main(["score", checkpoints[0], checkpoints[0], "--out", str(out)]) == 2


def test_the_command_scores_a_checkpoint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = config(tmp_path, epochs=1)
    (file,) = train_all(base, tmp_path / "runs", (1,), ["FF-4"])
    assert main(["score", str(file.parent / "checkpoint")]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "FF-4" and printed[2] == "| on pictures held out, % | 4 |"
    # Whatever seed it was trained with, what is scored is what was held out of it.
    known = {(row["measure"], row["n"]): row["value"] for row in figures(file)}
    category = next(line for line in printed if line.startswith("| category |"))
    assert float(category.split("|")[2]) == pytest.approx(100 * known["category", 16], abs=0.06)
    other = training_set(tmp_path / "other.parquet", 20)
    assert main(["score", str(file.parent / "checkpoint"), "--data", str(other)]) == 2
    assert "nobody knows which of its pictures training saw" in capsys.readouterr().err
    labelled_set(tmp_path / "photos" / "train.parquet", 8)
    labelled_set(tmp_path / "photos" / "val.parquet", 8)
    assert main(["score", str(file.parent / "checkpoint"), "--data", str(tmp_path / "photos")]) == 0
    assert "zero-shot" in capsys.readouterr().out
    assert main(["score", str(file.parent / "checkpoint"), "--readme", "README.md"]) == 2
    assert "--out" in capsys.readouterr().err
    assert main(["score", str(tmp_path / "nothing")]) == 2
    assert "there is no checkpoint" in capsys.readouterr().err
