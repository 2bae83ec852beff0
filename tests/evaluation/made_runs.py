"""Made-up trained models for tests of the comparison: features with classes in them, and files as training
leaves them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from mrl_demo.evaluation.paper_runs import Data, Head, Run

CLASSES, DIMS = 6, (8, 16, 32)
RECIPE: dict[str, Any] = {"nested_dims": list(DIMS), "tied": False, "weights": [], "seed": 0, "epochs": 2}
ANIMALS, VEHICLES = ("cat", "dog", "bird"), ("car", "bus", "bicycle")
HYPERNYMS = (
    *(f"{name} > animal > entity" for name in ANIMALS),
    *(f"{name} > vehicle > entity" for name in VEHICLES),
)
MADE: dict[str, Any] = {
    "command": "python -m mrl_demo compare",
    "commit": "abc123",
    "date": "2026-11-23T12:00:00+00:00",
    "hardware": {"cpu": "A CPU", "cores": 2, "ram_gb": 4.0},
    "device": "cpu",
    "threads": 2,
}
ON_A_GPU = {**MADE, "hardware": {**MADE["hardware"], "gpu": "A GPU"}, "device": "cuda", "commit": "def456"}


def data(train: int = 120, held_out: int = 60) -> Data:
    names = tuple("abcdef")
    source = {
        **{"name": "made up", "revision": "r1", "digest": "d1", "classes": CLASSES, "a_class": 20},
        **{"train": train, "held_out": held_out},
    }
    return Data(
        "made up", source, np.arange(train) % CLASSES, np.arange(held_out) % CLASSES, names, HYPERNYMS
    )


def run(dims: tuple[int, ...] = DIMS, seed: int = 0, noise: float = 2.0, **recipe: Any) -> Run:
    """Every class has a centre; heads are the centres' inner products, so that more dims know more."""
    rng = np.random.default_rng(seed)
    of = data()
    centres = rng.normal(size=(CLASSES, dims[-1])).astype(np.float32)

    def features(classes: Any) -> Any:
        return (centres[classes] + noise * rng.normal(size=(len(classes), dims[-1]))).astype(np.float32)

    heads = {dim: Head(centres[:, :dim], -0.5 * np.square(centres[:, :dim]).sum(axis=1)) for dim in dims}
    said = {**RECIPE, "nested_dims": list(dims), "seed": seed, **recipe}
    name = "MRL" if len(dims) > 1 else "FF"
    return Run(name, seed, dims, features(of.train), features(of.held_out), heads, said, 1.5, MADE)


def write(work: Path, name: str, made: Run) -> Path:
    """One run as `training/classify.py` writes it."""
    folder = work / name
    folder.mkdir(parents=True)
    heads = {f"weight_{dim}": head.weight for dim, head in made.heads.items()}
    heads |= {f"bias_{dim}": head.bias for dim, head in made.heads.items()}
    np.savez(
        folder / "features.npz",
        recipe=np.array(str(made.recipe)),
        seconds=np.array(made.seconds),
        made=np.array(json.dumps(made.made)),
        train=made.train.astype(np.float16),
        held_out=made.held_out.astype(np.float16),
        **heads,
    )
    return folder / "features.npz"


def write_data(work: Path, hypernyms: tuple[str, ...] = HYPERNYMS) -> None:
    of = data()
    work.mkdir(parents=True, exist_ok=True)
    np.savez(
        work / "data.npz",
        title=np.array(of.title),
        source=np.array(json.dumps(of.source)),
        train=of.train,
        held_out=of.held_out,
        names=np.array(of.names),
        hypernyms=np.array(hypernyms),
    )
