"""Trains the models of the paper's comparison, all by one recipe: MRL, MRL-E, MRL with c = [2, 1, 1 ...], and
FF for each dim.

Each run has a folder; a finished one is kept, a killed one goes on. Beside them the photos' classes are
written, so that `evaluation` needs neither photos nor torch. Knows what to train, not how (`classify.py`).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mrl_demo.collection.items import open_table
from mrl_demo.errors import CollectionError
from mrl_demo.training.classify import ClassifyConfig
from mrl_demo.training.classify import run as train_one
from mrl_demo.training.digest import digest_of
from mrl_demo.training.hub import PREFIX, fetch
from mrl_demo.training.photo_captions import wordnet_class
from mrl_demo.training.photos import Photos
from mrl_demo.whole import whole

DATA = "data.npz"
_ROOT = "entity"  # above every noun of WordNet; the table of kinds leaves out what is so abstract


@dataclass(frozen=True)
class Source:
    """Photos and what they show.

    Attributes:
        train, held_out: the photos, with classes from 0 up.
        names, hypernyms: of each class; its hypernyms up to the root, " > " between, or "".
        name: what people call the data.
        revision: the Hub's, "" for data from elsewhere.
        digest: of the files, whatever was taken of them.
        a_class: at most so many training photos of a class were taken; 0: all.
    """

    train: Photos
    held_out: Photos
    names: tuple[str, ...]
    hypernyms: tuple[str, ...]
    name: str
    revision: str = ""
    digest: str = ""
    a_class: int = 0

    def to_json(self) -> dict[str, Any]:
        """What data the comparison is of."""
        return {
            "name": self.name,
            "revision": self.revision,
            "digest": self.digest,
            "classes": len(self.names),
            "a_class": self.a_class,
            "train": len(self.train),
            "held_out": len(self.held_out),
        }


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
    seeds: Sequence[int],
    only: Sequence[str] = (),
    device: str | None = None,
) -> list[Path]:
    """Trains each run for each seed, into `base.out/<name>-seed<seed>`; returns their feature files.

    Args:
        base: the recipe, with all nested dims.
        only: names of `runs`; all when empty.

    Raises:
        ValueError: an unknown name, or an unfinished or finished run of another recipe.
        CollectionError: the runs in `base.out` saw other photos.
    """
    known = runs(base.nested_dims)
    unknown = [name for name in only if name not in known]
    if unknown:
        raise ValueError(f"there is no run {', '.join(unknown)}; there are {', '.join(known)}")
    write_data(base.out / DATA, source)
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

    Without it classes are called by their labels, and WordNet numbers by what `photo_captions` knows of them.

    Args:
        cache: folder of the decoded photos.
        classes: only photos of the first so many classes.
        a_class: at most so many training photos a class; 0 for all.

    Raises:
        CollectionError: files are missing or damaged, or there are fewer classes.
    """
    fetched = fetch(data) if data.startswith(PREFIX) else None
    folder = fetched.root if fetched else Path(data)
    if not folder.is_dir():
        raise CollectionError(f"there is no folder {data} of photos; a data set of the Hub is hub:owner/name")
    files = {part: sorted(folder.rglob(f"{part}*-*.parquet")) for part in ("train", "val")}
    parts = {part: Photos.open(some, size, cache / f"{part}-{size}.npy") for part, some in files.items()}
    there = int(parts["train"].labels.max()) + 1
    if not 2 <= classes <= there:
        raise CollectionError(
            f"{data} has {there} classes; between 2 and these can be asked for, not {classes}"
        )
    told = _told_in(folder / "classes.tsv") or [_told(label) for label in _labels(files["train"][0])]
    if len(told) < classes:
        told = [(str(number), "") for number in range(classes)]
    names, hypernyms = zip(*told[:classes], strict=True)
    return Source(
        _first(parts["train"], classes, a_class),
        _first(parts["val"], classes, 0),
        names,
        hypernyms,
        name=Path(data.partition("@")[0] if fetched else data).name,
        revision=fetched.revision if fetched else "",
        digest=digest_of([*files["train"], *files["val"]]),
        a_class=a_class,
    )


def _told_in(table: Path) -> list[tuple[str, str]]:
    """Name and hypernyms of each class that a classes.tsv tells of; none where there is no such file."""
    if not table.exists():
        return []
    with table.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return [(row["names"].split(",")[0], row["hypernyms"]) for row in rows]


def _told(label: str) -> tuple[str, str]:
    """Name and hypernyms of the class `label`, up to WordNet's root; itself and none where it is unknown."""
    found = wordnet_class(label)
    return (found.names[0], " > ".join((*found.kinds, _ROOT))) if found else (label, "")


def _labels(file: Path) -> list[str]:
    """What the Hub's `datasets` keeps in a Parquet file of the labels' names, in their order; else none."""
    metadata = open_table(file).schema_arrow.metadata or {}
    try:
        names = json.loads(metadata[b"huggingface"])["info"]["features"]["label"]["names"]
        return [str(name) for name in names]
    except (KeyError, TypeError, ValueError):
        return []


def write_data(file: Path, source: Source) -> None:
    """The photos' classes and where they are from, whole or not at all; what is only told of them may change.

    Raises CollectionError when there already are other photos.
    """
    now: dict[str, npt.NDArray[Any]] = {
        "title": np.array(source.name),
        "source": np.array(json.dumps(source.to_json())),
        "train": source.train.labels,
        "held_out": source.held_out.labels,
        "names": np.array(source.names),
        "hypernyms": np.array(source.hypernyms),
    }
    if file.exists():
        with np.load(file) as before:
            same = all(np.array_equal(before[part], now[part]) for part in ("train", "held_out"))
            known = json.loads(str(before["source"])) if "source" in before else {}
        if not same or known.get("digest", source.digest) != source.digest:
            raise CollectionError(
                f"the runs in {file.parent} saw other photos than {source.name} holds: name another --work"
            )
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
