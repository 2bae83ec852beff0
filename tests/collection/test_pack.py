"""A pack gives back what was put in, reads lazily and from many threads."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mrl_demo.collection import (
    Item,
    Pack,
    adopt_table,
    embed_pack,
    load_image,
    read_items,
    write_items,
    write_pack,
)
from mrl_demo.collection import pack as pack_module
from mrl_demo.collection.build import add_embeddings
from mrl_demo.collection.manifest import INDEXED
from mrl_demo.errors import CollectionError
from tests.fakes import EXAMPLES, SMALL, FakeEncoder, small_rows


def test_a_pack_gives_back_what_was_written(small_pack: Pack) -> None:
    rows = list(small_rows())
    assert len(small_pack) == SMALL == len(rows)
    for key in (0, 31, 32, 57, SMALL - 1):  # 32 rows a group: both sides of a border
        assert small_pack.thumbnail(key) == rows[key].image
        assert small_pack.caption(key) == rows[key].caption_long
        assert small_pack.caption(key, "short") == rows[key].caption_short
        assert small_pack.source(key) == "" and small_pack.scene(key) == {}
        assert {name: column[key] for name, column in small_pack.attributes.items()} == rows[key].attributes
    assert small_pack.attributes["count"].dtype == np.int64
    assert small_pack.attributes["colour"].dtype.kind == "U"
    small_pack.verify()


def test_embeddings_are_those_of_the_encoder(small_pack: Pack, fake_encoder: FakeEncoder) -> None:
    assert small_pack.embeddings.shape == (SMALL, 512) and small_pack.embeddings.dtype == np.float16
    assert isinstance(small_pack.embeddings, np.memmap) and not small_pack.embeddings.flags.writeable
    expected = fake_encoder.encode_image(load_image(small_pack.thumbnail(77)))
    np.testing.assert_allclose(small_pack.embeddings[77], expected, atol=1e-3)
    assert (small_pack.full_dim, small_pack.nested_dims[0], small_pack.model["name"]) == (512, 8, "fake")
    assert [example.text for example in small_pack.examples] == list(EXAMPLES)
    np.testing.assert_array_equal(small_pack.examples[1].embedding, fake_encoder.encode_text(EXAMPLES[1]))


@pytest.mark.parametrize("key", [-1, SMALL, 10**9])
def test_a_key_outside_is_an_index_error_in_plain_words(small_pack: Pack, key: int) -> None:
    for read in (small_pack.thumbnail, small_pack.caption, small_pack.source):
        with pytest.raises(IndexError, match="key must be 0 to 199"):
            read(key)


def test_an_unknown_caption_level_is_refused(small_pack: Pack) -> None:
    with pytest.raises(ValueError, match="level must be one of short, medium, long"):
        small_pack.caption(0, "huge")


def test_numpy_integers_are_keys(small_pack: Pack) -> None:
    assert small_pack.thumbnail(np.int64(3)) == small_pack.thumbnail(3)


def test_opening_is_quick_and_reads_no_picture(
    small_collection: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a picture was read")

    monkeypatch.setattr(Pack, "_read_group", never)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        _ = Pack.open(small_collection).embeddings
        times.append(time.perf_counter() - start)
    assert min(times) < 0.05


def test_many_threads_read_the_right_pictures_through_a_small_cache(
    small_collection: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack_module, "CACHED_GROUPS", 2)
    pack, rows = Pack.open(small_collection), list(small_rows())
    keys = np.random.default_rng(1).integers(0, SMALL, 600).tolist()
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda key: pack.thumbnail(key) == rows[key].image, keys))
    assert len(pack._groups) <= 2


def test_an_open_pack_survives_its_replacement(own_pack: Path) -> None:
    old = Pack.open(own_pack)
    expected = [item.image for item in small_rows()]
    write_pack(own_pack, list(small_rows(40))[20:], name="new", title="New")
    assert [old.thumbnail(key) for key in range(SMALL)] == expected
    assert len(Pack.open(own_pack)) == 20
    assert not (own_pack / "embeddings.npy").exists()  # they were of other pictures


def test_a_pack_that_is_not_embedded_says_so(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "p", small_rows(5), name="p", title="P")
    assert (pack.full_dim, pack.nested_dims, pack.model, pack.examples) == (0, (), {}, [])
    with pytest.raises(CollectionError, match="no embeddings yet"):
        _ = pack.embeddings


def test_embedding_again_replaces_embeddings_and_keeps_other_files(own_pack: Path) -> None:
    (own_pack / "README.md").write_text("a card")
    seen: list[tuple[int, int]] = []
    pack = embed_pack(own_pack, FakeEncoder(64), progress=lambda done, total: seen.append((done, total)))
    assert pack.embeddings.shape == (SMALL, 64) and pack.examples == []
    assert seen[-1] == (SMALL, SMALL) and len(seen) == 7
    assert (own_pack / "README.md").read_text() == "a card" and not (own_pack / "examples.npy").exists()


def test_rows_may_be_flat_mappings(tmp_path: Path) -> None:
    image = next(small_rows(1)).image
    rows = [
        {
            "image": image,
            "caption_long": "x",
            "colour": "red",
            "scene": {"seed": 1},
            "size": 0.5,
            "path": "a.png",
        }
    ]
    pack = write_pack(tmp_path / "p", rows, name="p", title="P", licence="CC0-1.0")
    assert (pack.caption(0), pack.caption(0, "short")) == ("x", "")
    assert pack.scene(0) == {"seed": 1} and pack.attributes["size"][0] == 0.5 and pack.licence == "CC0-1.0"


def test_a_table_that_is_there_already_can_be_adopted(tmp_path: Path) -> None:
    assert write_items(tmp_path / "items.parquet", small_rows(70), rows_a_group=16) == 70
    pack = adopt_table(tmp_path, name="p", title="P")
    assert len(pack) == 70 and pack.thumbnail(69) == list(small_rows(70))[69].image
    rows = list(read_items(tmp_path / "items.parquet", columns=["colour", "image"]))
    assert len(rows) == 70 and rows[3]["image"]["bytes"] == pack.thumbnail(3)


def test_the_same_rows_make_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_pack(tmp_path / name, small_rows(50), name="p", title="P")
    for file in ("items.parquet", "manifest.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_hugging_face_readers_are_told_of_the_image_column(small_collection: Path) -> None:
    import pyarrow.parquet as pq

    features = json.loads(pq.read_schema(small_collection / "items.parquet").metadata[b"huggingface"])[
        "info"
    ]["features"]
    assert features["image"] == {"_type": "Image"} and features["count"] == {
        "dtype": "int64",
        "_type": "Value",
    }


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([], "no rows"),
        ([{"caption_long": "x"}], "needs image bytes"),
        ([{"image": b"x", "tags": ["a"]}], "attribute tags is list"),
        ([{"image": b"x", "a": "1"}, {"image": b"x", "a": 1}], "row 1 has attributes"),
        ([{"image": b"x", "a": "1"}, {"image": b"x"}], "row 1 has attributes"),
    ],
)
def test_bad_rows_are_named_and_leave_nothing_behind(tmp_path: Path, rows: list, complaint: str) -> None:
    with pytest.raises(CollectionError, match=complaint):
        write_pack(tmp_path / "p", rows, name="p", title="P")
    assert not (tmp_path / "p").exists()


def test_a_source_that_fails_half_way_leaves_the_old_pack(own_pack: Path) -> None:
    def rows():  # type: ignore[no-untyped-def]
        yield from small_rows(100)
        raise RuntimeError("the renderer crashed")

    before = sorted(path.name for path in own_pack.iterdir())
    with pytest.raises(RuntimeError, match="renderer"):
        write_pack(own_pack, rows(), name="p", title="P")
    assert sorted(path.name for path in own_pack.iterdir()) == before
    Pack.open(own_pack).verify()


class BadEncoder(FakeEncoder):
    def __init__(self, spoil: Callable[[np.ndarray], np.ndarray]) -> None:
        super().__init__()
        self._spoil = spoil

    def encode_image(self, image):  # type: ignore[no-untyped-def]
        return self._spoil(super().encode_image(image))


@pytest.mark.parametrize(
    "spoil", [lambda v: v * np.nan, lambda v: v[:, :100], lambda v: v[0]], ids=["nan", "narrow", "one"]
)
def test_a_bad_encoder_cannot_spoil_a_pack(own_pack: Path, spoil: Callable[[np.ndarray], np.ndarray]) -> None:
    with pytest.raises(CollectionError, match="the encoder gave"):
        embed_pack(own_pack, BadEncoder(spoil))
    Pack.open(own_pack).verify()


def test_embeddings_go_to_the_pictures_they_were_made_of_or_nowhere(own_pack: Path) -> None:
    def replaced(done: int, total: int) -> None:
        if done == total:
            write_pack(own_pack, small_rows(total), name="new", title="New")

    with pytest.raises(CollectionError, match="were replaced meanwhile: embed it again"):
        embed_pack(own_pack, FakeEncoder(8), progress=replaced)
    assert Pack.open(own_pack).full_dim == 0
    with pytest.raises(CollectionError, match=r"takes embeddings of shape \(200, 8\), got \(199, 8\)"):
        add_embeddings(own_pack, np.ones((199, 8)), FakeEncoder(8))


class Unreadable(OSError):
    pass


def test_what_the_rows_raise_passes_through(tmp_path: Path) -> None:
    def rows():  # type: ignore[no-untyped-def]
        yield from small_rows(1)
        raise Unreadable("a texture is missing")

    with pytest.raises(Unreadable):
        write_pack(tmp_path / "p", rows(), name="p", title="P")


def test_a_disk_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CollectionError, match="cannot be made"):
        write_pack(tmp_path / "file" / "p", small_rows(3), name="p", title="P")


@pytest.mark.parametrize("value", [2**70, "\ud800"], ids=["int beyond 64 bits", "lone surrogate"])
def test_values_that_cannot_be_stored_are_refused(tmp_path: Path, value: int | str) -> None:
    with pytest.raises(CollectionError, match="cannot be stored"):
        write_pack(tmp_path / "p", [{"image": b"x", "a": value}], name="p", title="P")


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
rows_of_any_kind = st.lists(
    st.builds(
        lambda image, caption, path, mood, year, price: Item(
            image, caption, caption[:3], caption * 2, {"mood": mood, "year": year, "price": price}, path
        ),
        st.binary(min_size=1, max_size=40),
        words,
        words,
        words,
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False),
    ),
    min_size=1,
    max_size=9,
)


@given(rows=rows_of_any_kind, rows_a_group=st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_any_rows_come_back_as_they_went_in(
    rows: list[Item], rows_a_group: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    out = tmp_path_factory.mktemp("any") / "p"
    pack = write_pack(out, rows, name="p", title="P", rows_a_group=rows_a_group, origin=INDEXED)
    for key, row in enumerate(rows):
        captions = (pack.caption(key, "short"), pack.caption(key, "medium"), pack.caption(key))
        assert captions == (row.caption_short, row.caption_medium, row.caption_long)
        assert (pack.thumbnail(key), pack.source(key)) == (row.image, row.path)
        assert {name: column[key].item() for name, column in pack.attributes.items()} == row.attributes


def test_a_row_is_an_item_and_back() -> None:
    item = Item(b"x", "a", "b", "c", {"n": 1}, "p.png", "{}")
    assert Item.from_row(item.to_row()) == item
