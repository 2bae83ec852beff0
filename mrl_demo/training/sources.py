"""From `--data still-life,tiny-imagenet,fashion` to training sets, each with what is trained on and what is
held out.

A set is a name known here, a path, or hub:owner/name; all are read alike. Knows no captions and no models.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt

from mrl_demo.collection.items import open_table
from mrl_demo.errors import CollectionError
from mrl_demo.training.data import TrainingSet
from mrl_demo.training.digest import digest_of
from mrl_demo.training.hub import PREFIX, fetch
from mrl_demo.training.subjects import Subject, subject_of

NAMES = {
    "still-life": "assets/still-life",
    "tiny-imagenet": "hub:zh-plus/tiny-imagenet",
    "fashion": "hub:ashraq/fashion-product-images-small",
}
_VALIDATION = ("val", "valid", "validation")


@dataclass(frozen=True)
class Files:
    """The Parquet files of one training set, found but not yet read.

    Attributes:
        name: what people call it, without what changes from machine to machine.
        source: where it came from, with the revision when that was the Hub.
        revision: the Hub's; "" for files from elsewhere.
        root: the folder from which train and validation, the files' names, are told.
    """

    name: str
    source: str
    revision: str
    root: Path
    train: list[str]
    validation: list[str]

    @property
    def paths(self) -> list[Path]:
        return [self.root / file for file in (*self.train, *self.validation)]

    @cached_property
    def digest(self) -> str:
        return digest_of(self.paths)


@dataclass(frozen=True)
class Part:
    """One training set of a run.

    Attributes:
        files: where it came from and what it held.
        rows, held_out: numbers of the pictures trained on and of those kept for validation; no picture is in
            both.
        by_chance: whether what is held out was drawn, so that with another share, seed or content it would be
            other pictures; else files of its own or the items' numbers say it.
    """

    files: Files
    subject: Subject
    data: TrainingSet
    rows: npt.NDArray[np.int64]
    held_out: npt.NDArray[np.int64]
    by_chance: bool

    @property
    def name(self) -> str:
        return self.files.name

    @property
    def source(self) -> str:
        return self.files.source

    @property
    def held_out_digest(self) -> str:
        """Changes when what is held out does."""
        rows = np.ascontiguousarray(self.held_out, np.int64).tobytes()
        return hashlib.sha256(self.files.digest.encode() + rows).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        """What a checkpoint's card and a comparison say of it."""
        return {
            "name": self.name,
            "revision": self.files.revision,
            "digest": self.files.digest,
            "train": len(self.rows),
            "held_out": len(self.held_out),
        }


def open_parts(data: str, size: int, held_out: float, seed: int) -> list[Part]:
    """Reads all sets of `data`, which are parted by commas; pictures are brought to `size` pixels a side.

    A set's own validation files are held out; of fashion products the tenth that their numbers name; else a
    share of `held_out`, drawn by `seed`.

    Raises:
        CollectionError: a set is missing, damaged, of an unknown kind, or cannot be fetched.
        ValueError: the same set is named twice, or two are called alike.
    """
    return [_open(files, size, held_out, seed) for files in find(data)]


def find(data: str) -> list[Files]:
    """The files of all sets of `data`, fetched where they are the Hub's; raises what `open_parts` does."""
    names = [name.strip() for name in data.split(",") if name.strip()]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"--data must name one or more data sets, each once, parted by commas; got {data!r}")
    found = [_find(name) for name in names]
    called = [files.name for files in found]
    if alike := sorted({name for name in called if called.count(name) > 1}):
        raise ValueError(
            f"data sets are told apart by their names, which must differ; of {data!r} several would be "
            f"called {' and '.join(alike)}. A set is named after its folder: rename one, or put files into "
            "folders of their own"
        )
    return found


def _open(files: Files, size: int, held_out: float, seed: int) -> Part:
    paths = files.paths
    subject = subject_of(open_table(paths[0]).schema_arrow.names, files.source)
    data = TrainingSet.open(paths, size, subject.caption, subject.readings, subject.told, subject.naming)
    if files.validation:
        count = sum(open_table(files.root / file).metadata.num_rows for file in files.train)
        rows, held = np.arange(count), np.arange(count, len(data))
    elif subject.held_out:
        chosen = np.array([subject.held_out(row) for row in data.attributes])
        rows, held = np.flatnonzero(~chosen), np.flatnonzero(chosen)
    else:
        rows, held = data.split(held_out, seed)
    if not len(rows) or not len(held):
        raise CollectionError(
            f"{files.source} has {len(rows)} pictures to train on and {len(held)} to hold out; it needs both"
        )
    by_chance = not files.validation and subject.held_out is None
    return Part(files, subject, data, rows, held, by_chance)


def _find(name: str) -> Files:
    where = NAMES.get(name, name)
    if where.startswith(PREFIX):
        fetched = fetch(where)
        source = f"{where.partition('@')[0]}@{fetched.revision}"
        short = name if name in NAMES else source.partition("@")[0].rpartition("/")[2]
        return Files(short, source, fetched.revision, fetched.root, *_splits(fetched.names))
    path = Path(where)
    if path.is_file():
        short = name if name in NAMES else path.parent.name or path.stem
        return Files(short, where, "", path.parent, [path.name], [])
    if not path.is_dir():
        raise CollectionError(
            f"there is no training set at {path}: --data takes {', '.join(NAMES)}, a file, "
            "a folder or hub:owner/name; `python -m mrl_demo render --split train` makes one of still lifes"
        )
    names = sorted(file.relative_to(path).as_posix() for file in path.rglob("*.parquet"))
    if not names:
        raise CollectionError(f"the folder {path} holds no Parquet files")
    return Files(path.name, where, "", path, *_splits(names))


def _splits(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The files to train on and those to validate on, by how the Hub's sets name them: train-00000-of-00004,
    validation/0000. Files that say nothing of it are trained on where none says "train".
    """
    said = {name: _split(name) for name in names}
    wanted = "train" if "train" in said.values() else ""
    train = [name for name in names if said[name] == wanted]
    if not train:
        raise CollectionError(f"none of these Parquet files is for training: {', '.join(names)}")
    return train, [name for name in names if said[name] == "validation"]


def _split(name: str) -> str:
    for part in reversed(PurePosixPath(name).with_suffix("").parts):
        word = part.lower().removeprefix("partial-").partition("-")[0].partition(".")[0]
        if word in ("train", "test", "validation", *_VALIDATION):
            return "validation" if word in _VALIDATION else word
    return ""
