"""What a comparison says of its models' training: under what circumstances, and what was cut of the full
protocol.

Records and recipes in, records and sentences out. Knows no figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mrl_demo.circumstances import machine

# Tiny ImageNet as its makers divide it; photos are of a class.
TINY_IMAGENET, CLASSES, A_CLASS, HELD_OUT_A_CLASS = "tiny-imagenet", 200, 500, 50
USUAL_EPOCHS = 100
PAPER_TRUNK = "resnet50"
_MADE = ("command", "commit", "date", "device", "threads")
_RECIPE = {  # what of the recipe is said in words; the file holds all of it
    "trunk": "{}",
    "epochs": "{} epochs",
    "crop": "crops of {} pixels",
    "size": "photos of {} pixels",
    "batch_size": "batches of {}",
}


def trained(
    model: str, seed: int, nested_dims: Sequence[int], seconds: float, made: Mapping[str, Any]
) -> dict[str, Any]:
    """One run as `trained` in a result file lists it: what it is, and where, when and by what it was trained.

    Args:
        made: the circumstances of its training, with `device` and `threads`.
    """
    return {
        **{"model": model, "nested_dims": list(nested_dims), "seed": seed, "seconds": round(seconds, 1)},
        **{name: made[name] for name in _MADE},
        "hardware": machine(made),
    }


def training_places(runs: Iterable[Mapping[str, Any]]) -> str:
    """On what and at which commits the runs of `trained` were trained: "an H100 at commit abc (9 runs)"."""
    places = Counter((run["hardware"], run["commit"] or "unknown") for run in runs)
    return "; ".join(
        f"{hardware} at commit {commit} ({count} run{'s' if count > 1 else ''})"
        for (hardware, commit), count in places.items()
    )


def not_alike(runs: Sequence[Mapping[str, Any]]) -> str:
    """A sentence where runs were trained on different hardware or at different commits; else "". Which they
    are, `training_places` says."""
    names = {"hardware": "on different hardware", "commit": "at different commits"}
    odd = [words for name, words in names.items() if len({run[name] for run in runs}) > 1]
    return f"The models were trained {' and '.join(odd)}." if odd else ""


def how(recipe: Mapping[str, Any]) -> str:
    """The recipe in words."""
    return ", ".join(
        words.format(recipe[name]) for name, words in _RECIPE.items() if recipe.get(name) is not None
    )


def what_was_cut(
    runs: Sequence[Mapping[str, Any]],
    recipe: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
) -> str:
    """A sentence: in what the protocol is smaller than the full one; "" where it is not.

    Args:
        runs: as `trained` makes them.
        recipe: of the classifiers that are compared with the paper's.
        data: `Data.source`. What a set lacks is known of Tiny ImageNet alone.
    """
    found = _cut_of_data(data) if data else []
    recipe = recipe or {}
    trunk, crop, size = (recipe.get(name) for name in ("trunk", "crop", "size"))
    if trunk and trunk != PAPER_TRUNK:
        found.append(f"{trunk} instead of the paper's {PAPER_TRUNK}")
    if crop and size and crop < size:
        found.append(f"photos of {size} pixels seen in crops of {crop} and embedded at {crop}")
    if recipe.get("epochs", USUAL_EPOCHS) < USUAL_EPOCHS:
        found.append(f"{recipe['epochs']} epochs where {USUAL_EPOCHS} or more are usual")
    times = Counter((run["model"], *run["nested_dims"]) for run in runs)
    once = sum(count == 1 for count in times.values())
    if once:
        found.append(f"a single seed of {once} of the {len(times)} models")
    return f"Smaller than the full protocol: {'; '.join(found)}." if found else ""


def _cut_of_data(data: Mapping[str, Any]) -> list[str]:
    classes = data["classes"]
    if TINY_IMAGENET not in data["name"]:
        return [f"at most {data['a_class']} training photos a class"] if data["a_class"] else []
    found = [f"{classes} of {CLASSES} classes"] if classes < CLASSES else []
    parts = (
        ("train", A_CLASS, "training photos"),
        ("held_out", HELD_OUT_A_CLASS, "photos of the official validation set"),
    )
    for part, a_class, words in parts:
        if data[part] < classes * a_class:
            found.append(f"{data[part]:,} of {classes * a_class:,} {words}")
    return found
