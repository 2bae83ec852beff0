"""Stand-ins for the slow or heavy parts, for the tests of every room: an encoder without torch, and a painted
collection.

The fake encoder really works: it looks at pixel colours, and reads a text by painting what the words say, so
that "a red mug" lands near pictures of red mugs. Nothing here is drawn from a global random state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from mrl_demo.collection import Item, Pack, embed_pack, load_image, make_thumbnail, write_pack
from mrl_demo.errors import QueryError
from mrl_demo.prefix import truncate

COLOURS = {
    "red": (205, 40, 45),
    "green": (50, 150, 70),
    "blue": (45, 85, 190),
    "yellow": (235, 200, 50),
    "purple": (125, 60, 160),
    "white": (240, 240, 235),
    "black": (30, 30, 35),
    "orange": (240, 130, 40),
}
CATEGORIES = {  # category -> its super-category and the box it is painted in, as fractions of the picture
    "mug": ("kitchen", (0.30, 0.30, 0.70, 0.70)),
    "bottle": ("kitchen", (0.40, 0.10, 0.60, 0.90)),
    "chair": ("furniture", (0.15, 0.45, 0.60, 0.95)),
    "table": ("furniture", (0.05, 0.40, 0.95, 0.65)),
    "cupcake": ("food", (0.40, 0.40, 0.85, 0.85)),
}
SETTINGS = {
    "wood": (150, 105, 65),
    "marble": (215, 210, 205),
    "grass": (95, 140, 60),
    "snow": (230, 238, 246),
}
LIGHTS = {"warm": 10, "cold": -10}
FINISHES = ("glossy", "matte")
PATTERNS = ("plain", "dotted")
EXAMPLES = ("a red mug", "a blue chair on grass", "a yellow cupcake on wood", "a green bottle on snow")
SMALL = 200

Box = tuple[float, float, float, float]


def paint(
    colour: str = "", category: str = "", setting: str = "", light: str = "", side: int = 64
) -> Image.Image:
    """A coloured box on a coloured ground, (side, side) RGB; what is left empty is painted grey or in the
    middle.
    """
    warmth = LIGHTS.get(light, 0)
    red, green, blue = SETTINGS.get(setting, (128, 128, 128))
    image = Image.new("RGB", (side, side), (red + warmth, green, blue - warmth))
    box = CATEGORIES[category][1] if category else (0.3, 0.3, 0.7, 0.7)
    ImageDraw.Draw(image).rectangle(
        [round(f * (side - 1)) for f in box], fill=COLOURS.get(colour, (128, 128, 128))
    )
    return image


class FakeEncoder:
    """The interface of `mrl_demo.model.Encoder` on a fixed random projection of an 8 x 8 picture;
    deterministic.
    """

    def __init__(
        self,
        full_dim: int = 512,
        nested_dims: tuple[int, ...] = (8, 16, 32, 64, 128, 256, 512),
        name: str = "fake",
    ) -> None:
        self.name = name
        self.full_dim = full_dim
        self.nested_dims = tuple(dim for dim in nested_dims if dim <= full_dim)
        self.temperatures = tuple(0.05 for _ in self.nested_dims)
        self.image_size = 64
        self.fingerprint = f"fake-{full_dim}"
        self.device = "cpu"
        self.images_encoded = 0
        self._projection = np.random.default_rng(7).standard_normal((8 * 8 * 3, full_dim))

    def encode_image(self, image: Any) -> npt.NDArray[np.float32]:
        """(full_dim,) for one image, (q, full_dim) for a sequence; float32 unit rows."""
        if isinstance(image, Sequence) and not isinstance(image, str | bytes):
            return np.stack([self._encode_one(one) for one in image])
        return self._encode_one(image)

    def _encode_one(self, image: Any) -> npt.NDArray[np.float32]:
        self.images_encoded += 1
        small = load_image(image).resize((8, 8), Image.Resampling.BOX)
        pixels = np.asarray(small, dtype=np.float64).reshape(-1) / 255 - 0.5
        return truncate(((pixels + 1e-3) @ self._projection).astype(np.float32), self.full_dim)

    def encode_text(self, text: str | Sequence[str]) -> npt.NDArray[np.float32]:
        """The embedding of a picture with the colour, category, setting and light that the words name."""
        if not isinstance(text, str):
            return np.stack([self.encode_text(one) for one in text])
        if not text.strip():
            raise QueryError("the query is empty; say what to look for")
        words = text.lower().split()

        def named(known: Any) -> str:
            return next((word for word in words if word in known), "")

        return self.encode_image(paint(named(COLOURS), named(CATEGORIES), named(SETTINGS), named(LIGHTS)))

    def check_text(self, text: str) -> list[str]:
        """Plain-word warnings: too long, or no word that it knows."""
        known = {
            *COLOURS,
            *CATEGORIES,
            *SETTINGS,
            *LIGHTS,
            *FINISHES,
            *PATTERNS,
            "a",
            "on",
            "with",
            "light",
            "two",
        }
        unknown = [word for word in text.lower().split() if word not in known]
        warnings = ["only the first 64 words are read"] if len(text.split()) > 64 else []
        return warnings + ([f"never seen in training: {', '.join(unknown[:3])}"] if unknown else [])


def small_rows(count: int = SMALL) -> Iterator[Item]:
    """`count` painted pictures with the attribute columns of the still lifes and captions at three levels."""
    scenes = product(LIGHTS, SETTINGS, CATEGORIES, COLOURS)  # 320 of them, all different
    for number, (light, setting, category, colour) in zip(range(count), scenes, strict=False):
        finish, pattern = FINISHES[number // 3 % 2], PATTERNS[number // 5 % 2]
        yield Item(
            image=make_thumbnail(paint(colour, category, setting, light)),
            caption_short=f"a {category}",
            caption_medium=f"a {finish} {colour} {category}",
            caption_long=f"a {finish} {colour} {category} on {setting} in {light} light",
            attributes={
                "super_category": CATEGORIES[category][0],
                "category": category,
                "colour": colour,
                "finish": finish,
                "pattern": pattern,
                "setting": setting,
                "light": light,
                "count": number % 3 + 1,
            },
        )


def make_small_collection(out: Path, count: int = SMALL, encoder: FakeEncoder | None = None) -> Pack:
    """Write and embed a pack of `count` (at most 320) painted pictures with example queries; about half a
    second.
    """
    write_pack(
        out, small_rows(count), name="small", title="Coloured squares", licence="CC0-1.0", rows_a_group=32
    )
    return embed_pack(out, encoder or FakeEncoder(), examples=EXAMPLES)
