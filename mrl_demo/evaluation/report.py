"""The result file: what was measured, by which command, on which machine; and the README's table.

Measures nothing itself.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mrl_demo.evaluation.score import Score

MARKS = ("<!-- results -->", "<!-- /results -->")
PACKAGES = ("numpy", "usearch", "torch", "open_clip_torch", "gradio", "pyarrow")


def circumstances() -> dict[str, Any]:
    """Command, commit, date and hardware of this run. What cannot be found out is ""."""
    return {
        "command": _command(),
        "commit": _commit(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "hardware": {
            "cpu": _cpu(),
            "cores": os.cpu_count(),
            "ram_gb": _ram_gb(),
            "system": platform.platform(terse=True),
            "python": platform.python_version(),
            "packages": {name: _version(name) for name in PACKAGES if _version(name)},
        },
    }


def write_result(path: Path, fields: Mapping[str, Any], scores: Iterable[Score]) -> dict[str, Any]:
    """Write a result file whole or not at all, a score a line, and return its content."""
    result = {"format": 1, **fields, "scores": [score.to_json() for score in scores]}
    head = json.dumps({name: value for name, value in result.items() if name != "scores"}, indent=1)
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in result["scores"])
    _write_whole(path, f'{head[:-2]},\n "scores": [\n{rows}\n]}}\n')
    return result


def markdown_table(result: Mapping[str, Any]) -> str:
    """The README's table: a row a trained dim.

    recall@k by attribute and against exact full-dim search, then what the search costs. Says "–" where the
    result file has no such number.
    """
    asked_in_words = any(row.get("queries") == "captions" for row in result["scores"])
    values = {
        (row["metric"], row["retrieval"], row.get("truth", ""), row["dim"]): row["value"]
        for row in result["scores"]
        if row.get("queries") != "images" or not asked_in_words
    }
    one_thing = ("category", "category+colour", "category+colour+count", "category+colour+finish")
    truths = (*one_thing, "both categories+relation", "all", "full")
    shown = [truth for truth in truths if any(key[0] == "recall_at_k" and key[2] == truth for key in values)]
    names = {"full": f"exact {result['model']['full_dim']}-d answer", "all": "all attributes"}
    columns = [(names.get(truth, truth), ("recall_at_k", "flat exact", truth), "{:.3f}") for truth in shown]
    columns += [
        ("same, re-ranked", ("recall_at_k", "adaptive exact", "full"), "{:.3f}"),
        ("same, HNSW + re-rank", ("recall_at_k", "adaptive hnsw", "full"), "{:.3f}"),
        ("flat search, ms", ("latency_p50", "flat exact", ""), "{:.2f}"),
        ("bytes a vector", ("bytes_per_vector", "flat exact", ""), "{:.0f}"),
    ]
    lines = [
        "| dim | " + " | ".join(name for name, _, _ in columns) + " |",
        "|-" * (len(columns) + 1) + "|",
    ]
    for dim in result["model"]["nested_dims"]:
        cells = [
            form.format(values[(*key, dim)]) if (*key, dim) in values else "–" for _, key, form in columns
        ]
        lines.append(f"| {dim} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def write_table(path: Path, result: Mapping[str, Any]) -> None:
    """Put the table of `result`, and what made it, between the marks in the text at `path`.

    Raises:
        ValueError: the text has no such marks.
    """
    text = path.read_text(encoding="utf-8")
    before, opened, rest = text.partition(MARKS[0])
    _, closed, after = rest.partition(MARKS[1])
    if not opened or not closed:
        raise ValueError(f"{path} must hold the marks {MARKS[0]} and {MARKS[1]}, in this order")
    machine, data = result["hardware"], result["data"]
    made = (
        f"recall@{result['k']} of {data['title'].lower()} ({data['count']:,} pictures) by caption, made by "
        f"`{result['command']}` at commit `{result['commit']}`, seed {result['seed']}, on "
        f"{machine['cpu']}, {machine['cores']} cores, {machine['ram_gb']} GB, {result['date'][:10]}. "
        'A caption asks for what its column names ("two mugs", "a red mug", "two glossy red mugs", the whole '
        f"scene). Recall is of the min({result['k']}, relevant) items that could be found; an item is "
        "relevant when it has what the column names, whatever else (such as a number) the caption asked for."
    )
    table = f"\n{made}\n\n{markdown_table(result)}\n"
    _write_whole(path, before + opened + table + closed + after)


def _write_whole(path: Path, text: str) -> None:
    """Write a text whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _command() -> str:
    name = Path(sys.argv[0])
    start = "python -m mrl_demo" if name.name == "__main__.py" else name.name
    return " ".join([start, *sys.argv[1:]])


def _commit() -> str:
    here = Path(__file__).resolve().parent
    try:
        commit = _run(["git", "rev-parse", "--short=12", "HEAD"], here)
        # Result files are what is being written: several in a row are still measured by the same code.
        changed = _run(
            ["git", "status", "--porcelain", "--untracked-files=no", "--", ":/", ":!/assets/results"], here
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return commit + (" with changes" if changed else "")


def _run(command: list[str], folder: Path) -> str:
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=True, timeout=10
    ).stdout.strip()


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")


def _ram_gb() -> float | str:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (ValueError, OSError, AttributeError):
        return ""


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""
