"""A collection as points in a plane, drawn from its first d numbers: where every item lies at every dim.

One PCA a dim, each turned to lie like the next one, so that a point keeps its place unless the prefix itself
moves it. Knows vectors; knows no attributes, no colours and no Gradio.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mrl_demo.prefix import truncate
from mrl_demo.search.hits import AnyFloats

Floats = npt.NDArray[np.float64]

MOST_POINTS = 6_000  # more cannot be told apart on a screen; a larger collection is sampled
SEED = 0


@dataclass(frozen=True)
class Layout:
    """Where the points lie at one dim.

    Attributes:
        dim: how many numbers of each embedding were looked at.
        places: (n, 2) in no unit: centred, with a mean squared distance of 1 from the middle.
        shown: the share of the prefixes' variance that these two directions hold, 0 to 1.
    """

    dim: int
    places: Floats
    shown: float


def sampled(count: int) -> npt.NDArray[np.int64]:
    """The keys that are drawn: all, or 6,000 by a fixed seed; growing."""
    if count <= MOST_POINTS:
        return np.arange(count, dtype=np.int64)
    return np.sort(np.random.default_rng(SEED).permutation(count)[:MOST_POINTS]).astype(np.int64)


def layouts(vectors: AnyFloats, dims: Sequence[int]) -> list[Layout]:
    """One layout for each of `dims` (growing) of `vectors` (n, full_dim), as search sees them: renormalised
    prefixes.

    The largest dim is laid out first; each smaller one is turned and mirrored, never bent, until its points
    lie as near as can be to where the next larger one has them.
    """
    rows = np.asarray(vectors, np.float32)
    made: list[Layout] = []
    for dim in sorted(dims, reverse=True):
        places, shown = principal_plane(truncate(rows, dim))
        if made:
            places = places @ turn_towards(places, made[-1].places)
        made.append(Layout(dim, places, shown))
    return made[::-1]


def principal_plane(points: npt.NDArray[np.floating]) -> tuple[Floats, float]:
    """The two directions in which `points` (n, d) vary most: places (n, 2), and their share of the variance.

    With one number a point (d = 1) the second direction is empty. A direction's sign is the one that makes
    its largest part positive, so that the same points give the same map.
    """
    centred = points.astype(np.float64) - points.mean(axis=0, dtype=np.float64)
    variances, directions = np.linalg.eigh(centred.T @ centred)
    plane = directions[:, ::-1][:, :2]
    largest = np.take_along_axis(plane, np.abs(plane).argmax(axis=0)[None], axis=0)
    places = centred @ (plane * np.where(largest < 0, -1, 1))
    if places.shape[1] < 2:
        places = np.hstack([places, np.zeros((len(places), 1))])
    total = float(variances.sum())
    size = np.sqrt(np.square(places).sum(axis=1).mean())
    return places / (size if size > 0 else 1.0), float(variances[-2:].sum()) / total if total > 0 else 0.0


def turn_towards(places: Floats, wanted: Floats) -> Floats:
    """The rotation or mirroring (2, 2) that brings `places` nearest to `wanted`, both (n, 2): orthogonal
    Procrustes (Schoenemann 1966)."""
    left, _, right = np.linalg.svd(places.T @ wanted)
    return np.asarray(left @ right)


def as_bytes(places: Floats) -> bytes:
    """Places for the browser: 16-bit signed, little-endian, x and y in turns, 1/8192 a step (from -4 to 4).

    What lies farther out is drawn at the edge.
    """
    return np.clip(np.rint(places * 8192), -32767, 32767).astype("<i2").tobytes()
