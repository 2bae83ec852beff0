"""What indexing wants to know of a place that pictures come from; `image_files.py` and `parquet.py` are such
places.

A source lists its pictures in an order that never varies, each with what is known without decoding it.
Whether a picture can be read is found out later, one by one, by `images.load_image`. Knows nothing of packs
or encoders.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mrl_demo.collection.items import Attribute


@dataclass(frozen=True)
class Entry:
    """One picture of a source, not decoded: a file to open, or the bytes themselves."""

    name: str  # relative path in the source, unique; what people are told
    stamp: tuple[int, int]  # size and time of change (ns): another stamp means another picture
    caption: str
    attributes: Mapping[str, Attribute]
    content: Path | bytes
    fault: str = ""  # why it cannot even be tried, known beforehand


class Source(Protocol):
    """Pictures in a fixed order."""

    name: str

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Entry]: ...


def words_of(stem: str) -> str:
    """A file name's stem as words: "red_mug-02" -> "red mug 02", "SunsetAtSea" -> "Sunset At Sea"."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"(?!')[\W_]+?", " ", stem))
    return " ".join(spaced.split()) or stem


def plain_name(text: str) -> str:
    """A name that is safe in addresses and file names: "My Photos (2019)" -> "my-photos-2019"."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "collection"
