"""Turn whatever somebody calls an image into an upright RGB picture, or say in plain words why not.

Every way into the program for a picture (an upload, a folder, a Parquet row) passes through `load_image`, so
the traps of image files are handled here once: size bombs, truncation, rotation, 16-bit, CMYK, palettes,
alpha, animation. Knows nothing of packs or encoders, and never touches Pillow's global settings, which belong
to the whole process.
"""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from mrl_demo.errors import ImageError

MAX_PIXELS = 50_000_000
MAX_BYTES = 40 * 1024 * 1024
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
FORMATS_IN_WORDS = "JPEG, PNG, WebP, GIF, BMP or TIFF"
THUMBNAIL_SIDE = 192
SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\0", b"MM\0*")  # how files of FORMATS begin
WHITE = (255, 255, 255)

ImageSource = str | os.PathLike[str] | bytes | Image.Image


def load_image(source: ImageSource, *, name: str | None = None, longest: int | None = None) -> Image.Image:
    """Load a path, the bytes of a file, or a Pillow image as an upright 8-bit RGB image.

    An animation yields its first frame, transparency is laid on white, 16-bit values are scaled (not
    clipped), and the EXIF rotation is applied. `name` is what error messages call the image. With `longest`,
    the result is shrunk so that its longer side is at most that many pixels (a JPEG is then decoded at a
    fraction of its size, much faster). The source is never changed. Raises ImageError, in plain words, for
    anything that is not a whole image in one of FORMATS of at most MAX_BYTES and MAX_PIXELS; the pixel count
    is checked before a single pixel is decoded.
    """
    if isinstance(source, Image.Image):
        name = name or "the image"
        _check_size(source.size, name)
        return _decode(source, name, longest)
    if isinstance(source, bytes | bytearray | memoryview):
        data, name = bytes(source), name or "the image"
    elif isinstance(source, str | os.PathLike):
        path = Path(source)
        name = name or path.name or str(path)
        data = _read(path, name)
    else:
        raise ImageError(f"an image must be a path, bytes or a Pillow image, got {type(source).__name__}")
    if not data:
        raise ImageError(f"{name} is empty (0 bytes); a {FORMATS_IN_WORDS} image is needed")
    if len(data) > MAX_BYTES:
        raise ImageError(_too_many_bytes(name, len(data)))
    with _open(data, name) as image:
        _check_size(image.size, name)
        if longest is not None:
            image.draft(
                image.mode, (longest, longest)
            )  # only JPEG listens; never goes below the size asked for
        return _decode(image, name, longest)


def make_thumbnail(image: Image.Image, side: int = THUMBNAIL_SIDE, quality: int = 80) -> bytes:
    """The image as WebP bytes, its longer side at most `side` pixels; proportions are kept and nothing is
    enlarged.
    """
    small = _shrink(image if image.mode == "RGB" else load_image(image), side)
    buffer = io.BytesIO()
    small.save(buffer, format="WEBP", quality=quality, method=4)
    return buffer.getvalue()


def _read(path: Path, name: str) -> bytes:
    """The bytes of a regular file, never more than MAX_BYTES + 1 of them."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ImageError(f"{name} is a folder, not an image file")
        if not stat.S_ISREG(status.st_mode):  # a pipe or a device could block for ever
            raise ImageError(f"{name} is not a regular file")
        if status.st_size > MAX_BYTES:
            raise ImageError(_too_many_bytes(name, status.st_size))
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ImageError(f"there is no file {path}") from None
    except (OSError, ValueError) as error:  # ImageError is a ValueError too, and passes through as it is
        if isinstance(error, ImageError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise ImageError(f"{name} cannot be read: {reason}") from error


def _open(data: bytes, name: str) -> Image.Image:
    """Read the header only. Naming formats keeps exotic decoders (EPS starts Ghostscript) away."""
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageError(
            f"{name} has far too many pixels; at most {MAX_PIXELS // 10**6} million are allowed"
        ) from None
    except Exception as error:  # a decoder fed hostile bytes may raise nearly anything
        if data.startswith(SIGNATURES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
            raise ImageError(f"{name} is damaged or cut short, it could not be decoded") from error
        raise ImageError(
            f"{name} is not an image that can be read; allowed are {FORMATS_IN_WORDS}"
        ) from error


def _check_size(size: tuple[int, int], name: str) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise ImageError(f"{name} is {width} x {height} pixels; it must have at least one pixel")
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"{name} is {width:,} x {height:,} pixels ({width * height / 1e6:,.0f} million); "
            f"at most {MAX_PIXELS // 10**6} million are allowed"
        )


def _too_many_bytes(name: str, size: int) -> str:
    return f"{name} is {size / 2**20:.1f} MiB; at most {MAX_BYTES // 2**20} MiB are allowed"


def _decode(image: Image.Image, name: str, longest: int | None) -> Image.Image:
    try:
        image.load()  # the first frame of an animation
        rgb = _to_rgb(_upright(image))
    except MemoryError:
        raise ImageError(f"{name} needs more memory than there is") from None
    except Exception as error:  # see _open
        raise ImageError(f"{name} is damaged or cut short, it could not be decoded: {error}") from error
    return rgb if longest is None else _shrink(rgb, longest)


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # a broken EXIF block must not cost us a picture that decodes
        return image


def _shrink(image: Image.Image, side: int) -> Image.Image:
    if max(image.size) <= side:
        return image
    scale = side / max(image.size)
    width, height = (max(1, round(length * scale)) for length in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _to_rgb(image: Image.Image) -> Image.Image:
    mode = image.mode
    if mode.startswith("I") or mode == "F":
        return Image.fromarray(_to_eight_bits(np.asarray(image))).convert("RGB")
    if mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in image.info:
        layer = (image.convert("LA") if mode == "La" else image).convert("RGBA")
        canvas = Image.new("RGB", layer.size, WHITE)
        canvas.paste(layer, mask=layer.getchannel("A"))
        return canvas
    return image.convert("RGB")


def _to_eight_bits(values: np.ndarray) -> np.ndarray:
    """Grey values (h, w) of any integer or float kind -> uint8, by scale: 65535 (or 1.0) becomes 255.

    Values outside the usual ranges (32-bit scientific TIFF) are stretched between their own least and
    greatest.
    """
    grey = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(grey.min()), float(grey.max())
    if np.issubdtype(values.dtype, np.integer) and low >= 0 and high <= 65535:
        grey = grey / 257.0
    elif np.issubdtype(values.dtype, np.floating) and low >= 0 and high <= 1:
        grey = grey * 255.0
    elif low < 0 or high > 255:
        grey = (grey - low) * (255.0 / (high - low))
    return np.rint(grey).astype(np.uint8)
