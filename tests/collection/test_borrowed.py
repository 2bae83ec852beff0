"""A pack may show the pictures of its neighbour as another encoder sees them, without a copy of any."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from mrl_demo.collection import Pack, embed_pack, write_pack
from mrl_demo.errors import CollectionError
from tests.fakes import EXAMPLES, SMALL, FakeEncoder, small_rows


@pytest.fixture
def other(own_pack: Path) -> Path:
    """The pictures of `own_pack` by an encoder of 64 dims."""
    out = own_pack.parent / "other"
    embed_pack(own_pack, FakeEncoder(64), examples=EXAMPLES, out=out)
    return out


def test_it_shows_the_same_pictures_and_has_vectors_of_its_own(own_pack: Path, other: Path) -> None:
    first, second = Pack.open(own_pack), Pack.open(other)
    assert (first.full_dim, second.full_dim) == (512, 64)
    assert second.name == "other" and len(second) == SMALL
    assert [second.thumbnail(key) for key in range(SMALL)] == [first.thumbnail(key) for key in range(SMALL)]
    assert second.captions() == first.captions()
    np.testing.assert_array_equal(second.attributes["colour"], first.attributes["colour"])
    assert [example.text for example in second.examples] == list(EXAMPLES)
    assert not (other / "items.parquet").exists()
    second.verify()


def test_it_can_be_embedded_again_and_lend_what_it_borrowed(own_pack: Path, other: Path) -> None:
    again = embed_pack(other, FakeEncoder(32))
    third = embed_pack(other, FakeEncoder(16), out=own_pack.parent / "third")
    assert (again.full_dim, third.full_dim) == (32, 16)
    assert again.manifest.borrowed == third.manifest.borrowed == {"items.parquet": own_pack.name}
    assert third.thumbnail(5) == Pack.open(own_pack).thumbnail(5)


def test_folders_that_moved_together_still_belong_together(own_pack: Path, other: Path) -> None:
    own_pack.parent.rename(own_pack.parent.parent / "elsewhere")
    Pack.open(own_pack.parent.parent / "elsewhere" / other.name).verify()


def test_a_neighbour_that_is_gone_or_shows_other_pictures_is_named(own_pack: Path, other: Path) -> None:
    write_pack(own_pack, list(small_rows(40)), name="new", title="New")
    with pytest.raises(CollectionError, match="does not have"):
        Pack.open(other)
    assert len(embed_pack(own_pack, FakeEncoder(64), out=other)) == 40
    shutil.rmtree(own_pack)
    with pytest.raises(CollectionError, match=f"shows the pictures of .*{own_pack.name}"):
        Pack.open(other)


@pytest.mark.parametrize("named", ["../../etc", "/etc", ".", "", 3, None, ["a"]])
def test_a_manifest_cannot_point_elsewhere(other: Path, named: object) -> None:
    manifest = other / "manifest.json"
    fields = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**fields, "borrowed": {"items.parquet": named}}))
    with pytest.raises(CollectionError, match="not a plain file name"):
        Pack.open(other)


def test_two_that_borrow_from_each_other_are_refused(own_pack: Path, other: Path) -> None:
    manifest = own_pack / "manifest.json"
    fields = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**fields, "borrowed": {"items.parquet": "other"}}))
    with pytest.raises(CollectionError, match="does not have"):
        Pack.open(other)


def test_who_was_killed_may_write_again_though_the_neighbour_has_gone(own_pack: Path, other: Path) -> None:
    """Between the moment that counts and the move to the files' own names."""
    manifest = json.loads((other / "manifest.json").read_text())
    (other / "embeddings.npy").rename(other / ".staged-1-embeddings.npy")
    staged = {**manifest, "staged": {"embeddings.npy": ".staged-1-embeddings.npy"}}
    (other / ".manifest.next.json").write_text(json.dumps(staged))
    assert Pack.open(other).embeddings.shape == (SMALL, 64)
    write_pack(own_pack, list(small_rows(40)), name="new", title="New")
    assert len(embed_pack(own_pack, FakeEncoder(16), out=other)) == 40
    assert not list(other.glob(".*"))


def test_a_folder_whose_name_no_manifest_may_hold_lends_nothing(own_pack: Path) -> None:
    hidden = own_pack.rename(own_pack.parent / ".hidden")
    with pytest.raises(CollectionError, match="cannot be borrowed"):
        embed_pack(hidden, FakeEncoder(8), out=own_pack.parent / "out")
    assert not (own_pack.parent / "out").exists()


def test_nothing_is_written_elsewhere_or_over_another_collection(own_pack: Path, tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="must lie beside"):
        embed_pack(own_pack, FakeEncoder(8), out=tmp_path / "far" / "away")
    assert not (tmp_path / "far").exists()
    held = own_pack.parent / "held"
    write_pack(held, list(small_rows(5)), name="held", title="Held")
    for out in (held, own_pack):
        with pytest.raises(CollectionError, match="holds another collection"):
            embed_pack(own_pack, FakeEncoder(8), out=out)
    assert len(Pack.open(held)) == 5 and Pack.open(own_pack).full_dim == 512
