"""Under what circumstances something was measured or trained: command, commit, date, hardware.

Every result file, checkpoint and log entry says it in these words. Knows nothing of what was done.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PACKAGES = ("numpy", "usearch", "torch", "open_clip_torch", "gradio", "pyarrow")
# What a run writes itself: several in a row are still made by the same code and from the same data.
WRITTEN = ("assets/results", "checkpoints/LOG.md", "README.md")


def circumstances(gpu: str = "") -> dict[str, Any]:
    """Command, commit, date and hardware of this run; `gpu` names the one that was used, "" where none was.

    What cannot be found out is "". A commit "with changes" is one whose tracked files, code or data, are not
    all as committed.
    """
    return {
        "command": _command(),
        "commit": _commit(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "hardware": {
            "cpu": _cpu(),
            **({"gpu": gpu} if gpu else {}),
            "cores": os.cpu_count(),
            "ram_gb": _ram_gb(),
            "system": platform.platform(terse=True),
            "python": platform.python_version(),
            "packages": {name: _version(name) for name in PACKAGES if _version(name)},
        },
    }


def machine(made: Mapping[str, Any]) -> str:
    """The GPU of what `made` says, or its CPU and how many `threads` were used, for people."""
    hardware, threads = made["hardware"], made["threads"]
    return str(
        hardware.get("gpu")
        or f"{hardware['cpu'] or 'an unknown CPU'}, {threads} thread{'s' if threads > 1 else ''}"
    )


def _command() -> str:
    """The command line as one would type it in the checkout: `python -m mrl_demo train`."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if spec is not None:
        program = f"-m {spec.name.removesuffix('.__main__')}"
    else:
        script = Path(sys.argv[0]).resolve()
        root = Path(__file__).resolve().parents[1]
        program = str(script.relative_to(root)) if script.is_relative_to(root) else script.name
    return shlex.join(["python", *program.split(" ", 1), *sys.argv[1:]])


def _commit() -> str:
    here = Path(__file__).resolve().parent
    try:
        commit = _run(["git", "rev-parse", "--short=12", "HEAD"], here)
        aside = [f":!/{path}" for path in WRITTEN]
        changed = _run(["git", "status", "--porcelain", "--untracked-files=no", "--", ":/", *aside], here)
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
