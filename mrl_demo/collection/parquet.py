"""Read a Parquet table with an `image` column, as Hugging Face `datasets` writes it: one file or the shards
of a set.

Strings, numbers, booleans and class labels (by name) become attributes; the column that reads like a caption
becomes the caption. Rows are streamed, so a set may be larger than memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mrl_demo.collection.items import Attribute, open_table
from mrl_demo.collection.sources import Entry
from mrl_demo.errors import CollectionError

# A column is taken for the caption when its name ends with one of these; the first in this order wins.
CAPTION_ENDINGS = ("caption_long", "caption", "text", "description", "title", "displayname", "name")
LONGEST_ATTRIBUTE = 200  # characters; attributes are for filtering and charts, not for essays
_BATCH = 256


@dataclass(frozen=True)
class Column:
    """How one column becomes an attribute. `labels` are the names of a class label's numbers."""

    name: str
    kind: str  # "str", "int" or "float"
    labels: tuple[str, ...] = ()

    def value(self, raw: Any) -> Attribute:
        """Missing values become "" or NaN; an int column that has any is read as str (see `_kind`)."""
        if self.kind == "int":
            return int(raw)
        if self.kind == "float":
            return float("nan") if raw is None else float(raw)
        if raw is None:
            return ""
        if self.labels and isinstance(raw, int):
            return self.labels[raw] if 0 <= raw < len(self.labels) else ""
        return str(raw)[:LONGEST_ATTRIBUTE]


class ParquetSource:
    """The rows of Parquet files with an `image` column of {bytes, path} (or plain bytes), in file and row
    order."""

    def __init__(self, root: Path, paths: list[Path], *, name: str, limit: int = 0) -> None:
        """Reads the footers only. Raises CollectionError for a damaged file, no image column, unequal
        columns."""
        self.name = name
        self._root = root  # rows are named by their file, relative to this
        self._paths = paths
        tables = [open_table(path) for path in paths]
        schema = tables[0].schema_arrow
        for path, table in zip(paths, tables, strict=True):
            if table.schema_arrow.names != schema.names:
                raise CollectionError(f"{path} has other columns than {paths[0]}; index them one at a time")
        if "image" not in schema.names:
            raise CollectionError(
                f"{paths[0]} has no column 'image'; its columns are {', '.join(schema.names)}"
            )
        rows: int = sum(table.metadata.num_rows for table in tables)
        self._count = min(rows, limit) if limit else rows
        labels = _class_labels(schema.metadata or {})
        columns = [_column(field, tables, labels.get(field.name, ())) for field in schema]
        found = [column for column in columns if column is not None]
        self._caption = _caption_column(found)
        self._columns = [column for column in found if column.name != self._caption]
        if not self._count:
            raise CollectionError(f"{paths[0]} has no rows")

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Entry]:
        left = self._count
        names = ["image", *(column.name for column in self._columns)] + (
            [self._caption] if self._caption else []
        )
        for path in self._paths:
            stamp = (path.stat().st_size, path.stat().st_mtime_ns)
            row = 0
            try:
                for batch in open_table(path).iter_batches(_BATCH, columns=names):
                    for fields in batch.slice(0, left).to_pylist():
                        yield self._entry(f"{path.relative_to(self._root).as_posix()}#{row}", stamp, fields)
                        row += 1
                    left -= min(left, batch.num_rows)
                    if not left:
                        return
            except OSError as error:  # Arrow's errors about damaged data are OSErrors
                raise CollectionError(f"{path} is damaged at row {row}: {error}") from error

    def _entry(self, name: str, stamp: tuple[int, int], fields: Mapping[str, Any]) -> Entry:
        image = fields["image"]
        data = image.get("bytes") if isinstance(image, Mapping) else image
        attributes = {column.name: column.value(fields[column.name]) for column in self._columns}
        texts = (fields[self._caption],) if self._caption else attributes.values()
        caption = " ".join(str(text) for text in texts if isinstance(text, str) and text)
        return Entry(name, stamp, caption, attributes, data if isinstance(data, bytes) else b"")


def _column(field: Any, tables: list[Any], labels: tuple[str, ...]) -> Column | None:
    """None for what cannot be an attribute: the image itself, lists, structs, dates."""
    import pyarrow.types as types

    if field.name in ("image", "scene"):
        return None
    value = field.type.value_type if types.is_dictionary(field.type) else field.type
    if types.is_string(value) or types.is_large_string(value) or types.is_boolean(value) or labels:
        return Column(field.name, "str", labels)
    if types.is_integer(value):
        return Column(field.name, "str" if _may_be_missing(field.name, tables) else "int")
    return Column(field.name, "float") if types.is_floating(value) else None


def _may_be_missing(name: str, tables: list[Any]) -> bool:
    """Whether a column has a null anywhere: it is read, numbers are small."""
    return any(table.read(columns=[name])[name].null_count > 0 for table in tables)


def _caption_column(columns: list[Column]) -> str:
    texts = {
        column.name.lower(): column.name for column in columns if column.kind == "str" and not column.labels
    }
    for ending in CAPTION_ENDINGS:
        for lowered, name in texts.items():
            if lowered.endswith(ending):
                return name
    return ""


def _class_labels(metadata: Mapping[bytes, bytes]) -> dict[str, tuple[str, ...]]:
    """The names of class labels, from what `datasets` keeps in the schema's metadata; {} when it kept
    none."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        named = {key: feature.get("names") for key, feature in features.items() if isinstance(feature, dict)}
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}
    return {
        key: tuple(str(name) for name in names) for key, names in named.items() if isinstance(names, list)
    }
