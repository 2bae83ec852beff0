"""One item (picture, captions, attributes) and the Parquet table that stores many of them.

The table has the schema that Hugging Face `datasets` writes (an `image` column of {bytes, path}, and its
features in the schema's metadata), so the Hub and `load_dataset` show its pictures. Row groups are small: one
thumbnail can be read without the rest. Knows nothing of manifests, packs or embeddings.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mrl_demo.errors import CollectionError

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_A_GROUP = 64
LEVELS = ("short", "medium", "long")
CAPTIONS = tuple(f"caption_{level}" for level in LEVELS)
FIXED_COLUMNS = ("image", *CAPTIONS, "scene")
TYPES: dict[type, str] = {str: "str", int: "int", float: "float"}  # the kinds of attribute a pack knows

Attribute = str | int | float


@dataclass(frozen=True)
class Item:
    """One row: an encoded image (WebP in our own packs), its captions, its attributes, how it came to be."""

    image: bytes
    caption_short: str = ""
    caption_medium: str = ""
    caption_long: str = ""
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    path: str = ""  # the file it came from, "" when it was made
    scene: str = ""  # JSON, "" when there is none

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Item:
        """From a flat mapping: image (bytes or {bytes, path}), caption_*, scene; every other key is an
        attribute.
        """
        image = row.get("image")
        data, path = (image.get("bytes"), image.get("path")) if isinstance(image, Mapping) else (image, "")
        if not isinstance(data, bytes) or not data:
            raise CollectionError(f"a row needs image bytes, got {type(data).__name__} under 'image'")
        scene = row.get("scene") or ""
        return cls(
            image=data,
            **{name: str(row.get(name) or "") for name in CAPTIONS},
            attributes={
                key: value for key, value in row.items() if key not in FIXED_COLUMNS and key != "path"
            },
            path=str(path or row.get("path") or ""),
            scene=scene if isinstance(scene, str) else json.dumps(scene, sort_keys=True),
        )

    def to_row(self) -> dict[str, Any]:
        """The flat mapping that `from_row` reads, and the table stores."""
        captions = {name: getattr(self, name) for name in CAPTIONS}
        image = {"bytes": self.image, "path": self.path}
        return {"image": image, **captions, **self.attributes, "scene": self.scene}


def write_items(
    path: Path, rows: Iterable[Item | Mapping[str, Any]], *, rows_a_group: int = ROWS_A_GROUP
) -> int:
    """Stream rows into a Parquet file; returns how many there were.

    The first row decides which attribute columns there are and their types. Raises CollectionError when there
    are no rows, or when a later row has other columns or types. The file is half written if that happens: see
    `staging.py`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    items = (row if isinstance(row, Item) else Item.from_row(row) for row in rows)
    first = next(items, None)
    if first is None:
        raise CollectionError("there are no rows to write; a collection needs at least one")
    columns = {key: _kind(key, value) for key, value in first.attributes.items()}
    schema = _schema(columns)
    texts = [*CAPTIONS, "scene", "image.path", *(key for key, kind in columns.items() if kind == "str")]
    count = 0
    with pq.ParquetWriter(
        path, schema, compression="zstd", use_dictionary=texts, write_statistics=False, store_schema=True
    ) as writer:
        for group in _groups(chain([first], items), rows_a_group):
            for offset, item in enumerate(group):
                _check_columns(item, columns, count + offset)
            try:
                table = pa.Table.from_pylist([item.to_row() for item in group], schema=schema)
            except (pa.ArrowException, ValueError, OverflowError) as error:  # e.g. an int beyond 64 bits
                raise CollectionError(f"rows from {count} on cannot be stored: {error}") from error
            writer.write_table(table)
            count += len(group)
    return count


def read_items(path: str | Path, columns: Iterable[str] | None = None) -> Iterator[dict[str, Any]]:
    """Stream the rows of an items table as flat dicts, one row group in memory at a time.

    Raises CollectionError when the file is missing or damaged.
    """
    file = open_table(Path(path))
    names = None if columns is None else list(columns)
    for group in range(file.num_row_groups):
        try:
            table = file.read_row_group(group, columns=names)
        except Exception as error:  # Arrow's errors have no common base but Exception
            raise CollectionError(
                f"{path} is damaged, row group {group} could not be read: {error}"
            ) from error
        yield from table.to_pylist()


def open_table(path: Path) -> Any:
    """A `pyarrow.parquet.ParquetFile`, footer read. Raises CollectionError when missing or damaged."""
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path)
    except FileNotFoundError:
        raise CollectionError(f"{path} is missing") from None
    except Exception as error:
        raise CollectionError(f"{path} is damaged, it is not a whole Parquet file: {error}") from error


def attribute_columns(schema: pa.Schema) -> dict[str, str]:
    """The attribute columns of an items table and their kinds ("str", "int", "float"). Raises
    CollectionError.
    """
    import pyarrow.types as types

    missing = [name for name in ("image", *CAPTIONS) if name not in schema.names]
    if missing:
        raise CollectionError(f"the items table has no column {', '.join(missing)}")
    columns = {}
    for entry in schema:
        if entry.name in FIXED_COLUMNS:
            continue
        if types.is_string(entry.type) or types.is_large_string(entry.type):
            columns[entry.name] = "str"
        elif types.is_integer(entry.type):
            columns[entry.name] = "int"
        elif types.is_floating(entry.type):
            columns[entry.name] = "float"
        else:
            raise CollectionError(f"attribute {entry.name} is {entry.type}; it must be str, int or float")
    return columns


def _kind(key: str, value: object) -> str:
    kind = TYPES.get(type(value))
    if kind is None:
        raise CollectionError(f"attribute {key} is {type(value).__name__}; it must be str, int or float")
    return kind


def _check_columns(item: Item, columns: Mapping[str, str], row: int) -> None:
    found = {key: _kind(key, value) for key, value in item.attributes.items()}
    if found != columns:
        raise CollectionError(f"row {row} has attributes {found}, the first row had {dict(columns)}")


def _groups(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    group: list[Item] = []
    for item in items:
        group.append(item)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def _schema(columns: Mapping[str, str]) -> pa.Schema:
    import pyarrow as pa

    arrow = {"str": pa.string(), "int": pa.int64(), "float": pa.float64()}
    hub = {"str": "string", "int": "int64", "float": "float64"}
    kinds = {**dict.fromkeys(CAPTIONS, "str"), **columns, "scene": "str"}
    features = {"image": {"_type": "Image"}}
    features |= {key: {"dtype": hub[kind], "_type": "Value"} for key, kind in kinds.items()}
    return pa.schema(
        [("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())]))]
        + [(key, arrow[kind]) for key, kind in kinds.items()],
        metadata={"huggingface": json.dumps({"info": {"features": features}})},
    )
