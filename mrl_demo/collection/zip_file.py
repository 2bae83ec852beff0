"""The pictures of a zip file that a stranger packed, unpacked below one folder and within limits.

Names that would lead out of the folder are made harmless, what is no picture is passed over, and a file that
grows beyond what it may is cut off while it is read, whatever its header promises. Decodes nothing.
"""

from __future__ import annotations

import errno
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from mrl_demo.collection.image_files import SUFFIXES
from mrl_demo.collection.images import MAX_BYTES
from mrl_demo.errors import CollectionError

_BLOCK = 1 << 20
_LONGEST_PART = 200  # bytes of a folder's or a file's name; 255 fit, with a suffix and the number of `free`
# What zipfile and its decompressors raise for damaged content and for what they do not know.
_DAMAGED = (zipfile.BadZipFile, NotImplementedError, EOFError, UnicodeDecodeError, struct.error)
_SPOILT = (*_DAMAGED, zlib.error, lzma.LZMAError)
# bzip2's own errors have no number; the others are of names: too long, or a file's and a folder's at once.
_OF_ONE_ENTRY = (None, errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR)


def unpack_pictures(archive: Path, into: Path, *, most: int, most_bytes: int) -> list[tuple[str, str]]:
    """Write the pictures in `archive` below the folder `into`; returns those left out, as (name, why).

    Args:
        most: pictures there may be.
        most_bytes: all of them together, unpacked.

    Raises:
        CollectionError: no zip file, a damaged one, too many pictures or too many bytes. What was unpacked by
            then stays.
    """
    left_out: list[tuple[str, str]] = []
    count = total = 0
    try:
        with zipfile.ZipFile(archive) as packed:
            for entry in packed.infolist():
                place = _place(entry.filename)
                if entry.is_dir() or place is None:
                    continue
                count += 1
                if count > most:
                    raise CollectionError(
                        f"{archive.name} holds more than the {most:,} pictures that there is room for"
                    )
                if entry.flag_bits & 1:
                    left_out.append((entry.filename, "it is locked with a password"))
                    continue
                try:
                    path = free(into / place)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    for size in _written(packed, entry, path):
                        if total + size > most_bytes:
                            raise CollectionError(
                                f"{archive.name} unpacks to more than the {most_bytes / 1e6:,.0f} MB "
                                "that there is room for"
                            )
                    total += path.stat().st_size
                except (*_SPOILT, OSError) as error:
                    if isinstance(error, OSError) and error.errno not in _OF_ONE_ENTRY:
                        raise
                    why = getattr(error, "strerror", None) or error
                    left_out.append((entry.filename, f"it cannot be unpacked: {why}"))
    except _DAMAGED as error:
        raise CollectionError(f"{archive.name} is no zip file that can be read: {error}") from error
    except OSError as error:
        raise CollectionError(f"{archive.name} could not be unpacked: {error.strerror}") from error
    return left_out


def _written(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> Iterator[int]:
    """Unpack one file block by block, telling the bytes so far; one byte past MAX_BYTES is enough to refuse
    it later, in the words of every other picture. What breaks off leaves no file."""
    size = 0
    try:
        with packed.open(entry) as source, path.open("wb") as file:
            while block := source.read(min(_BLOCK, MAX_BYTES + 1 - size)):
                file.write(block)
                size += len(block)
                yield size
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _place(name: str) -> Path | None:
    """Where a zip's entry goes, relative: None for what is hidden or does not look like a picture."""
    parts = [part for part in re.split(r"[/\\]+", name) if part not in ("", ".", "..")]
    if not parts or any(part.startswith((".", "__MACOSX")) for part in parts):
        return None
    if Path(parts[-1]).suffix.lower() not in SUFFIXES:
        return None
    return Path(*(plain_part(part) for part in parts))


def plain_part(name: str) -> str:
    """A name that any file system takes, its suffix kept: "CON:a?.JPG" -> "CON_a_.JPG"."""
    clean = re.sub(r'[\x00-\x1f<>:"/\\|?*\ud800-\udfff]', "_", name).strip(" ") or "_"
    stem, dot, suffix = clean.rpartition(".")
    if dot and stem:
        return f"{_cut(stem, _LONGEST_PART)}{dot}{_cut(suffix, 8)}"
    return _cut(clean, _LONGEST_PART)


def _cut(text: str, most: int) -> str:
    """The beginning of a text, at most so many bytes of UTF-8: what file systems count."""
    return text.encode()[:most].decode(errors="ignore")


def free(path: Path) -> Path:
    """`path`, or the same with a number where there is such a file or folder already."""
    found, number = path, 1
    while found.exists():
        number += 1
        found = path.with_name(f"{path.stem} {number}{path.suffix}")
    return found
