"""Everything that is measured of one trained model of the comparison, kept beside it (MRL, sections 4 and 5).

Kept figures stand until the model, the photos' classes or the code that measures change. NumPy alone. Knows
no result file and no words.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mrl_demo.evaluation import paper_adaptive, paper_linear, retrieval_grid, superclass
from mrl_demo.evaluation.paper_figure import Figure
from mrl_demo.evaluation.paper_runs import DATA, Data, Run
from mrl_demo.evaluation.superclass import Superclasses
from mrl_demo.whole import whole

PACKAGE = Path(__file__).resolve().parents[1]
# The code that decides what the figures are: all that this file imports of the package, held to by a test.
MEASURING = (
    "evaluation/adaptive_classification.py",
    "evaluation/metrics.py",
    "evaluation/paper_*.py",
    "evaluation/retrieval_grid.py",
    "evaluation/score.py",
    "evaluation/superclass.py",
    "prefix.py",
    "search/cascade.py",
    "search/hits.py",
    "search/top_k.py",
)
_FIGURES = "figures.json"


def measured(file: Path, data: Data, groups: Superclasses | None, largest: int) -> dict[str, Any]:
    """What is measured of one run, from beside it when it is of this model, these classes and this code.

    Returns:
        {"run": how it was trained, "figures": [...], "confused": [...]}, as JSON has it.
    """
    stamp = _stamp(file, largest)
    kept = file.with_name(_FIGURES)
    if kept.exists():
        found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        if found["of"] == stamp:
            return found
    run = Run.read(file)
    found = {
        "of": stamp,
        "run": {
            "model": run.model,
            "seed": run.seed,
            "nested_dims": list(run.nested_dims),
            "seconds": run.seconds,
            "made": run.made,
        },
        "figures": [figure.to_json() for figure in figures_of(run, data, groups, largest)],
        "confused": list(confusions_of(run, data, groups)) if groups else [],
    }
    with whole(kept) as beside:
        beside.write_text(json.dumps(found), encoding="utf-8")
    return found


def figures_of(run: Run, data: Data, groups: Superclasses | None, largest: int) -> Iterator[Figure]:
    """Everything that is measured of one trained model.

    Args:
        largest: the largest dim of the comparison; the FF model of that size also stands for what can be made
            of it without training.
    """
    yield from paper_linear.trained(run, data.held_out)
    yield from paper_linear.refitted(run, data.train, data.held_out)
    yield from retrieval_grid.of_run(run, data)
    if groups:
        yield from superclass.by_dim(_answers(run), data.held_out, groups, run.model, run.seed)
    if len(run.nested_dims) > 1:
        yield from paper_adaptive.of_run(run, data.held_out)
    elif run.full_dim == largest:
        sizes = _sizes(largest)
        yield from paper_linear.of_the_largest(run, data.train, data.held_out, sizes)
        yield from retrieval_grid.of_the_largest(run, data, sizes)


def confusions_of(run: Run, data: Data, groups: Superclasses) -> Iterator[dict[str, Any]]:
    """The commonest mistakes of MRL at its smallest and its full dim."""
    if run.model == "MRL":
        said = _answers(run)
        for dim in (run.nested_dims[0], run.full_dim):
            for row in superclass.confused(said[dim], data.held_out, data.names, groups):
                yield {"dim": dim, "seed": run.seed, **row}


def _sizes(largest: int) -> list[int]:
    """The paper's dims up to `largest`, halving down to 8."""
    return [largest >> step for step in range(largest.bit_length()) if largest >> step >= 8][::-1]


def _answers(run: Run) -> dict[int, Any]:
    return {dim: np.argmax(head.logits(run.held_out), axis=1) for dim, head in run.heads.items()}


def _stamp(file: Path, largest: int) -> str:
    """What the figures of a run depend on, as one digest."""
    model = file.stat()
    digest = hashlib.sha256(f"{model.st_mtime_ns} {model.st_size} {largest}".encode())
    digest.update((file.parents[1] / DATA).read_bytes())
    for code in sorted(path for pattern in MEASURING for path in PACKAGE.glob(pattern)):
        digest.update(code.read_bytes())
    return digest.hexdigest()
