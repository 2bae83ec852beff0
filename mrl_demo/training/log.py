"""checkpoints/LOG.md: one dated entry a training run, with what it took to make it and what it scores.

Knows nothing of models; it writes down what it is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

_HEADING = "# Training log\n\nNewest last. Failures stay.\n"


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
