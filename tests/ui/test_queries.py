"""From text, upload, picture or example to an embedding, and every way in which that can go wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mrl_demo.errors import CheckpointError, CollectionError, ImageError, QueryError
from mrl_demo.search.collection import Collection
from mrl_demo.ui.encoder_holder import EncoderHolder, EncoderLoading
from mrl_demo.ui.queries import Queries
from tests.fakes import FakeEncoder, paint


@pytest.fixture
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    (tmp_path / "uploads").mkdir()
    return tmp_path / "uploads"


def test_a_text_is_encoded_once(collection: Collection) -> None:
    encoder = FakeEncoder()
    queries = Queries(collection, EncoderHolder.of(encoder))
    first = queries.resolve({"kind": "text", "text": "  a red mug "})
    assert queries.resolve({"kind": "text", "text": "a red mug"}) is first
    assert encoder.images_encoded == 1
    assert first.label == "a red mug" and first.seconds is not None
    assert np.allclose(first.embedding, FakeEncoder().encode_text("a red mug"))


def test_an_upload_finds_its_like(collection: Collection, queries: Queries, uploads: Path) -> None:
    file = uploads / "mine.png"
    paint("red", "mug", "wood", "warm").save(file)
    query = queries.resolve({"kind": "image", "path": str(file), "name": "holiday.png"})
    assert query.label == "holiday.png"
    top = queries.collection.search(query.embedding, _flat(), k=1).keys[0]
    assert "red mug on wood in warm light" in collection.caption(int(top))


@pytest.mark.parametrize("content", [b"not a picture", b"", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_an_upload_that_is_no_picture_is_refused_by_its_own_name(
    queries: Queries, uploads: Path, content: bytes
) -> None:
    file = uploads / "stored.png"
    file.write_bytes(content)
    with pytest.raises(ImageError, match="holiday"):
        queries.resolve({"kind": "image", "path": str(file), "name": "holiday.png"})


def test_a_truncated_upload_is_refused(queries: Queries, uploads: Path) -> None:
    file = uploads / "cut.jpg"
    Image.effect_noise((200, 200), 50).save(file)
    file.write_bytes(file.read_bytes()[:2000])
    with pytest.raises(ImageError):
        queries.resolve({"kind": "image", "path": str(file), "name": "cut.jpg"})


@pytest.mark.parametrize("path", ["/etc/passwd", "../../etc/passwd", "", None, 7, "a\0b", "uploads/../x"])
def test_no_other_file_of_the_server_can_be_read(queries: Queries, uploads: Path, path: Any) -> None:
    with pytest.raises(QueryError, match="Upload a picture first"):
        queries.resolve({"kind": "image", "path": path})


def test_a_link_out_of_the_upload_folder_is_refused(queries: Queries, uploads: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    paint().save(secret)
    (uploads / "link.png").symlink_to(secret)
    with pytest.raises(QueryError):
        queries.resolve({"kind": "image", "path": str(uploads / "link.png")})


@pytest.mark.parametrize("text", ["", "   \n", None, 3, ["a"]])
def test_an_empty_text_is_refused_kindly(queries: Queries, text: Any) -> None:
    with pytest.raises(QueryError, match="Type a few words"):
        queries.resolve({"kind": "text", "text": text})


def test_a_very_long_text_is_answered_with_a_warning(queries: Queries) -> None:
    query = queries.resolve({"kind": "text", "text": "red mug " * 1250})
    assert len(query.label) <= 120 and query.warnings


@pytest.mark.parametrize("key", [-1, 200, 10**9, None, "3", 1.0, True])
def test_a_key_outside_the_collection_is_refused(queries: Queries, key: Any) -> None:
    with pytest.raises(QueryError, match="key must be a whole number from 0 to 199"):
        queries.resolve({"kind": "item", "key": key})


@pytest.mark.parametrize("asked", [None, [], "text", {}, {"kind": "sound"}])
def test_a_question_without_a_query_is_refused(queries: Queries, asked: Any) -> None:
    with pytest.raises(QueryError, match="a query is"):
        queries.resolve(asked)


def test_examples_and_items_need_no_encoder(collection: Collection) -> None:
    never = EncoderHolder(FakeEncoder)  # never started
    queries = Queries(collection, never)
    assert queries.example(0).seconds is None
    assert np.allclose(queries.item(5).embedding, collection.embedding(5))
    with pytest.raises(EncoderLoading):
        queries.text("a red mug")


def test_a_missing_checkpoint_is_said_and_examples_go_on(collection: Collection) -> None:
    def missing() -> FakeEncoder:
        raise CheckpointError("there is no checkpoint in nowhere")

    holder = EncoderHolder(missing).start()
    queries = Queries(collection, holder)
    with pytest.raises(CheckpointError, match="nowhere"):
        queries.text("a red mug", wait=5)
    assert holder.status() == {"state": "missing", "text": "there is no checkpoint in nowhere"}
    assert queries.example(0).label


def test_an_encoder_that_breaks_is_said_in_words(collection: Collection) -> None:
    def broken() -> FakeEncoder:
        raise ImportError("no module named torch")

    holder = EncoderHolder(broken).start()
    with pytest.raises(CheckpointError, match="could not be loaded"):
        holder.get(wait=5)


def test_another_encoder_than_the_collection_s_is_refused(collection: Collection) -> None:
    encoder = FakeEncoder()
    encoder.fingerprint = "another"
    queries = Queries(collection, EncoderHolder.of(encoder))
    with pytest.raises(CollectionError, match="embedded by another checkpoint"):
        queries.text("a red mug")


def test_words_and_a_picture_are_joined_by_weight(queries: Queries) -> None:
    picture = {"kind": "item", "key": 5}
    found = [
        queries.resolve({"kind": "mixed", "text": "a red mug", "picture": picture, "weight": weight})
        for weight in (0, 0.5, 1)
    ]
    words, item = queries.text("a red mug").embedding, queries.item(5).embedding
    item = item / np.linalg.norm(item)
    for query, expected in zip(found, (words, (words + item) / 2, item), strict=True):
        assert np.allclose(query.embedding, expected, atol=1e-3)
        assert query.key == 5 and query.label.startswith("a red mug + ")


@pytest.mark.parametrize("weight", [-0.1, 1.1, None, "half", True, float("nan")])
def test_a_weight_outside_0_to_1_is_refused(queries: Queries, weight: Any) -> None:
    picture = {"kind": "item", "key": 5}
    with pytest.raises(QueryError, match="weight must be a number from 0 to 1"):
        queries.resolve({"kind": "mixed", "text": "a mug", "picture": picture, "weight": weight})


@pytest.mark.parametrize("picture", [None, {}, {"kind": "text", "text": "a"}, {"kind": "mixed"}])
def test_words_are_joined_with_a_picture_only(queries: Queries, picture: Any) -> None:
    with pytest.raises(QueryError, match="joined with a picture"):
        queries.resolve({"kind": "mixed", "text": "a mug", "picture": picture, "weight": 0.5})


def _flat() -> Any:
    from mrl_demo.search.cascade import Cascade

    return Cascade.flat(512)
