"""The trained models of the comparison as `training/compare.py` leaves them on disk: embeddings, heads and
labels.

What a run is, MRL or FF, is read off its recipe and not off its folder's name. Knows no measures and no
torch.
"""

from __future__ import annotations

import ast
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mrl_demo.errors import CollectionError
from mrl_demo.evaluation.paper_figure import Floats, Ints

DATA = "data.npz"
FEATURES = "features.npz"
OWN = ("nested_dims", "tied", "weights", "seed")  # what runs of one comparison may differ in


@dataclass(frozen=True)
class Data:
    """What the photos show.

    Attributes:
        title: the data set's name.
        source: where the photos came from and which of them: name, revision, digest, classes, a_class (how
            many training photos of a class at most, 0 for all), train and held_out (how many).
        train: (n,) int64 classes of the training photos, which are the database.
        held_out: (m,) int64 classes of the photos that training never saw, which are the queries.
        names: a name a class.
        hypernyms: of each class the chain up to the root, " > " between; "" where none is known.
    """

    title: str
    source: dict[str, Any]
    train: Ints
    held_out: Ints
    names: tuple[str, ...]
    hypernyms: tuple[str, ...]

    @classmethod
    def read(cls, work: Path) -> Data:
        """Raises CollectionError when nothing was trained in `work`, or the file does not say on what."""
        found = _load(work / DATA)
        return cls(
            str(found["title"]),
            _said(found, "source", work / DATA),
            found["train"].astype(np.int64),
            found["held_out"].astype(np.int64),
            tuple(found["names"].tolist()),
            tuple(found["hypernyms"].tolist()),
        )


@dataclass(frozen=True)
class Head:
    """A linear classifier: weight (classes, dim), bias (classes,)."""

    weight: Floats
    bias: Floats

    @property
    def dim(self) -> int:
        return int(self.weight.shape[1])

    def logits(self, features: Floats) -> Floats:
        """(n, D) -> (n, classes), of the first `dim` numbers."""
        return features[:, : self.dim] @ self.weight.T + self.bias


@dataclass(frozen=True)
class Run:
    """One trained model.

    Attributes:
        model: "MRL", "MRL-E", "MRL, c = [2, 1, 1, …]" or "FF".
        train, held_out: embeddings (n, full_dim) and (m, full_dim), float32, not normalised.
        heads: the classifier of each nested dim.
        seconds: spent training.
        made: under what circumstances it was trained: command, commit, date, hardware, device, threads.
    """

    model: str
    seed: int
    nested_dims: tuple[int, ...]
    train: Floats
    held_out: Floats
    heads: dict[int, Head]
    recipe: dict[str, Any]
    seconds: float
    made: dict[str, Any]

    @property
    def full_dim(self) -> int:
        return self.nested_dims[-1]

    @classmethod
    def read(cls, file: Path) -> Run:
        """Raises CollectionError when the file is damaged, or does not say how the model was trained."""
        found = _load(file)
        recipe = read_recipe(file)
        dims = tuple(recipe["nested_dims"])
        return cls(
            model=model_of(recipe),
            seed=int(recipe["seed"]),
            nested_dims=dims,
            train=found["train"].astype(np.float32),
            held_out=found["held_out"].astype(np.float32),
            heads={dim: Head(found[f"weight_{dim}"], found[f"bias_{dim}"]) for dim in dims},
            recipe=recipe,
            seconds=float(found["seconds"]),
            made=_said(found, "made", file),
        )


def finished(work: Path) -> list[Path]:
    """The files of the finished runs in `work`, in an order that does not change.

    Raises:
        CollectionError: there is none, or they were not made by one recipe but for what they are to be
            compared in.
    """
    files = sorted(work.glob(f"*/{FEATURES}"))
    if not files:
        raise CollectionError(f"no run is finished in {work}: python -m mrl_demo compare trains them")
    recipes = [shared_recipe(read_recipe(file)) for file in files]
    for file, recipe in zip(files, recipes, strict=True):
        odd = sorted(name for name in recipe | recipes[0] if recipe.get(name) != recipes[0].get(name))
        if odd:
            raise CollectionError(
                f"{file} and {files[0]} were trained differently ({', '.join(odd)}): that is no comparison; "
                "remove one, or name another --work"
            )
    return files


def read_recipe(file: Path) -> dict[str, Any]:
    """How a run was trained. Raises CollectionError when the file is damaged."""
    try:
        recipe: dict[str, Any] = ast.literal_eval(str(_load(file)["recipe"]))
        return recipe
    except (KeyError, ValueError, SyntaxError) as error:
        raise CollectionError(
            f"{file} says nothing of how it was trained: remove it and train again"
        ) from error


def shared_recipe(recipe: dict[str, Any]) -> dict[str, Any]:
    """What all runs of a comparison have in common."""
    return {name: value for name, value in recipe.items() if name not in OWN}


def model_of(recipe: dict[str, Any]) -> str:
    """What the paper calls a model trained by `recipe`."""
    if len(recipe["nested_dims"]) == 1:
        return "FF"
    name = "MRL-E" if recipe["tied"] else "MRL"
    weights: Sequence[float] = recipe["weights"]
    if not weights or set(weights) == {1.0}:
        return name
    shown = [f"{weight:g}" for weight in weights]
    if len(shown) > 3 and len(set(shown[2:])) == 1:
        shown = [*shown[:3], "…"]
    return f"{name}, c = [{', '.join(shown)}]"


def _said(found: Any, name: str, file: Path) -> dict[str, Any]:
    """The JSON object that an array file holds as `name`."""
    try:
        said: dict[str, Any] = json.loads(str(found[name]))
        return said
    except (KeyError, ValueError) as error:
        raise CollectionError(
            f"{file} does not say its {name!r} ({error}): remove it and train again"
        ) from error


def _load(file: Path) -> Any:
    try:
        return np.load(file)
    except FileNotFoundError as error:
        raise CollectionError(f"there is no {file}: python -m mrl_demo compare makes it") from error
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise CollectionError(f"{file} is damaged ({error}): remove it and train again") from error
