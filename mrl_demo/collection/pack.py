"""A pack: a collection as a folder on disk, opened in milliseconds and read as little as needed.

Opening checks the manifest, the sizes of its files, the Parquet footer and the shape of the embeddings;
`verify` reads everything. Captions and attributes are read on first use, pictures one small row group at a
time. An open pack is a snapshot: it keeps its files open, so replacing the pack on disk does not disturb it.
Knows nothing of search or models.
"""

from __future__ import annotations

import hashlib
import json
import operator
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mrl_demo.collection.items import CAPTIONS, LEVELS, attribute_columns, open_table
from mrl_demo.collection.manifest import INDEXED, Manifest
from mrl_demo.collection.staging import read_manifest, record_file
from mrl_demo.errors import CollectionError

ITEMS = "items.parquet"
EMBEDDINGS = "embeddings.npy"
EXAMPLE_TEXTS = "examples.json"
EXAMPLE_EMBEDDINGS = "examples.npy"
CACHED_GROUPS = 128  # row groups of pictures kept in memory; about 35 MB for 192 px thumbnails
_CHECK_ROWS = 8192

Vectors = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Example:
    """A query worth trying, embedded beforehand so that it answers at once. embedding: (full_dim,) float32,
    unit.
    """

    text: str
    embedding: npt.NDArray[np.float32]


class Pack:
    """Pictures, captions, attributes and embeddings of n items; a key is a row number, 0 to n - 1."""

    def __init__(self, path: Path, manifest: Manifest, places: Mapping[str, Path]) -> None:
        """Use `Pack.open`."""
        self.path = path
        self.manifest = manifest
        self._places = places
        self._lock = threading.RLock()
        self._groups: OrderedDict[int, Any] = OrderedDict()
        for name, record in manifest.files.items():
            _check_size(places[name], record.bytes)
        if ITEMS not in manifest.files:
            raise CollectionError(f"{path} is damaged: its manifest names no {ITEMS}")
        self._table = open_table(places[ITEMS])
        self._columns = attribute_columns(self._table.schema_arrow)
        self._check_table()
        self._embeddings = self._map_embeddings()

    @classmethod
    def open(cls, path: str | Path) -> Pack:
        """Open the pack in the folder `path`; no picture is read. CollectionError when it is missing or
        damaged.
        """
        path = Path(path)
        manifest, places = read_manifest(path)
        while True:
            try:
                return cls(path, manifest, places)
            except (
                CollectionError
            ):  # truly damaged, or it was being replaced while we looked: then look again
                seen, (manifest, places) = (manifest, places), read_manifest(path)
                if seen == (manifest, places):
                    raise

    def __repr__(self) -> str:
        return f"Pack({self.name!r}, {len(self)} items, full_dim {self.full_dim or 'none yet'})"

    def __len__(self) -> int:
        return self.manifest.count

    @property
    def name(self) -> str:
        """Short machine-friendly name, e.g. "still-life"."""
        return self.manifest.name

    @property
    def title(self) -> str:
        """The name people read."""
        return self.manifest.title

    @property
    def licence(self) -> str:
        """Of the pictures, as an SPDX name where there is one; "" when unknown."""
        return self.manifest.licence

    @property
    def full_dim(self) -> int:
        """Width of the embeddings, 0 when there are none yet."""
        return self.manifest.full_dim

    @property
    def nested_dims(self) -> tuple[int, ...]:
        """The dims the encoder was trained at; () when there are no embeddings yet."""
        return self.manifest.nested_dims

    @property
    def model(self) -> dict[str, Any]:
        """Name and fingerprint of the encoder that made the embeddings, {} when there are none yet."""
        return dict(self.manifest.model)

    @property
    def owner_of_items(self) -> str:
        """The name of the folder, its own or a neighbour's, in which the pictures lie."""
        return self.manifest.borrowed.get(ITEMS, self.path.resolve().name)

    @property
    def fingerprint(self) -> str:
        """Changes when any of the pack's files does; 16 hex digits."""
        sums = "".join(f"{name}{record.sha256}" for name, record in sorted(self.manifest.files.items()))
        return hashlib.sha256(sums.encode()).hexdigest()[:16]

    @cached_property
    def attributes(self) -> Mapping[str, npt.NDArray[Any]]:
        """Column name -> (n,) array of str, int64 or float64; read on first use."""
        table = self._read_columns(list(self._columns))
        kinds: dict[str, Any] = {"str": np.str_, "int": np.int64, "float": np.float64}
        absent = {"str": "", "int": 0, "float": float("nan")}
        columns = {}
        for name, kind in self._columns.items():
            values = [absent[kind] if value is None else value for value in table[name].to_pylist()]
            columns[name] = np.array(values, dtype=kinds[kind])
            columns[name].flags.writeable = False
        return columns

    @property
    def embeddings(self) -> Vectors:
        """(n, full_dim) float16 or float32, read-only, memory-mapped, unit rows.

        Raises CollectionError when the pack is not embedded yet, or holds numbers that are not finite.
        """
        if self._embeddings is None:
            raise CollectionError(f"{self.path} has no embeddings yet: embed it first (embed_pack)")
        return self._checked_embeddings

    def caption(self, key: int, level: str = "long") -> str:
        """The caption of one item at level "short", "medium" or "long"."""
        return self.captions(level)[self._row(key)]

    def captions(self, level: str = "long") -> list[str]:
        """All n captions of one level."""
        if level not in LEVELS:
            raise ValueError(f"level must be one of {', '.join(LEVELS)}, got {level!r}")
        return self._texts[f"caption_{level}"]

    def source(self, key: int) -> str:
        """The file an item came from, relative to the indexed folder; "" when it did not come from one."""
        path = self._texts["path"][self._row(key)]
        return path if self.manifest.origin == INDEXED else ""

    def scene(self, key: int) -> dict[str, Any]:
        """How the picture was made, where that is known; {} where not."""
        text = self._texts["scene"][self._row(key)]
        return dict(json.loads(text)) if text else {}

    def thumbnail(self, key: int) -> bytes:
        """The picture of one item as stored: a WebP file. Safe to call from many threads."""
        row = self._row(key)
        group = bisect_right(self._ends, row)
        with self._lock:
            pictures = self._groups.get(group)
            if pictures is None:
                pictures = self._groups[group] = self._read_group(group)
                if len(self._groups) > CACHED_GROUPS:
                    self._groups.popitem(last=False)
            self._groups.move_to_end(group)
        data: bytes = pictures[row - (self._ends[group - 1] if group else 0)].as_py()
        if not data:
            raise CollectionError(f"{self.path} is damaged: item {key} has no picture")
        return data

    @cached_property
    def examples(self) -> list[Example]:
        """Example queries with their embeddings, [] when none were stored."""
        if EXAMPLE_TEXTS not in self.manifest.files:
            return []
        try:
            texts = json.loads(self._places[EXAMPLE_TEXTS].read_text("utf-8"))
            vectors = np.load(self._places[EXAMPLE_EMBEDDINGS]).astype(np.float32)
        except Exception as error:  # NumPy parses a header as Python and raises what that raises
            raise CollectionError(f"{self.path} is damaged, its examples cannot be read: {error}") from error
        if vectors.shape != (len(texts), self.full_dim) or not np.isfinite(vectors).all():
            raise CollectionError(
                f"{self.path} is damaged: {len(texts)} examples, embeddings {vectors.shape}"
            )
        return [Example(str(text), vector) for text, vector in zip(texts, vectors, strict=True)]

    def file(self, name: str) -> Path:
        """Where one of the pack's files lies now. Raises CollectionError when the manifest names no such
        file."""
        if name not in self._places:
            raise CollectionError(f"{self.path} has no {name}")
        return self._places[name]

    def verify(self) -> None:
        """Read everything: checksums, pictures there, unit rows. CollectionError at the first fault."""
        for name, record in self.manifest.files.items():
            if record_file(self._places[name]).sha256 != record.sha256:
                raise CollectionError(f"{self._places[name]} is damaged: its checksum is not the manifest's")
        for key in range(len(self)):
            self.thumbnail(key)
        if self._embeddings is not None:
            for start in range(0, len(self), _CHECK_ROWS):
                norms = np.linalg.norm(
                    self.embeddings[start : start + _CHECK_ROWS].astype(np.float32), axis=1
                )
                if not np.allclose(norms[norms > 0], 1, atol=5e-3):
                    raise CollectionError(f"{self.path} is damaged: its embeddings are not unit vectors")

    def _row(self, key: int) -> int:
        row = operator.index(key)
        if not 0 <= row < len(self):
            raise IndexError(f"key must be 0 to {len(self) - 1}, got {row}")
        return row

    def _check_table(self) -> None:
        rows = self._table.metadata.num_rows
        if rows != len(self):
            raise CollectionError(
                f"{self.path} is damaged: the manifest says {len(self)} items, the table {rows}"
            )
        if dict(self.manifest.columns) != self._columns:
            raise CollectionError(f"{self.path} is damaged: the table's attributes are not the manifest's")
        metadata = self._table.metadata
        sizes = (metadata.row_group(group).num_rows for group in range(metadata.num_row_groups))
        self._ends = list(accumulate(sizes))  # the row after each group's last

    def _map_embeddings(self) -> Vectors | None:
        if EMBEDDINGS not in self.manifest.files:
            return None
        try:
            vectors: Vectors = np.load(self._places[EMBEDDINGS], mmap_mode="r")
        except Exception as error:  # as above
            raise CollectionError(f"{self._places[EMBEDDINGS]} is damaged: {error}") from error
        shape = (len(self), self.full_dim)
        if vectors.shape != shape or vectors.dtype not in (np.float16, np.float32):
            found = f"{self._places[EMBEDDINGS]} is {vectors.shape} {vectors.dtype}"
            raise CollectionError(f"{found}; {shape} float16 or float32 is needed")
        return vectors

    @cached_property
    def _checked_embeddings(self) -> Vectors:
        vectors = self._embeddings
        assert vectors is not None  # `embeddings` has looked
        for start in range(0, len(vectors), _CHECK_ROWS):
            if not np.isfinite(vectors[start : start + _CHECK_ROWS]).all():
                raise CollectionError(
                    f"{self._places[EMBEDDINGS]} is damaged: it holds numbers that are not finite (NaN)"
                )
        return vectors

    @cached_property
    def _texts(self) -> dict[str, list[str]]:
        scene = ["scene"] if "scene" in self._table.schema_arrow.names else []
        table = self._read_columns([*CAPTIONS, "image.path", *scene])
        texts = {name: [text or "" for text in table[name].to_pylist()] for name in (*CAPTIONS, *scene)}
        paths = table["image"].combine_chunks().field("path").to_pylist()
        return {"scene": [""] * len(self), **texts, "path": [path or "" for path in paths]}

    def _read_columns(self, columns: list[str]) -> Any:
        with self._lock:
            try:
                return self._table.read(columns=columns)
            except Exception as error:  # Arrow's errors have no common base but Exception
                raise CollectionError(f"{self._places[ITEMS]} is damaged: {error}") from error

    def _read_group(self, group: int) -> Any:
        try:
            table = self._table.read_row_group(group, columns=["image.bytes"])
        except Exception as error:
            raise CollectionError(f"{self._places[ITEMS]} is damaged: {error}") from error
        return table["image"].combine_chunks().field("bytes")


def _check_size(path: Path, size: int) -> None:
    try:
        found = path.stat().st_size
    except FileNotFoundError:
        raise CollectionError(f"{path} is missing, the collection is not whole") from None
    except OSError as error:
        raise CollectionError(f"{path} cannot be read: {error.strerror}") from error
    if found != size:
        raise CollectionError(f"{path} is damaged: it has {found:,} bytes, the manifest says {size:,}")
