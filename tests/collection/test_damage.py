"""Every kind of damage to a pack is named in plain words, by `open` where that is cheap and else by
`verify`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mrl_demo.collection import Pack, embed_pack
from mrl_demo.errors import CollectionError
from tests.fakes import FakeEncoder


def edit(path: Path, **changes: object) -> None:
    fields = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps({**fields, **changes}))


def resave(path: Path, vectors: np.ndarray) -> None:
    """Replace the embeddings and make the manifest agree on their size."""
    np.save(path / "embeddings.npy", vectors)
    fields = json.loads((path / "manifest.json").read_text())
    fields["files"]["embeddings.npy"]["bytes"] = (path / "embeddings.npy").stat().st_size
    (path / "manifest.json").write_text(json.dumps(fields))


def cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


def unclose(path: Path) -> None:
    """Of the size it had, but with a header that is no Python."""
    path.write_bytes(path.read_bytes().replace(b"}", b" ", 1))


def cut_and_agree(pack: Path) -> None:
    cut(pack / "items.parquet", 5_000)
    fields = json.loads((pack / "manifest.json").read_text())
    fields["files"]["items.parquet"]["bytes"] = 5_000
    (pack / "manifest.json").write_text(json.dumps(fields))


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "no manifest": (lambda p: (p / "manifest.json").unlink(), r"has no manifest\.json"),
    "manifest cut": (lambda p: cut(p / "manifest.json", 100), "damaged, it is not JSON"),
    "manifest is a list": (
        lambda p: (p / "manifest.json").write_text("[]"),
        "not the manifest of a collection",
    ),
    "manifest is binary": (lambda p: (p / "manifest.json").write_bytes(b"\xff\xfe\x00"), "cannot be read"),
    "a later format": (lambda p: edit(p, format=2), "has format 2; this version reads format 1"),
    "no name": (lambda p: edit(p, name=None), "name must be str"),
    "odd count": (lambda p: edit(p, count="many"), "count must be int"),
    "zero count": (lambda p: edit(p, count=0), "count 0"),
    "wrong count": (lambda p: edit(p, count=199), "the manifest says 199 items, the table 200"),
    "dims beyond": (lambda p: edit(p, nested_dims=[8, 1024]), "full_dim 512"),
    "files elsewhere": (
        lambda p: edit(p, files={"../x": {"bytes": 1, "sha256": ""}}),
        "not a plain file name",
    ),
    "no items": (lambda p: edit(p, files={}), "names no items.parquet"),
    "table missing": (lambda p: (p / "items.parquet").unlink(), r"items\.parquet is missing"),
    "table cut": (lambda p: cut(p / "items.parquet", 5_000), "has 5,000 bytes, the manifest says"),
    "table cut, size agrees": (cut_and_agree, "not a whole Parquet file"),
    "embeddings cut": (lambda p: cut(p / "embeddings.npy", 50), "has 50 bytes"),
    "embeddings narrow": (
        lambda p: resave(p, np.ones((200, 100), np.float16)),
        r"\(200, 100\) float16; \(200, 512\)",
    ),
    "embeddings few": (lambda p: resave(p, np.ones((3, 512), np.float16)), r"is \(3, 512\)"),
    "embeddings double": (lambda p: resave(p, np.ones((200, 512))), "float64"),
    "embeddings pickled": (lambda p: resave(p, np.array([{}], dtype=object)), "embeddings.npy is damaged"),
    "embeddings' header": (lambda p: unclose(p / "embeddings.npy"), "embeddings.npy is damaged"),
    "examples' header": (lambda p: unclose(p / "examples.npy"), "its examples cannot be read"),
    "embeddings NaN": (lambda p: resave(p, np.full((200, 512), np.nan, np.float16)), "not finite"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_a_collection_error_in_plain_words(own_pack: Path, kind: str) -> None:
    harm, complaint = DAMAGE[kind]
    harm(own_pack)
    with pytest.raises(CollectionError, match=complaint):
        pack = Pack.open(own_pack)
        _ = pack.embeddings, pack.examples


def test_no_folder_and_a_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="the folder does not exist"):
        Pack.open(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(CollectionError, match="it is a file"):
        Pack.open(tmp_path / "file")


def test_verify_finds_a_flipped_byte_that_open_cannot_see(own_pack: Path) -> None:
    data = bytearray((own_pack / "items.parquet").read_bytes())
    data[2_000] ^= 0xFF
    (own_pack / "items.parquet").write_bytes(data)
    with pytest.raises(CollectionError, match="checksum"):
        Pack.open(own_pack).verify()


class Doubles(FakeEncoder):
    def encode_image(self, image):  # type: ignore[no-untyped-def]
        return super().encode_image(image) * 2


def test_verify_finds_rows_that_are_not_unit(own_pack: Path) -> None:
    with pytest.raises(CollectionError, match="not unit"):
        embed_pack(own_pack, Doubles()).verify()
