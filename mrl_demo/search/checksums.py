"""Checksums of files, part by part in two threads, so that a large file is checked before it is used.

XXH3 with 128 bits: it finds what disks, copies and slips do to a file, five times as fast as sha256 here. It
is no defence against somebody who makes a file to deceive. Knows bytes only, not what a file holds.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import xxhash

from mrl_demo.errors import CollectionError

PART_BYTES = 16 << 20
_READ_BYTES = 1 << 18  # read at once: still in the cache when it is summed
_THREADS = 2


@dataclass(frozen=True)
class Record:
    """One file of a folder: its name, its size, and the checksum of each 16 MiB of it, in hexadecimal."""

    name: str
    bytes: int
    xxh3_128: tuple[str, ...]


def record_of(path: Path) -> Record:
    """What `path` holds now, once the disk has it (fsync). OSError when it cannot be read."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        size = os.fstat(file.fileno()).st_size
        return Record(path.name, size, _digests(file.fileno(), size))


def check_size(path: Path, record: Record) -> None:
    """CollectionError when the file has another size than recorded; FileNotFoundError when it is gone."""
    size = path.stat().st_size
    if size != record.bytes:
        raise CollectionError(f"{path} is damaged: it has {size} bytes, not {record.bytes}")


def check_content(path: Path, record: Record) -> None:
    """CollectionError unless every byte is as recorded; FileNotFoundError when the file is gone."""
    check_size(path, record)
    with path.open("rb") as file:
        found = _digests(file.fileno(), record.bytes)
    if found != record.xxh3_128:
        raise CollectionError(f"{path} is damaged: its content is not what was written (checksum)")


def text_sum(text: str) -> str:
    """The checksum of a short text, in hexadecimal."""
    return xxhash.xxh3_128_hexdigest(text.encode())


def _digests(handle: int, size: int) -> tuple[str, ...]:
    def digest(start: int) -> str:
        summed = xxhash.xxh3_128()
        stop = min(start + PART_BYTES, size)
        while start < stop and (block := os.pread(handle, min(_READ_BYTES, stop - start), start)):
            summed.update(block)
            start += len(block)
        return summed.hexdigest()

    starts = range(0, size, PART_BYTES)
    if len(starts) < 2:
        return tuple(map(digest, starts))
    with ThreadPoolExecutor(_THREADS) as pool:
        return tuple(pool.map(digest, starts))
