"""What a store's folder holds, as one value: the text of store.json and back, with a checksum of its own.

Knows no files but by name and checksum; how they get there together is `store_folder.py`'s affair.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from mrl_demo.errors import CollectionError
from mrl_demo.search.checksums import PART_BYTES, Record, text_sum
from mrl_demo.search.hits import FirstStage
from mrl_demo.search.vectors import Dtype, check_dtype

FORMAT = "matryoshka-store"
VERSION = 2  # 1 had sha256 for its checksums
FILE_NAME = re.compile(r"(rows|keys|removed|rotation|structure)-[0-9a-f]{12}\.(npy|usearch)")
"""Every file of a store but the manifest and the lock; nothing else in the folder is ever touched."""


@dataclass(frozen=True)
class Segment:
    """Rows that were written together. `keys` is None where each row's key is its number in the store."""

    count: int
    rows: Record
    keys: Record | None = None


@dataclass(frozen=True)
class Structure:
    """A graph or sign codes over the rows of the base segments."""

    first_stage: FirstStage
    dim: int
    file: Record


@dataclass(frozen=True)
class StoreManifest:
    """The state of a store.

    Attributes:
        generation: grows by one with every write.
        segments: all rows, in order; the first `base` of them are what the structures cover.
        removed: the numbers of the rows that were removed, ascending int64; None for none.
        rotation: (full_dim, full_dim) float32, applied to every row and query; None for none.
        plan: what `Store.plan` was set to.
    """

    generation: int
    dtype: Dtype
    full_dim: int
    nested_dims: tuple[int, ...]
    model: Mapping[str, Any]
    segments: tuple[Segment, ...]
    base: int = 1
    removed: Record | None = None
    rotation: Record | None = None
    structures: tuple[Structure, ...] = ()
    plan: Mapping[str, Any] | None = field(default=None)

    def records(self) -> list[Record]:
        """Every file that belongs to this state."""
        several = [record for segment in self.segments for record in (segment.rows, segment.keys)]
        several += [self.removed, self.rotation, *(structure.file for structure in self.structures)]
        return [record for record in several if record is not None]

    def built(self) -> list[tuple[FirstStage, int]]:
        """The first stages and dims that have a structure."""
        return [(structure.first_stage, structure.dim) for structure in self.structures]

    def to_json(self) -> str:
        """As text; the last value is the checksum of all the rest."""
        fields = {"format": FORMAT, "version": VERSION, **asdict(self)}
        return json.dumps({**fields, "xxh3_128": _signature(fields)}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str, where: object) -> StoreManifest:
        """Parse and check; CollectionError, naming `where`, for anything that `to_json` did not write."""
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise CollectionError(f"{where} is damaged, it is not JSON: {error}") from None
        if not isinstance(fields, dict) or fields.get("format") != FORMAT:
            raise CollectionError(f"{where} is not the manifest of a store of vectors")
        if fields.get("version") != VERSION:
            raise CollectionError(
                f"{where} has version {fields.get('version')!r}; this program reads version {VERSION}. "
                "Make the store again, or use the program that made it"
            )
        signature = fields.pop("xxh3_128", None)
        try:
            if signature != _signature(fields):
                raise ValueError("its checksum does not fit its content")
            return _read(fields)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError, CollectionError) as error:
            raise CollectionError(f"{where} is damaged: {error}") from None


def _signature(fields: Mapping[str, Any]) -> str:
    return text_sum(json.dumps(fields, sort_keys=True))


def _read(fields: Mapping[str, Any]) -> StoreManifest:
    full_dim = _count(fields["full_dim"])
    segments = tuple(
        Segment(_count(each["count"]), _needed(each["rows"]), _record(each["keys"]))
        for each in fields["segments"]
    )
    structures = tuple(
        Structure(
            FirstStage(**each["first_stage"]), _count(each["dim"], up_to=full_dim), _needed(each["file"])
        )
        for each in fields["structures"]
    )
    plan = fields["plan"]
    if not isinstance(fields["model"], dict) or not isinstance(plan, dict | None):
        raise ValueError("model and plan must be objects")
    return StoreManifest(
        generation=_count(fields["generation"]),
        dtype=check_dtype(fields["dtype"]),
        full_dim=full_dim,
        nested_dims=tuple(_count(dim, up_to=full_dim) for dim in fields["nested_dims"]),
        model=fields["model"],
        segments=segments,
        base=_count(fields["base"], up_to=len(segments)),
        removed=_record(fields["removed"]),
        rotation=_record(fields["rotation"]),
        structures=structures,
        plan=plan,
    )


def _record(given: Any) -> Record | None:
    if given is None:
        return None
    name, size, parts = given["name"], _count(given["bytes"]), given["xxh3_128"]
    if not isinstance(name, str) or not FILE_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a file of a store")
    if not isinstance(parts, list) or len(parts) != -(-size // PART_BYTES):
        raise ValueError(f"{name} has {len(parts)} checksums for {size} bytes")
    return Record(name, size, tuple(str(part) for part in parts))


def _needed(given: Any) -> Record:
    record = _record(given)
    if record is None:
        raise ValueError("a file is not named")
    return record


def _count(given: Any, up_to: int | None = None) -> int:
    """`given` as an int from 1 to `up_to`."""
    if isinstance(given, bool) or not isinstance(given, int) or given < 1 or (up_to and given > up_to):
        raise ValueError(f"{given!r} is not a whole number from 1" + (f" to {up_to}" if up_to else ""))
    return given
