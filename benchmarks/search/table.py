"""The benchmark's result as Markdown tables: one a recall, rows from the quickest to the slowest.

Measures nothing; reads what run.py wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COLUMNS = (
    ("recall", "recall", "{:.4f}"),
    ("p50 ms, 1 core", "p50_ms_1", "{:.3f}"),
    ("p95", "p95_ms_1", "{:.3f}"),
    ("CPU", "cpu_ms_1", "{:.3f}"),
    ("p50 ms, 2 cores", "p50_ms_2", "{:.3f}"),
    ("p95 ", "p95_ms_2", "{:.3f}"),
    ("64 at once: 1 core, q/s", "qps_64_1", "{:,.0f}"),
    ("2 cores", "qps_64_2", "{:,.0f}"),
)
EXACT = ("NumPy, exact f32", "FAISS, exact f32")


def markdown(result: Mapping[str, Any]) -> str:
    """A heading that says what was measured where, then a table for each recall."""
    hard, machine = result["hardness"], result["hardware"]
    overlaps = ", ".join(f"{value:.2f} at {dim}" for dim, value in hard["overlap"].items())
    lines = [
        f"## {result['set']}, {result['n']:,} x {result['dim']}, k = {result['k']}",
        "",
        f"`{result['command']}` at `{result['commit']}`, {result['date'][:16]}, {machine['cpu']}, "
        f"{machine['cores']} cores, {machine['ram_gb']} GB, load {result['load_before']:.2f} before. "
        f"Exact prefixes share of the exact answer: {overlaps}; local intrinsic dimension "
        f"{hard['local_intrinsic_dimension']}.",
        "",
    ]
    if result["quick"]:
        lines += ["Few rounds: shows that it works, and is not to be quoted.", ""]
    if result["not_built"]:
        lines += [f"Not built, so not measured: {', '.join(result['not_built'])}.", ""]
    exact = {row["engine"]: row for row in result["rows"] if row["target"] == 1.0}
    targets = sorted({row["target"] for row in result["rows"]} - {1.0})
    for target in targets:
        rows = [row for row in result["rows"] if row["target"] == target]
        reached = sorted((row for row in rows if "p50_ms_1" in row), key=lambda row: row["p50_ms_1"])
        lines += [f"### recall@{result['k']} of {target}", "", *_head()]
        lines += [_line(row, exact) for row in [*reached, *exact.values()]]
        short = [f"{row['engine']} ({row['best_recall']:.3f})" for row in rows if "p50_ms_1" not in row]
        lines += ["", f"Never reached it: {', '.join(short)}." if short else "All reached it.", ""]
    return "\n".join(lines)


def _head() -> list[str]:
    names = [
        "engine",
        "setting",
        *(name for name, _, _ in COLUMNS),
        "x NumPy exact",
        "x FAISS exact",
        "index bytes a vector",
        "+ matrix",
        "build CPU s",
        "open s",
    ]
    return ["| " + " | ".join(names) + " |", "|-" * len(names) + "|"]


def _line(row: Mapping[str, Any], exact: Mapping[str, Mapping[str, Any]]) -> str:
    cells = [row["engine"], " / ".join(map(str, row["setting"])) or "–"]
    cells += [form.format(row[name]) if name in row else "–" for _, name, form in COLUMNS]
    for name in EXACT:
        one = exact.get(name)
        cells.append(f"{one['p50_ms_1'] / row['p50_ms_1']:.1f}" if one else "–")
    cells += [f"{row['index_bytes_per_vector']:,.0f}", f"{row['matrix_bytes_per_vector']:,}"]
    cells += [f"{row['build']['cpu_s']:,.0f}" if "build" in row else "–", f"{row['open_s']:.3f}"]
    return "| " + " | ".join(cells) + " |"
