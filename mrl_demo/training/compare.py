"""Trains the models of the paper's comparison, all by one recipe: MRL, MRL-E, MRL with c = [2, 1, 1 ...], and
FF for each dim.

Each run has a folder; a finished one is kept, a killed one goes on. Beside them the photos' classes are
written, so that `evaluation` needs neither photos nor torch. Knows what to train, not how (`classify.py`).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mrl_demo.errors import CollectionError
from mrl_demo.training.classify import ClassifyConfig
from mrl_demo.training.classify import run as train_one
from mrl_demo.training.hub import PREFIX, fetch
from mrl_demo.training.photos import Photos
from mrl_demo.whole import whole

DATA = "data.npz"


@dataclass(frozen=True)
class Source:
    """Photos and what they show.

    Attributes:
        train, held_out: the photos, with classes from 0 up.
        names, hypernyms: of each class; its hypernyms up to the root, " > " between, or "".
    """

    train: Photos
    held_out: Photos
    names: tuple[str, ...]
    hypernyms: tuple[str, ...]


def runs(nested_dims: Sequence[int]) -> dict[str, dict[str, Any]]:
    """What each model changes in the recipe, by name, in the order of what is wanted first."""
    full = tuple(nested_dims)
    fixed = {f"FF-{dim}": {"nested_dims": (dim,)} for dim in (full[-1], *full[:-1])}
    first = f"FF-{full[-1]}"
    doubled = (2.0, *(1.0 for _ in full[1:]))
    return {
        "MRL": {"nested_dims": full},
        first: fixed.pop(first),
        **fixed,
        "MRL-E": {"nested_dims": full, "tied": True},
        "MRL-c2": {"nested_dims": full, "weights": doubled},
    }


def train_all(
    base: ClassifyConfig,
    source: Source,
    title: str,
    seeds: Sequence[int],
    only: Sequence[str] = (),
    device: str | None = None,
) -> list[Path]:
    """Trains each run for each seed, into `base.out/<name>-seed<seed>`; returns their feature files.

    Args:
        base: the recipe, with all nested dims.
        title: the data set's name, for the result file.
        only: names of `runs`; all when empty.

    Raises:
        ValueError: an unknown name, or an unfinished or finished run of another recipe.
        CollectionError: the runs in `base.out` saw other photos.
    """
    known = runs(base.nested_dims)
    unknown = [name for name in only if name not in known]
    if unknown:
        raise ValueError(f"there is no run {', '.join(unknown)}; there are {', '.join(known)}")
    write_data(base.out / DATA, source, title)
    done = []
    for seed in seeds:
        for name, own in known.items():
            if not only or name in only:
                config = replace(base, out=base.out / f"{name}-seed{seed}", seed=seed, **own)
                done.append(train_one(config, source.train, source.held_out, device))
    return done


def read_source(data: str, cache: Path, size: int, classes: int, a_class: int = 0) -> Source:
    """The photos in a folder, or in a data set of the Hub (hub:owner/name), of Parquet files train-* and
    val*-* and, where there is one, classes.tsv (wnid, names, hypernyms; a line a class).

    Args:
        cache: folder of the decoded photos.
        classes: only photos of the first so many classes.
        a_class: at most so many training photos a class; 0 for all.

    Raises:
        CollectionError: files are missing or damaged, or there are fewer classes.
    """
    folder = fetch(data).root if data.startswith(PREFIX) else Path(data)
    if not folder.is_dir():
        raise CollectionError(f"there is no folder {data} of photos; a data set of the Hub is hub:owner/name")
    parts = {
        part: Photos.open(sorted(folder.rglob(f"{part}*-*.parquet")), size, cache / f"{part}-{size}.npy")
        for part in ("train", "val")
    }
    there = int(parts["train"].labels.max()) + 1
    if not 2 <= classes <= there:
        raise CollectionError(
            f"{data} has {there} classes; between 2 and these can be asked for, not {classes}"
        )
    table = folder / "classes.tsv"
    rows: list[dict[str, str]] = []
    if table.exists():
        with table.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))[:classes]
    known = len(rows) == classes
    return Source(
        _first(parts["train"], classes, a_class),
        _first(parts["val"], classes, 0),
        tuple(row["names"].split(",")[0] for row in rows) if known else tuple(map(str, range(classes))),
        tuple(row["hypernyms"] for row in rows) if known else ("",) * classes,
    )


def write_data(file: Path, source: Source, title: str) -> None:
    """The photos' classes, whole or not at all. Raises CollectionError when there already are others."""
    now: dict[str, npt.NDArray[Any]] = {
        "title": np.array(title),
        "train": source.train.labels,
        "held_out": source.held_out.labels,
        "names": np.array(source.names),
        "hypernyms": np.array(source.hypernyms),
    }
    if file.exists():
        before = np.load(file)
        if not all(np.array_equal(before[name], value) for name, value in now.items()):
            raise CollectionError(f"the runs in {file.parent} saw other photos: name another --work")
        return
    with whole(file) as beside:
        np.savez(beside, allow_pickle=False, **now)


def _first(photos: Photos, classes: int, a_class: int) -> Photos:
    """Photos of the first classes, the first `a_class` of each; the very same object where that is all."""
    labels = photos.labels
    kept = labels < classes
    if a_class:
        order = np.argsort(labels, kind="stable")
        starts = np.searchsorted(labels[order], labels[order])
        kept[order[np.arange(len(labels)) - starts >= a_class]] = False
    return photos if kept.all() else Photos(photos.pixels[kept], labels[kept])
