"""What visitors ask that nobody asked before: texts of a collection's words, pictures made of its own.

Drawn from a seed; no two of a draw are alike. Knows nothing of the page.
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageEnhance, ImageOps

from mrl_demo.collection import Pack

WORDS = ("finish", "colour", "category", "setting", "light")
SIDE = 1024  # of a visitor's picture, pixels
KEPT = (0.75, 0.95)  # how much of a side a crop keeps


def texts(pack: Pack, seed: int) -> Iterator[str]:
    """Texts such as "glossy red mug, wooden table, warm evening", none twice, without end in practice.

    Raises:
        KeyError: the collection lacks one of `WORDS`.
    """
    values = {name: sorted({str(value) for value in pack.attributes[name]}) for name in WORDS}
    rng = random.Random(seed)
    said = {example.text for example in pack.examples}
    while True:
        finish, colour, category, setting, light = (rng.choice(values[name]) for name in WORDS)
        text = f"{finish} {colour} {category}, {setting}, {light}"
        if text not in said:
            said.add(text)
            yield text


def pictures(pack: Pack, seed: int) -> Iterator[bytes]:
    """JPEG files of SIDE x SIDE pixels: pictures of the collection, mirrored, cropped, brighter or darker."""
    rng = random.Random(seed)
    while True:
        picture = Image.open(io.BytesIO(pack.thumbnail(rng.randrange(len(pack))))).convert("RGB")
        width, height = picture.size
        share = rng.uniform(*KEPT)
        left, top = rng.uniform(0, (1 - share) * width), rng.uniform(0, (1 - share) * height)
        crop = picture.resize(
            (SIDE, SIDE), Image.Resampling.BICUBIC, (left, top, left + share * width, top + share * height)
        )
        file = io.BytesIO()
        ImageEnhance.Brightness(ImageOps.mirror(crop)).enhance(rng.uniform(0.8, 1.2)).save(
            file, "JPEG", quality=90
        )
        yield file.getvalue()


def picture_files(pack: Pack, seed: int, count: int, folder: Path) -> list[Path]:
    """`count` of `pictures`, written to `folder`."""
    files = [folder / f"mine-{index}.jpg" for index in range(count)]
    for file, content in zip(files, pictures(pack, seed), strict=False):
        file.write_bytes(content)
    return files
