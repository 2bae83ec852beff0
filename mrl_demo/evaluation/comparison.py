"""The paper's comparisons, measured on trained models: one result file (MRL, sections 4 and 5).

Every model is measured once and its figures kept beside it, so that a run that was stopped goes on; they are
measured again when the model or the code that measures has changed. NumPy alone. How models are trained is
`training/compare.py`'s, how figures become tables `comparison_tables`'.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mrl_demo.circumstances import circumstances
from mrl_demo.evaluation import paper_adaptive, paper_linear, retrieval_grid, superclass
from mrl_demo.evaluation.paper_figure import Figure
from mrl_demo.evaluation.paper_runs import Data, Run, finished, read_recipe, shared_recipe
from mrl_demo.evaluation.report import write_result
from mrl_demo.evaluation.superclass import Superclasses
from mrl_demo.whole import whole

_MEASURING = ("paper_*.py", "retrieval_grid.py", "superclass.py", "adaptive_classification.py", "metrics.py")
_FIGURES = "figures.json"
_RECIPE = {  # what of the recipe is said in words; the file holds all of it
    "trunk": "{}",
    "epochs": "{} epochs",
    "crop": "crops of {} pixels",
    "size": "photos of {} pixels",
    "batch_size": "batches of {}",
}


def run(work: Path, out: Path) -> dict[str, Any]:
    """Measure every finished run in `work` and write `out` whole or not at all.

    Returns:
        The result file's content.

    Raises:
        CollectionError: nothing is trained there, or what is there cannot be compared.
    """
    data = Data.read(work)
    files = finished(work)
    largest = max(dim for file in files for dim in read_recipe(file)["nested_dims"])
    groups = superclass.gather(data.hypernyms) if all(data.hypernyms) else None
    if groups and len(groups.names) < 2:
        groups = None  # too few classes to be gathered
    figures: list[Figure] = []
    trained, confusions = [], []
    for file in files:
        began = time.process_time()
        found = measured(file, data, groups, largest)
        figures += [Figure(**{"retrieval": "", **row}) for row in found["figures"]]
        trained.append(found["trained"])
        confusions += found["confused"]
        print(f"{file.parent.name}: {len(found['figures'])} figures, {time.process_time() - began:.0f} CPU s")
    recipe = shared_recipe(read_recipe(files[0]))
    fields = {
        **circumstances(),
        "kind": "comparison",
        "title": f"MRL against fixed sizes: {data.title}",
        "what": _protocol(recipe),
        "seeds": sorted({each["seed"] for each in trained}),
        "data": {
            "title": data.title,
            "count": len(data.train) + len(data.held_out),
            "train": len(data.train),
            "held_out": len(data.held_out),
            "classes": len(data.names),
        },
        "recipe": recipe,
        "trained": trained,
        "superclasses": groups.sizes() if groups else {},
        "confused": confusions,
    }
    return write_result(out, fields, figures)


def measured(file: Path, data: Data, groups: Superclasses | None, largest: int) -> dict[str, Any]:
    """The figures of one run, from beside it when they are of this model and this code."""
    stamp = hashlib.sha256(f"{file.stat().st_mtime_ns} {file.stat().st_size} {largest} {_code()}".encode())
    kept = file.with_name(_FIGURES)
    if kept.exists():
        found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        if found["of"] == stamp.hexdigest():
            return found
    run = Run.read(file)
    found = {
        "of": stamp.hexdigest(),
        "trained": {
            "model": run.model,
            "seed": run.seed,
            "nested_dims": list(run.nested_dims),
            "seconds": round(run.seconds, 1),
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


def _protocol(recipe: Mapping[str, Any]) -> str:
    how = ", ".join(
        words.format(recipe[name]) for name, words in _RECIPE.items() if recipe.get(name) is not None
    )
    return (
        f"every model trained from scratch by one recipe ({how}); the training photos are the database, the"
        " held-out photos the queries; means over seeds"
    )


def _answers(run: Run) -> dict[int, Any]:
    return {dim: np.argmax(head.logits(run.held_out), axis=1) for dim, head in run.heads.items()}


def _code() -> str:
    here = Path(__file__).parent
    files = sorted({Path(__file__), *(file for name in _MEASURING for file in here.glob(name))})
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
