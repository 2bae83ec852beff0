"""The folder of a store: new files under new names, and one rename that puts a new manifest in force.

A write is: new files, each fsynced; store.json written beside itself, fsynced, renamed; the folder fsynced.
Killed anywhere, the folder holds the old state or the new one whole. Files of no state are swept by the next
writer. Knows bytes, names and arrays; not what they mean.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from mrl_demo.errors import CollectionError
from mrl_demo.search.checksums import Record, check_content, check_size, record_of
from mrl_demo.search.store_manifest import FILE_NAME, StoreManifest

T = TypeVar("T")

MANIFEST = "store.json"
_NEXT = "store.json.next"
_LOCK = "lock"


class StoreFolder:
    """Files of one store. Any number of readers; writes only inside `writing`."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def make(self) -> None:
        """Make the folder, if it is not there. CollectionError when that cannot be."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CollectionError(f"{self.path} cannot be made: {error.strerror}") from error

    def check_new(self) -> None:
        """CollectionError when the folder holds a store, or something that no store left behind."""
        names = {each.name for each in self.path.iterdir()}
        if MANIFEST in names:
            raise CollectionError(f"there is a store at {self.path} already; name another folder")
        foreign = {name for name in names - {_LOCK, _NEXT} if not FILE_NAME.fullmatch(name)}
        if foreign:
            raise CollectionError(f"{self.path} is not empty ({min(foreign)}); a store needs its own folder")

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the folder for writing: the only writer of all processes. CollectionError when there is one,
        and for what the disk refuses."""
        try:
            with (self.path / _LOCK).open("a") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise CollectionError(f"{self.path} is being written by another process") from None
                yield
        except OSError as error:
            raise CollectionError(f"{self.path} could not be written: {error}") from error

    def manifest_text(self) -> str:
        """The manifest in force, unread. CollectionError when there is none."""
        try:
            return (self.path / MANIFEST).read_text("utf-8")
        except FileNotFoundError:
            raise CollectionError(f"there is no store at {self.path}: it has no {MANIFEST}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise CollectionError(f"{self.path / MANIFEST} cannot be read: {error}") from error

    def manifest(self) -> StoreManifest:
        """The state in force. CollectionError when there is none or it is damaged."""
        return StoreManifest.from_json(self.manifest_text(), self.path / MANIFEST)

    def steadily(self, read: Callable[[StoreManifest], T]) -> T:
        """`read` of the state in force; again where another process has replaced its files meanwhile.

        Raises:
            CollectionError: a file is missing, or what `read` raises.
        """
        while True:
            manifest = self.manifest()
            try:
                return read(manifest)
            except FileNotFoundError as error:
                if self.manifest() == manifest:
                    raise CollectionError(f"{error.filename} is missing: the store is damaged") from None

    def write(self, kind: str, suffix: str, fill: Callable[[Path], None]) -> Record:
        """A new file, filled by `fill`, on the disk when this returns; part of no state until `commit`."""
        path = self.path / f"{kind}-{secrets.token_hex(6)}.{suffix}"
        fill(path)
        return record_of(path)

    def write_array(self, kind: str, array: npt.NDArray[Any]) -> Record:
        """`write` of one array as .npy."""
        return self.write_rows(kind, len(array), array.shape[1:], array.dtype, [array])

    def write_rows(
        self,
        kind: str,
        count: int,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        blocks: Iterable[npt.NDArray[Any]],
    ) -> Record:
        """`write` of (count, *shape) as .npy from blocks of rows, which need not be in memory together."""

        def fill(path: Path) -> None:
            header = {"descr": dtype.str, "fortran_order": False, "shape": (count, *shape)}
            with path.open("wb") as file:
                np.lib.format.write_array_header_1_0(file, header)
                for block in blocks:
                    file.write(np.ascontiguousarray(block, dtype).data)

        return self.write(kind, "npy", fill)

    def commit(self, manifest: StoreManifest) -> None:
        """Put a state in force, durably."""
        beside = self.path / _NEXT
        with beside.open("w", encoding="utf-8") as file:
            file.write(manifest.to_json())
            file.flush()
            os.fsync(file.fileno())
        self._sync()  # the names of the new files before the name that refers to them
        os.replace(beside, self.path / MANIFEST)
        self._sync()

    def sweep(self, manifest: StoreManifest | None) -> None:
        """Remove the files of older states, and of writers that failed or were killed."""
        wanted = set() if manifest is None else {record.name for record in manifest.records()}
        for name in os.listdir(self.path):
            if name == _NEXT or (FILE_NAME.fullmatch(name) and name not in wanted):
                (self.path / name).unlink(missing_ok=True)

    def array(
        self, record: Record, shape: tuple[int | None, ...], dtype: np.dtype[Any], check: bool
    ) -> npt.NDArray[Any]:
        """An array of a state, mapped into memory, read only.

        Args:
            shape: None stands for any length.
            check: read it all and compare checksums; else only size, dtype and shape are.

        Raises:
            CollectionError: damaged.
            FileNotFoundError: gone, as when another process has written since the manifest was read.
        """
        path = self.path / record.name
        (check_content if check else check_size)(path, record)
        try:
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        except FileNotFoundError:
            raise
        except Exception as error:  # NumPy parses the header as Python and raises what that raises
            raise CollectionError(f"{path} is damaged: {error}") from None
        fits = len(array.shape) == len(shape) and all(
            wanted in (None, found) for wanted, found in zip(shape, array.shape, strict=True)
        )
        if not fits or array.dtype != dtype or not array.flags.c_contiguous:
            raise CollectionError(
                f"{path} is damaged: it holds {array.dtype} {array.shape}, not {dtype} {shape}"
            )
        return np.asarray(array)

    def checked(self, record: Record) -> Path:
        """Where a file lies, once all its bytes have been compared. Raises as `array`."""
        check_content(self.path / record.name, record)
        return self.path / record.name

    def _sync(self) -> None:
        handle = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
