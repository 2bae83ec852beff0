"""What a result file says of how it came to be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mrl_demo.circumstances import circumstances, machine

ROOT = Path(__file__).resolve().parents[1]
SAY = "from mrl_demo.circumstances import circumstances; print(circumstances()['command'])"


def test_it_names_commit_date_and_hardware() -> None:
    found = circumstances()
    assert set(found) == {"command", "commit", "date", "hardware"}
    assert found["date"].endswith("+00:00") and found["hardware"]["cores"] >= 1
    assert "gpu" not in found["hardware"]
    assert circumstances("NVIDIA H100")["hardware"]["gpu"] == "NVIDIA H100"


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (["-m", "shop.till"], "python -m shop.till --sum 'two words'"),
        (["-m", "shop"], "python -m shop --sum 'two words'"),
        (["shop/till.py"], "python till.py --sum 'two words'"),
    ],
)
def test_the_command_is_the_one_that_was_typed(tmp_path: Path, start: list[str], said: str) -> None:
    package = tmp_path / "shop"
    package.mkdir()
    for name in ("till.py", "__main__.py"):
        (package / name).write_text(f"import sys; sys.path.insert(0, {str(ROOT)!r}); {SAY}\n")
    done = subprocess.run(
        [sys.executable, *start, "--sum", "two words"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == said


def test_a_script_of_this_checkout_is_named_by_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    monkeypatch.setattr(sys, "argv", [str(ROOT / "benchmarks" / "start_up.py"), "--out", "x.json"])
    assert circumstances()["command"] == "python benchmarks/start_up.py --out x.json"


def test_a_machine_is_its_gpu_or_its_cpu_with_threads() -> None:
    assert machine({"hardware": {"cpu": "Xeon", "gpu": "NVIDIA H100"}, "threads": 2}) == "NVIDIA H100"
    assert machine({"hardware": {"cpu": "Xeon"}, "threads": 2}) == "Xeon, 2 threads"
    assert machine({"hardware": {"cpu": ""}, "threads": 1}) == "an unknown CPU, 1 thread"
