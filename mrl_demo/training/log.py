"""checkpoints/LOG.md: one dated entry a training run, with what it took to make it and what it scores.

Knows nothing of models; it writes down what it is given.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

_HEADING = "# Training log\n\nNewest last. Failures stay.\n"


def command() -> str:
    """The command line, as one would type it."""
    arguments = " ".join(sys.argv[1:])
    return (
        f"python -m mrl_demo {arguments}".strip()
        if sys.argv[0].endswith("__main__.py")
        else " ".join(sys.argv)
    )


def commit() -> str:
    """The checkout's commit, with "+" when files differ from it; "unknown" outside a checkout."""
    here = Path(__file__).parent
    try:
        head = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=here, capture_output=True, text=True, check=True
        )
        status = ["git", "status", "--porcelain", "--untracked-files=no", "--", "."]
        changed = subprocess.run(status, cwd=here, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")


def hardware(device: torch.device, threads: int) -> str:
    """The GPU's name, or the CPU's and how many threads were used."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{name}, {threads} threads"


def append_entry(
    path: Path,
    title: str,
    facts: Mapping[str, str],
    dims: Sequence[int],
    scores: Mapping[str, Mapping[str, float]],
) -> None:
    """Adds an entry to the log at `path`: a title, facts as a list, and a table of scores (percent) by
    dim."""
    lines = ["", f"## {title}", "", *(f"- {name}: {value}" for name, value in facts.items()), ""]
    lines += score_table(dims, scores)
    path.parent.mkdir(parents=True, exist_ok=True)
    start = "" if path.exists() else _HEADING
    with path.open("a", encoding="utf-8") as file:
        file.write(start + "\n".join(lines) + "\n")


def score_table(dims: Sequence[int], scores: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Lines of a table in Markdown: a row a measure, a column a dim, in percent."""
    lines = ["| on pictures held out, % | " + " | ".join(str(dim) for dim in dims) + " |"]
    lines += ["|-|" + "-|" * len(dims)]
    for name, by_dim in scores.items():
        lines.append(f"| {name} | " + " | ".join(f"{100 * by_dim[str(dim)]:.1f}" for dim in dims) + " |")
    return lines
