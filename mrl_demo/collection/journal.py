"""What has been encoded so far: finished batches on disk, so that indexing goes on where it was killed.

Each batch is one small Parquet file, written whole or not at all, that holds every picture's name and stamp
beside its thumbnail and embedding: there is no separate list that could disagree with it. Knows nothing of
sources or encoders.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FOLDER = ".partial"

Key = tuple[str, int, int]  # name, size, time of change (ns)


@dataclass(frozen=True, eq=False)
class Encoded:
    """One picture's outcome. embedding: (full_dim,) float16, unit."""

    thumbnail: bytes
    embedding: npt.NDArray[np.float16]


class Journal:
    """The finished batches under `out`/.partial made with one encoder; those of another encoder are thrown
    away. One writer at a time, for which its caller must see (`Staging`)."""

    def __init__(self, out: Path, fingerprint: str) -> None:
        self._root = out / FOLDER
        self._folder = self._root / _safe(fingerprint)
        self._folder.mkdir(parents=True, exist_ok=True)
        for other in self._root.iterdir():
            if other != self._folder:
                shutil.rmtree(other, ignore_errors=True)
        self._places: dict[Key, tuple[Path, int]] = {}
        self._open: tuple[Path, Any] | None = None
        for path in sorted(self._folder.glob("*.parquet")):
            self._note(path, self._keys_of(path))
        for path in self._folder.glob("*.tmp"):
            path.unlink(missing_ok=True)
        self._next = 1 + max((int(path.stem) for path in self._folder.glob("*.parquet")), default=-1)

    def __contains__(self, key: Key) -> bool:
        return key in self._places

    def __len__(self) -> int:
        return len(self._places)

    def add(self, keys: Sequence[Key], encoded: Sequence[Encoded]) -> None:
        """Keep one finished batch; when this returns it survives a kill."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.table(
            {
                "name": [name for name, _, _ in keys],
                "size": pa.array([size for _, size, _ in keys], pa.int64()),
                "changed": pa.array([changed for _, _, changed in keys], pa.int64()),
                "thumbnail": [one.thumbnail for one in encoded],
                "embedding": [one.embedding.astype("<f2").tobytes() for one in encoded],
            }
        )
        path = self._folder / f"{self._next:06d}.parquet"
        hidden = path.with_suffix(".tmp")
        with hidden.open("wb") as file:
            pq.write_table(table, file, compression="none")
            file.flush()
            os.fsync(file.fileno())
        os.replace(hidden, path)
        self._next += 1
        self._note(path, keys)

    def get(self, key: Key) -> Encoded:
        """What was kept under `key`; KeyError when nothing was. Quick when asked in the order of `add`."""
        import pyarrow.parquet as pq

        path, row = self._places[key]
        if self._open is None or self._open[0] != path:
            self._open = (path, pq.read_table(path, columns=["thumbnail", "embedding"]))
        table = self._open[1]
        embedding = np.frombuffer(table["embedding"][row].as_py(), dtype="<f2")
        return Encoded(table["thumbnail"][row].as_py(), embedding)

    def remove(self) -> None:
        """Delete it all, once it has become a pack."""
        self._places.clear()
        self._open = None
        shutil.rmtree(self._root, ignore_errors=True)

    def _note(self, path: Path, keys: Sequence[Key]) -> None:
        self._places.update({key: (path, row) for row, key in enumerate(keys)})

    def _keys_of(self, path: Path) -> list[Key]:
        import pyarrow.parquet as pq

        try:
            table = pq.read_table(path, columns=["name", "size", "changed"])
        except Exception:  # not whole after a power cut: then it is encoded again
            path.unlink(missing_ok=True)
            return []
        return list(zip(*(table[name].to_pylist() for name in ("name", "size", "changed")), strict=True))


def _safe(text: str) -> str:
    return (
        "".join(character if character.isalnum() or character in "-_" else "-" for character in text)[:64]
        or "-"
    )
