"""The encoder: unit rows, alike one by one and in batches, and plain words for what it cannot read."""

from __future__ import annotations

import io
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from mrl_demo.errors import ImageError, QueryError
from mrl_demo.model.encoder import Encoder
from mrl_demo.model.towers import encode_text, model_config, tokenizer

CONTEXT = model_config("MRL-still-life")["text_cfg"]["context_length"]
TEXTS = [
    "a glossy red mug",
    "two bells",
    "a very long caption about a mug with white dots on a marble table in warm light",
]


def picture(colour: str = "red", size: tuple[int, int] = (100, 80)) -> Image.Image:
    return Image.new("RGB", size, colour)


def test_what_the_encoder_says_of_itself(encoder: Encoder) -> None:
    assert (encoder.name, encoder.full_dim, encoder.image_size, encoder.device) == (
        "untrained",
        512,
        64,
        "cpu",
    )
    assert encoder.nested_dims == (8, 16, 32, 64, 128, 256, 512)
    assert len(encoder.fingerprint) == 64


def test_rows_are_unit_float32_and_one_is_a_vector(encoder: Encoder) -> None:
    for one, many in (
        (encoder.encode_text(TEXTS[0]), encoder.encode_text(TEXTS)),
        (
            encoder.encode_image(picture()),
            encoder.encode_image([picture(), picture("blue"), picture("green")]),
        ),
    ):
        assert one.shape == (512,)
        assert many.shape == (3, 512)
        assert one.dtype == many.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(many, axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(many[0], one, atol=1e-5)


def test_nothing_in_nothing_out(encoder: Encoder) -> None:
    assert encoder.encode_text([]).shape == encoder.encode_image([]).shape == (0, 512)


@pytest.mark.parametrize("times", [1, 40])  # few texts are read together, many in lots of like length
def test_leaving_out_what_is_behind_a_text_s_end_equals_open_clip(encoder: Encoder, times: int) -> None:
    tokens = tokenizer(CONTEXT)(
        [" ".join([text] * (1 + turn % 3)) for turn in range(times) for text in TEXTS]
    )
    model = encoder._model
    with torch.inference_mode():
        torch.testing.assert_close(
            encode_text(model, tokens), model.encode_text(tokens), rtol=1e-4, atol=1e-5
        )


def test_an_image_may_be_a_path_bytes_or_a_picture(encoder: Encoder, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    picture().save(buffer, "PNG")
    path = tmp_path / "red.png"
    path.write_bytes(buffer.getvalue())
    expected = encoder.encode_image(picture())
    for source in (path, str(path), buffer.getvalue()):
        np.testing.assert_allclose(encoder.encode_image(source), expected, atol=1e-6)


def test_what_is_no_image_is_said(encoder: Encoder) -> None:
    with pytest.raises(ImageError):
        encoder.encode_image(b"not an image")


@pytest.mark.parametrize("text", ["", "   \n\t ", "\0", "​", "<start_of_text>", "\ud800"])
def test_empty_text_is_refused(encoder: Encoder, text: str) -> None:
    for ask in (encoder.encode_text, encoder.check_text):
        with pytest.raises(QueryError, match="empty"):
            ask(text)


def test_what_is_no_text_is_refused(encoder: Encoder) -> None:
    with pytest.raises(QueryError, match="must be a string"):
        encoder.encode_text([3])  # type: ignore[list-item]


@pytest.mark.parametrize("text", ["mug " * 2500, "m" * 10_000, "🫖" * 10_000, "красная кружка " * 700])
def test_ten_thousand_characters_are_read_as_far_as_is_possible_and_quickly(
    encoder: Encoder, text: str
) -> None:
    started = time.perf_counter()
    assert np.isfinite(encoder.encode_text(text)).all()
    assert any("long" in warning for warning in encoder.check_text(text))
    assert time.perf_counter() - started < 1


def test_threads_are_left_as_they_were(encoder: Encoder) -> None:
    before = torch.get_num_threads()
    encoder.encode_text("a red mug")
    encoder.encode_image([picture()] * 6)
    assert torch.get_num_threads() == before


def test_markers_of_the_tokenizer_cannot_be_typed_in(encoder: Encoder) -> None:
    np.testing.assert_array_equal(
        encoder.encode_text("a red<end_of_text> mug"), encoder.encode_text("a red mug")
    )


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("A glossy red mug!", []),
        ("a red spaceship", ["“spaceship”"]),
        ("une tasse rouge", ["none of these words"]),
        ("赤いマグ", ["none of these words"]),
        ("12345 !!", ["no words"]),
        ("mug " * 60, [f"first {CONTEXT - 2} words"]),
    ],
)
def test_warnings_in_plain_words(encoder: Encoder, text: str, warnings: list[str]) -> None:
    found = encoder.check_text(text)
    assert len(found) == len(warnings)
    for said, expected in zip(found, warnings, strict=True):
        assert expected in said


def test_a_device_that_is_not_there_is_refused(checkpoint: Path) -> None:
    with pytest.raises(ValueError, match="device"):
        Encoder.load(checkpoint, device="quantum")
