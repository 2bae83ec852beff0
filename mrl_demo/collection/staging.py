"""Replace several files of a folder together: after a crash at any moment, all are new or all are old.

New files are written beside the old ones under hidden names. The moment that counts is one rename, of
`.manifest.next.json`, which names the hidden files; until it exists the old manifest rules, from then on the
new one does. Moving the files to their own names comes after, and readers see through it (`locate`), so
whoever dies there loses nothing; the next writer finishes the move. Readers never write. Knows nothing of
what the files contain.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mrl_demo.collection.manifest import MANIFEST, FileRecord, Manifest
from mrl_demo.errors import CollectionError

NEXT = ".manifest.next.json"
PREFIX = ".staged-"


def read_manifest(folder: Path) -> tuple[Manifest, dict[str, Path]]:
    """The manifest in force, and where each of its files lies now. Raises CollectionError."""
    manifest, staged = manifest_in_force(folder)
    return manifest, {
        name: _lent(folder, name, manifest)
        if name in manifest.borrowed
        else _locate(folder, name, staged.get(name))
        for name in manifest.files
    }


def manifest_in_force(folder: Path) -> tuple[Manifest, dict[str, str]]:
    """The manifest in force, and the hidden names of those of its files that are not moved yet; whether they
    are there is not looked at. Raises CollectionError."""
    if not folder.exists():
        raise CollectionError(f"there is no collection at {folder}: the folder does not exist")
    if not folder.is_dir():
        raise CollectionError(f"there is no collection at {folder}: it is a file, a folder is needed")
    for path in (folder / NEXT, folder / MANIFEST):
        try:
            text = path.read_text("utf-8")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise CollectionError(f"{path} cannot be read: {error}") from error
        manifest = Manifest.from_json(text, path)
        return manifest, json.loads(text).get("staged", {})
    raise CollectionError(f"there is no collection at {folder}: it has no {MANIFEST}")


class Staging:
    """New files for `folder`, put in force together by `commit`; a `with` block that fails leaves the old
    ones.

    Two writers at once do not mix: while one is at work, of whatever process, the other gets a
    CollectionError. The folder itself is what is locked, so that no file is left for it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made_folder = not folder.exists()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CollectionError(f"{folder} cannot be made: {error.strerror}") from error
        self._token = secrets.token_hex(4)
        self._staged: dict[str, Path] = {}
        with contextlib.ExitStack() as opened:
            opened.enter_context(_locked(folder))
            _settle(folder)
            _sweep(folder)
            self._lock = opened.pop_all()  # held until `__exit__`

    def __enter__(self) -> Staging:
        return self

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._clean_up()

    def _clean_up(self) -> None:
        if not self._in_force():  # what broke off a commit may have come after the moment that counts
            for path in self._staged.values():
                path.unlink(missing_ok=True)
        if self._made_folder:
            with contextlib.suppress(OSError):  # not empty: it succeeded
                self.folder.rmdir()

    def path(self, name: str) -> Path:
        """Where to write the new version of the file `name`."""
        self._staged[name] = self.folder / f"{PREFIX}{self._token}-{name}"
        return self._staged[name]

    def _in_force(self) -> bool:
        """Whether the manifest in force needs files of this writer under their hidden names."""
        if not (self.folder / NEXT).exists():
            return False
        try:
            _, staged = manifest_in_force(self.folder)
        except CollectionError:  # unreadable now: the next writer decides
            return True
        return any(path.name in staged.values() for path in self._staged.values())

    def commit(self, manifest: Manifest) -> Manifest:
        """Put the staged files and the manifest in force. `manifest.files` names the old files that stay.

        Returns the manifest with the sizes and checksums of the new files. Raises CollectionError.
        """
        try:
            records = {name: record_file(path, sync=True) for name, path in self._staged.items()}
            manifest = replace(manifest, files=dict(sorted({**manifest.files, **records}.items())))
            staged = {name: path.name for name, path in self._staged.items()}
            fields = {**json.loads(manifest.to_json()), "staged": staged}
            _write(self.folder, NEXT, json.dumps(fields))
            _settle(self.folder)
        except OSError as error:
            raise CollectionError(f"{self.folder} could not be written: {error}") from error
        self._staged.clear()
        return manifest


def record_file(path: Path, *, sync: bool = False) -> FileRecord:
    """Size and sha256 of a file; with `sync`, only after the disk has it."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        if sync:
            os.fsync(file.fileno())
        while block := file.read(1 << 20):
            digest.update(block)
        return FileRecord(file.tell(), digest.hexdigest())


def _locate(folder: Path, name: str, staged: str | None) -> Path:
    hidden = folder / staged if staged and staged.startswith(PREFIX) and "/" not in staged else None
    return hidden if hidden is not None and hidden.exists() else folder / name


def _lent(folder: Path, name: str, manifest: Manifest) -> Path:
    """Where a file that the pack in `folder` borrows from its neighbour lies. Raises CollectionError."""
    owner = folder.resolve().parent / manifest.borrowed[name]
    try:
        lender, staged = manifest_in_force(owner)
    except CollectionError as error:
        raise CollectionError(f"{folder} shows the pictures of {owner}, and {error}") from error
    if name in lender.borrowed or lender.files.get(name) != manifest.files[name]:
        raise CollectionError(
            f"{folder} shows pictures that {owner} does not have (any more): embed those that it has with "
            f"--out {folder}"
        )
    return _locate(owner, name, staged.get(name))


def _settle(folder: Path) -> None:
    """Finish a change that was put in force: give its files their own names."""
    if not (folder / NEXT).exists():
        return
    manifest, staged = manifest_in_force(folder)
    old = _names_in(folder / MANIFEST)
    for name in manifest.files.keys() - manifest.borrowed.keys():  # who lends is none of its business
        place = _locate(folder, name, staged.get(name))
        if place.name != name:
            os.replace(place, folder / name)
    _write(folder, MANIFEST, manifest.to_json())
    (folder / NEXT).unlink()
    for name in old - set(manifest.files):
        (folder / name).unlink(missing_ok=True)


def _names_in(path: Path) -> set[str]:
    try:
        return set(Manifest.from_json(path.read_text("utf-8"), path).files)
    except (OSError, UnicodeDecodeError, CollectionError):
        return set()


def _sweep(folder: Path) -> None:
    """Remove what a writer that died before its commit left behind."""
    for path in folder.glob(f"{PREFIX}*"):
        path.unlink(missing_ok=True)


def _write(folder: Path, name: str, text: str) -> None:
    """A small file, whole or not at all, on disk before this returns."""
    hidden = folder / f"{PREFIX}{secrets.token_hex(4)}-{name}"
    with hidden.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(hidden, folder / name)
    with _handle(folder) as handle:
        os.fsync(handle)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a folder for writing, against other threads too. CollectionError when another holds it."""
    with _handle(folder) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CollectionError(f"{folder} is being written by another process, or another run") from None
        except OSError:  # some network disks lock no folders: there, nobody is kept away
            pass
        yield


@contextlib.contextmanager
def _handle(folder: Path) -> Iterator[int]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)
