"""Measured values as rows of a result file, each beside the goal it is held to; and the file itself.

Measures nothing and knows no browser. A row is `{measure, held, value, unit, goal, met, n, p50, p95, max}`:
`held` says which of the values must not exceed `goal`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from mrl_demo.circumstances import circumstances
from mrl_demo.whole import whole

Row = dict[str, Any]


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile (both interpolated, as NumPy does) and maximum.

    Raises:
        ValueError: nothing was measured.
    """
    if not values:
        raise ValueError("nothing was measured: there is no median of no values")
    p50, p95 = np.quantile(np.asarray(values, dtype=np.float64), (0.5, 0.95))
    return {"p50": round(float(p50), 1), "p95": round(float(p95), 1), "max": round(float(max(values)), 1)}


def timed(measure: str, milliseconds: Sequence[float], held: str, goal: float) -> Row:
    """A row of times; `held` ("p50", "p95" or "max") is what must be at most `goal` ms."""
    values = spread(milliseconds)
    row = held_to(measure, held, values[held], "ms", goal, len(milliseconds))
    return row | values


def held_to(measure: str, held: str, value: float, unit: str, goal: float, n: int) -> Row:
    """A row of one value, which came of `n` acts and must be at most `goal`."""
    return {
        "measure": measure,
        "held": held,
        "value": value,
        "unit": unit,
        "goal": goal,
        "met": bool(value <= goal),
        "n": n,
    }


def write(
    path: Path, module: str, packages: Sequence[str], load_before: float, fields: dict[str, Any]
) -> dict[str, Any]:
    """Write a result file whole or not at all, and return its content.

    Args:
        module: the command's module, for "python -m ...".
        packages: what else took part; their versions stand beside those of the app's.
        load_before: the machine's one-minute load average when measuring began.
        fields: what was measured.
    """
    made = circumstances() | {"command": " ".join([f"python -m {module}", *sys.argv[1:]])}
    made["hardware"]["packages"] |= {package: version(package) for package in packages}
    result = {
        **made,
        **{name: fields[name] for name in ("title", "what")},
        "load_before": round(load_before, 2),
        "load_after": round(os.getloadavg()[0], 2),
        **fields,
    }
    with whole(path) as beside:
        beside.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return result


def table(rows: Sequence[Row]) -> str:
    """The rows as text for a terminal."""
    lines = []
    for row in rows:
        others = ", ".join(f"{name} {row[name]}" for name in ("p50", "p95", "max") if name in row)
        said = "met" if row["met"] else "NOT MET"
        lines.append(
            f"{row['measure']:<58} {row['held']} {row['value']} {row['unit']} (goal {row['goal']}, {said}; "
            f"n = {row['n']}{', ' + others if others else ''})"
        )
    return "\n".join(lines)
