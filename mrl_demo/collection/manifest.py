"""The manifest of a pack: what the folder holds, and the size and checksum of every file that belongs to it.

Reads and checks manifest.json; which files are truly there, and how they get there together, is
`staging.py`'s affair.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mrl_demo.errors import CollectionError

FORMAT = 1
MANIFEST = "manifest.json"
INDEXED = "index"  # the origin of a pack that index_folder made, and may therefore replace


@dataclass(frozen=True)
class FileRecord:
    """Size and checksum of one file."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The contents of manifest.json. `full_dim` is 0 and `nested_dims` empty until the pack is embedded."""

    name: str
    title: str
    count: int
    licence: str = ""
    full_dim: int = 0
    nested_dims: tuple[int, ...] = ()
    model: Mapping[str, Any] = field(default_factory=dict)  # name, fingerprint of the encoder
    columns: Mapping[str, str] = field(default_factory=dict)  # attribute -> "str" | "int" | "float"
    origin: str = "written"  # or INDEXED
    files: Mapping[str, FileRecord] = field(default_factory=dict)
    # Files that lie in the pack of a neighbouring folder, by its name: the same pictures for another encoder.
    borrowed: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """As text, the format number first."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str, where: Path) -> Manifest:
        """Parse and check; `where` is named in the CollectionError raised for anything that is not a
        manifest.
        """
        try:
            fields = json.loads(text)
        except ValueError as error:
            raise CollectionError(f"{where} is damaged, it is not JSON: {error}") from error
        if not isinstance(fields, dict) or "format" not in fields:
            raise CollectionError(f"{where} is not the manifest of a collection: it names no format")
        if fields["format"] != FORMAT:
            raise CollectionError(
                f"{where} has format {fields['format']!r}; this version reads format {FORMAT}. "
                "Make the collection again, or use the version that made it"
            )
        try:
            manifest = cls(
                name=_typed(fields, "name", str),
                title=_typed(fields, "title", str),
                count=_typed(fields, "count", int),
                licence=_typed(fields, "licence", str, ""),
                full_dim=_typed(fields, "full_dim", int, 0) or 0,
                nested_dims=tuple(int(dim) for dim in _typed(fields, "nested_dims", list, [])),
                model=_typed(fields, "model", dict, {}),
                columns={str(key): str(kind) for key, kind in _typed(fields, "columns", dict, {}).items()},
                origin=_typed(fields, "origin", str, "written"),
                files={
                    plain_name(name): FileRecord(int(record["bytes"]), str(record["sha256"]))
                    for name, record in _typed(fields, "files", dict).items()
                },
                borrowed={
                    plain_name(name): plain_name(folder)
                    for name, folder in _typed(fields, "borrowed", dict, {}).items()
                },
            )
        except (KeyError, TypeError, ValueError) as error:
            raise CollectionError(f"{where} is damaged: {error}") from error
        if manifest.count < 1 or any(not 1 <= dim <= manifest.full_dim for dim in manifest.nested_dims):
            raise CollectionError(f"{where} is damaged: count {manifest.count}, full_dim {manifest.full_dim}")
        return manifest


def _typed(fields: Mapping[str, Any], key: str, kind: type, default: Any = ...) -> Any:
    value = fields.get(key, default)
    if value is ...:
        raise ValueError(f"{key} is missing")
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"{key} must be {kind.__name__}, got {value!r}")
    return value


def plain_name(name: object) -> str:
    """A file of the pack lies in the pack's own folder, or in a neighbouring one: a manifest cannot point
    elsewhere. ValueError for another name."""
    if (
        not isinstance(name, str)
        or not name
        or name.startswith(".")
        or "\\" in name
        or Path(name).name != name
    ):
        raise ValueError(f"{name!r} is not a plain file name")
    return name
