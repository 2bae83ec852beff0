"""Every trap of image files: what `load_image` puts right and what it refuses in plain words."""

from __future__ import annotations

import io
import os
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mrl_demo.collection.images import FORMATS, MAX_BYTES, load_image, make_thumbnail
from mrl_demo.errors import ImageError

pytestmark = pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
RED, BLUE = (220, 20, 30), (20, 30, 220)


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=kind, **options)
    return buffer.getvalue()


def left_red_right_blue(width: int = 40, height: int = 20) -> Image.Image:
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image


def near(pixel: object, colour: tuple[int, int, int], within: int = 12) -> bool:
    return bool(np.abs(np.asarray(pixel, dtype=int) - colour).max() <= within)


def bomb_png(width: int, height: int) -> bytes:
    """A PNG whose header promises width x height pixels and whose data is a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", FORMATS)
def test_each_allowed_format_loads_from_bytes_and_path(kind: str, tmp_path: Path) -> None:
    data = encoded(left_red_right_blue(), kind)
    path = tmp_path / "picture"
    path.write_bytes(data)
    for source in (data, path, str(path)):
        image = load_image(source)
        assert (image.mode, image.size) == ("RGB", (40, 20))
        assert near(image.getpixel((5, 10)), RED, 40) and near(image.getpixel((35, 10)), BLUE, 40)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_truncated_file_is_refused_in_plain_words(kind: str) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8))
    data = encoded(noise, kind)
    for part in (data[: len(data) // 2], data[:20]):
        with pytest.raises(ImageError, match=r"^holiday\.x is (damaged|not an image)"):
            load_image(part, name="holiday.x")


@pytest.mark.parametrize("kind", [k for k in FORMATS if k != "BMP"])
@given(seed=st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_random_damage_gives_an_image_or_an_image_error(kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    data = bytearray(encoded(left_red_right_blue(), kind))
    for at in rng.integers(0, len(data), 6):
        data[at] = int(rng.integers(256))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow remarks on odd EXIF and TIFF tags
        try:
            assert load_image(bytes(data)).mode == "RGB"
        except ImageError as error:
            assert str(error)


@pytest.mark.parametrize(
    "data", [b"hello, I am a text file", b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"%!PS-Adobe-3.0 EPSF-3.0\n"]
)
def test_what_is_not_an_image_is_told_what_is_allowed(data: bytes) -> None:
    with pytest.raises(ImageError, match=r"notes\.txt is .*(JPEG, PNG, WebP, GIF, BMP or TIFF|damaged)"):
        load_image(data, name="notes.txt")


def test_an_image_of_a_format_that_is_not_allowed_is_refused() -> None:
    with pytest.raises(ImageError, match="allowed are JPEG"):
        load_image(encoded(left_red_right_blue(), "TGA"))


@pytest.mark.parametrize(
    ("width", "height"), [(50_000, 50_000), (10_000, 10_000), (7_100, 7_100), (1, 60_000_000)]
)
def test_too_many_pixels_are_refused_before_decoding(width: int, height: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # as strict programs have it; must still end in our error
        with pytest.raises(ImageError, match=r"bomb\.png .*at most 50 million"):
            load_image(bomb_png(width, height), name="bomb.png")


def test_a_bomb_below_the_limit_is_only_damaged() -> None:
    with pytest.raises(ImageError, match="damaged"):
        load_image(bomb_png(3_000, 3_000))


def test_pillows_global_limit_is_left_alone() -> None:
    before = Image.MAX_IMAGE_PIXELS
    with pytest.raises(ImageError):
        load_image(bomb_png(50_000, 50_000))
    assert before == Image.MAX_IMAGE_PIXELS


def test_a_pillow_image_over_the_limit_is_refused() -> None:
    with pytest.raises(ImageError, match="8,000 x 8,000"):
        load_image(Image.new("1", (8_000, 8_000)))


def test_too_many_bytes_are_refused_for_bytes_and_unread_files(tmp_path: Path) -> None:
    path = tmp_path / "huge.bmp"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)  # a sparse file: costs nothing
    with pytest.raises(ImageError, match=r"huge\.bmp is 40\.0 MiB; at most 40 MiB"):
        load_image(path)
    with pytest.raises(ImageError, match="at most 40 MiB"):
        load_image(bytes(MAX_BYTES + 1))


def test_missing_empty_folder_and_pipe(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"there is no file .*gone\.png"):
        load_image(tmp_path / "gone.png")
    (tmp_path / "empty.png").touch()
    with pytest.raises(ImageError, match=r"empty\.png is empty \(0 bytes\)"):
        load_image(tmp_path / "empty.png")
    with pytest.raises(ImageError, match="is a folder"):
        load_image(tmp_path)
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ImageError, match="not a regular file"):
        load_image(tmp_path / "pipe.png")
    for odd in (3, None, "a\0b"):
        with pytest.raises(ImageError):
            load_image(odd)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("orientation", "red_at", "size"),
    [
        (1, (2, 10), (40, 20)),
        (2, (37, 10), (40, 20)),
        (3, (37, 10), (40, 20)),
        (4, (2, 10), (40, 20)),
        (5, (10, 2), (20, 40)),
        (6, (10, 2), (20, 40)),
        (7, (10, 37), (20, 40)),
        (8, (10, 37), (20, 40)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_rotation_is_applied(
    kind: str, orientation: int, red_at: tuple[int, int], size: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = load_image(encoded(left_red_right_blue(), kind, exif=exif))
    assert image.size == size
    assert near(image.getpixel(red_at), RED, 30)


def test_broken_exif_does_not_cost_the_picture() -> None:
    data = encoded(left_red_right_blue(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12")
    assert load_image(data).size == (40, 20)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_grey_is_scaled_not_clipped(kind: str) -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(4, 0)
    values = np.asarray(load_image(encoded(Image.fromarray(ramp), kind)))[0, :, 0]
    assert np.abs(values.astype(int) - np.arange(256)).max() <= 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0.0, 0.5, 1.0]], np.float32), [0, 128, 255]),
        (np.array([[0.0, 100.0, 255.0]], np.float32), [0, 100, 255]),
        (np.array([[-10.0, 0.0, 10.0]], np.float32), [0, 128, 255]),
        (np.array([[np.nan, 0.5, 1.0]], np.float32), [0, 128, 255]),
        (np.array([[0, 32768, 65535]], np.int32), [0, 128, 255]),
        (np.array([[0, 500_000, 1_000_000]], np.int32), [0, 128, 255]),
    ],
)
def test_float_and_32_bit_grey_fit_into_eight_bits(values: np.ndarray, expected: list[int]) -> None:
    grey = np.asarray(load_image(encoded(Image.fromarray(values), "TIFF")))[0, :, 0]
    assert np.abs(grey.astype(int) - expected).max() <= 1


def test_cmyk_becomes_the_same_colour() -> None:
    image = load_image(encoded(left_red_right_blue().convert("CMYK"), "JPEG", quality=95))
    assert image.mode == "RGB" and near(image.getpixel((5, 10)), RED, 20)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P", "RGB", "La", "RGBa"])
def test_transparency_is_laid_on_white(mode: str) -> None:
    image = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 2, 4))
    options: dict[str, object] = {}
    if mode == "P":
        image, options = Image.new("P", (4, 4), 1), {"transparency": 1}
        image.putpalette([0, 0, 0, 255, 0, 0])
        image.paste(0, (0, 0, 2, 4))
    elif mode == "RGB":
        image, options = Image.new("RGB", (4, 4), (9, 9, 9)), {"transparency": (9, 9, 9)}
        image.paste((0, 0, 0), (0, 0, 2, 4))
    elif mode in ("La", "RGBa"):
        image = (image.convert("LA") if mode == "La" else image).convert(mode)
    else:
        image = image.convert(mode)
    source = image if mode in ("La", "RGBa", "PA") else encoded(image, "PNG", **options)
    seen = load_image(source)
    assert near(seen.getpixel((0, 0)), (0, 0, 0)) and near(seen.getpixel((3, 0)), (255, 255, 255))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_an_animation_gives_its_first_frame(kind: str) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in (RED, BLUE, BLUE)]
    image = load_image(encoded(frames[0], kind, save_all=True, append_images=frames[1:]))
    assert near(image.getpixel((8, 8)), RED, 20)


@pytest.mark.parametrize(
    "mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F", "I;16", "LA"]
)
def test_every_pillow_mode_becomes_rgb_and_the_source_stays(mode: str) -> None:
    source = Image.new(mode, (7, 5))
    before = source.tobytes()
    image = load_image(source)
    assert (image.mode, image.size) == ("RGB", (7, 5))
    image.paste((1, 2, 3), (0, 0, 7, 5))
    assert (source.mode, source.tobytes()) == (mode, before)


@given(width=st.integers(1, 600), height=st.integers(1, 600), side=st.integers(1, 300))
@settings(max_examples=60, deadline=None)
def test_thumbnails_keep_proportions_and_are_never_enlarged(width: int, height: int, side: int) -> None:
    size = load_image(make_thumbnail(Image.new("RGB", (width, height), RED), side)).size
    assert max(size) == min(side, max(width, height))
    if max(width, height) > side:
        assert abs(min(size) - max(1, side * min(width, height) / max(width, height))) <= 0.5 + 1e-9
    else:
        assert size == (width, height)


def test_longest_shrinks_a_big_jpeg_and_leaves_a_small_one() -> None:
    big = encoded(left_red_right_blue(2400, 1600), "JPEG")
    assert load_image(big, longest=512).size == (512, 341)
    assert near(load_image(big, longest=512).getpixel((10, 100)), RED)
    assert load_image(big, longest=4000).size == (2400, 1600)
    assert load_image(big).size == (2400, 1600)
