"""Image files below a folder, as a source of pictures: in sorted order, following links but no loops.

Nothing is opened here but folders; hidden files are not seen.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from mrl_demo.collection.sources import Entry, words_of
from mrl_demo.errors import CollectionError

# What looks like a picture; those of a format we do not read are tried too, so that they are reported.
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff"}
    | {".heic", ".heif", ".avif", ".jp2", ".jxl", ".svg", ".raw", ".dng", ".cr2", ".nef"}
)

Found = list[tuple[Path, str]]  # (path, why it cannot be tried or "")


class ImageFiles:
    """Image files below a folder: the file name, as words, is the caption, the subfolder an attribute."""

    def __init__(self, folder: Path, found: Found) -> None:
        self.name = folder.resolve().name or "images"
        self._folder = folder
        self._found = found

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Entry]:
        for path, fault in self._found:
            relative = path.relative_to(self._folder)
            folder = relative.parent.as_posix()
            try:
                status = path.stat()
                stamp = (status.st_size, status.st_mtime_ns)
            except OSError:  # a link to nowhere, or gone since: load_image will say so
                stamp = (0, 0)
            yield Entry(
                name=_printable(relative.as_posix()),
                stamp=stamp,
                caption=words_of(_printable(path.stem)),
                attributes={"folder": _printable(self.name if folder == "." else folder)},
                content=path,
                fault=fault,
            )


def find_files(folder: Path, suffixes: frozenset[str], leave_out: Path | None = None) -> Found:
    """Files below `folder` with these suffixes (lower case), sorted by path, and subfolders that cannot be
    looked into.

    Hidden ones are left out; each real folder is visited once, so links may form loops; `leave_out` is not
    looked into. Raises CollectionError when `folder` itself cannot be read.
    """
    left_out = leave_out.resolve() if leave_out else None
    seen: set[Path] = set()
    found: Found = []

    def visit(here: Path) -> None:
        try:
            real = here.resolve()
            entries = (
                [] if real in seen or real == left_out else sorted(os.scandir(here), key=lambda e: e.name)
            )
        except OSError as error:
            if here == folder:
                raise CollectionError(f"{folder} cannot be read: {error.strerror}") from error
            found.append((here, f"the folder cannot be read: {error.strerror}"))
            return
        seen.add(real)
        for entry in entries:
            path = Path(entry.path)
            if entry.name.startswith("."):
                continue
            if _is_folder(entry):
                visit(path)
            elif path.suffix.lower() in suffixes and not _is_special(entry):
                found.append((path, ""))

    visit(folder)
    return found


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _is_special(entry: os.DirEntry[str]) -> bool:
    """Sockets, pipes and devices: nothing that anybody means by a picture."""
    try:
        return not stat.S_ISREG(entry.stat().st_mode)
    except OSError:
        return False  # a link to nowhere is reported as a bad file


def _printable(text: str) -> str:
    """File names may hold bytes that are not UTF-8, which no table can store: they become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
