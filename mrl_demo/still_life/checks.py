"""What is measurably wrong with rendered pictures: darkness, emptiness, clipping, colour, near-duplicates.

Reads pixels and scenes; where the things are in a picture it asks outline.py, which needs Mitsuba. It knows
no files and decides nothing: it returns what it measured.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mrl_demo.still_life.catalogue import COLOURS
from mrl_demo.still_life.outline import Outline
from mrl_demo.still_life.scene import Scene, colour_fits_finish
from mrl_demo.still_life.textures import Floats

DARK, FAINT, TINY, CLIPPED = 25.0, 8.0, 0.02, 0.5
HASH_SIZE = 16


@dataclass(frozen=True)
class Measured:
    """One picture in numbers.

    covered: share of the frame that the things take; border: pixels of the frame's edge that show a thing;
    brightness: mean of the things, 0 to 255; contrast: CIELAB distance between the things and what is around
    them; named: the colour whose name fits the main object's pixels best, "" where few pixels show it.
    """

    covered: float
    border: float
    brightness: float
    contrast: float
    named: str

    def faults(self) -> list[str]:
        """What is wrong, in words; empty when nothing is."""
        return [
            words
            for words, wrong in {
                "near-empty": self.covered < TINY,
                "clipped at the border": self.border > CLIPPED,
                "too dark": self.brightness < DARK,
                "does not stand out": self.contrast < FAINT,
            }.items()
            if wrong
        ]


def measure(scene: Scene, picture: Image.Image, shown: Outline) -> Measured:
    """Measure a picture (RGB, square) with the outline of its scene at the same size."""
    pixels = np.asarray(picture.convert("RGB"), dtype=np.float64)
    things = shown.things
    inside, around = things > 0.9, _around(things)
    edge = np.r_[things[0], things[-1], things[1:-1, 0], things[1:-1, -1]]
    lab = to_lab(pixels)
    contrast = 0.0
    if inside.any() and around.any():
        contrast = float(np.linalg.norm(np.median(lab[inside], 0) - np.median(lab[around], 0)))
    return Measured(
        covered=float(things.mean()),
        border=float(edge.sum()),
        brightness=float(pixels[inside].mean()) if inside.any() else 0.0,
        contrast=contrast,
        named=nearest_colour(lab[shown.named > 0.99], scene.finish),
    )


def _around(things: NDArray[Any], width: int = 4) -> NDArray[np.bool_]:
    """The band of `width` pixels around the things, (h, w)."""
    near = things > 0.02
    for _ in range(width):
        padded = np.pad(near, 1)
        near = near | padded[2:, 1:-1] | padded[:-2, 1:-1] | padded[1:-1, 2:] | padded[1:-1, :-2]
    return near & (things < 0.02)


def nearest_colour(lab: Floats, finish: str, fewest: int = 12) -> str:
    """The colour, of those a thing of this finish can have, nearest to the median of `lab` (n, 3).

    "" for fewer than `fewest` pixels.
    """
    if len(lab) < fewest:
        return ""
    middle = np.median(lab, axis=0)
    distances = {
        name: difference(to_lab(_rgb(colour.hex)), middle)
        for name, colour in COLOURS.items()
        if colour_fits_finish(name, finish)
    }
    return min(distances, key=distances.__getitem__)


def difference(standard: Floats, seen: Floats) -> float:
    """CIE94 colour difference of two CIELAB colours (3,), with its weights for textiles: lightness by half.

    Light and shade change lightness more than a name allows for; hue counts most where colours are strong.
    """
    chroma, other = np.hypot(*standard[1:]), np.hypot(*seen[1:])
    lightness = (standard[0] - seen[0]) / 2
    saturation = (chroma - other) / (1 + 0.048 * chroma)
    hue_squared = np.sum((standard[1:] - seen[1:]) ** 2) - (chroma - other) ** 2
    return float(np.sqrt(lightness**2 + saturation**2 + max(hue_squared, 0) / (1 + 0.014 * chroma) ** 2))


def _rgb(colour: str) -> Floats:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.float64)


def to_lab(rgb: Floats) -> Floats:
    """CIELAB (D65) of sRGB values from 0 to 255, (..., 3)."""
    c = rgb / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    ratio = linear @ to_xyz.T / [0.95047, 1.0, 1.08883]
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def miniature(picture: Image.Image) -> NDArray[np.float32]:
    """What of a picture is compared with others: HASH_SIZE x HASH_SIZE RGB values, flat."""
    small = picture.convert("RGB").resize((HASH_SIZE, HASH_SIZE), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float32).ravel()


def nearest_pairs(
    miniatures: NDArray[np.float32], closest: int = 10, block: int = 2048
) -> list[tuple[float, int, int]]:
    """Of each picture the most similar later one, the `closest` of these pairs first.

    (root mean square difference of 0 to 255, row, row)
    """
    squares = np.einsum("ij,ij->i", miniatures, miniatures)
    found: list[tuple[float, int, int]] = []
    for start in range(0, len(miniatures), block):
        rows = np.arange(start, min(start + block, len(miniatures)))
        distance = squares[rows, None] + squares[None] - 2 * miniatures[rows] @ miniatures.T
        distance[rows[:, None] >= np.arange(len(miniatures))[None]] = np.inf
        best = distance.argmin(1)
        found += [
            (float(np.sqrt(max(distance[k, j], 0) / miniatures.shape[1])), int(row), int(j))
            for k, (row, j) in enumerate(zip(rows, best, strict=True))
            if np.isfinite(distance[k, j])
        ]
    return sorted(found)[:closest]


def colour_agreement(scenes: Sequence[Scene], measured: Sequence[Measured]) -> dict[str, Any]:
    """How often pixels and name agree for plain things in soft daylight, and which names are confused."""
    tested = [
        (scene, found.named)
        for scene, found in zip(scenes, measured, strict=True)
        if scene.light == "soft daylight" and scene.pattern == "plain" and found.named
    ]

    def share(kept: Sequence[tuple[Scene, str]]) -> Mapping[str, float | int]:
        right = sum(scene.colour == named for scene, named in kept)
        return {"pictures": len(kept), "agreement": round(right / max(len(kept), 1), 4)}

    confused = Counter((scene.colour, named) for scene, named in tested if scene.colour != named)
    return {
        **share(tested),
        "by_finish": {
            finish: share([pair for pair in tested if pair[0].finish == finish])
            for finish in sorted({scene.finish for scene, _ in tested})
        },
        "by_colour": {
            colour: share([pair for pair in tested if pair[0].colour == colour])
            for colour in COLOURS
            if any(scene.colour == colour for scene, _ in tested)
        },
        "confused": [[colour, named, times] for (colour, named), times in confused.most_common(12)],
    }
