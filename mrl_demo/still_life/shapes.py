"""One object as the renderer takes it: triangle soups by role, with normals and texture coordinates.

NumPy only. It knows nothing of scenes: where an object stands and who looks at it is staging's.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import tau

import numpy as np

from mrl_demo.still_life.modelling import Floats, Ints, Part
from mrl_demo.still_life.objects import build

PATTERN_PERIOD = 0.19


@dataclass(frozen=True)
class Thing:
    """One kind of object of a scene, as its surfaces need it; second_colour "" where nothing shows one."""

    category: str
    colour: str
    second_colour: str
    finish: str
    pattern: str


@dataclass(frozen=True, eq=False)
class Soup:
    """Unindexed triangles: `corners` and `normals` (3m, 3), `uv` (3m, 2)."""

    corners: Floats
    normals: Floats
    uv: Floats

    def placed(self, scale: float, turn: Floats, place: Floats) -> Soup:
        """Scaled, turned by the matrix (3, 3), then moved."""
        return Soup(self.corners * scale @ turn.T + place, self.normals @ turn.T, self.uv)


@dataclass(frozen=True, eq=False)
class Model:
    """One object about 1 tall, standing over the origin: `soups` by role."""

    thing: Thing
    soups: dict[str, Soup]

    @property
    def points(self) -> Floats:
        """Every corner, (n, 3)."""
        return np.vstack([soup.corners for soup in self.soups.values()])


def model(thing: Thing, seed: int) -> Model:
    """The thing's shape, as tall as 1 or as wide as 1.22, whichever comes first."""
    parts = build(thing.category, seed)
    points = np.vstack([part.vertices for part in parts])
    low, high = points.min(0), points.max(0)
    scale = 1 / max(high[2] - low[2], max(high[0] - low[0], high[1] - low[1]) * 0.82)
    shift = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    by_role: dict[str, list[Soup]] = {}
    for part in parts:
        uv = box_uv(part) if thing.finish == "wood" else pattern_uv(part)
        corners = (part.vertices[part.faces].reshape(-1, 3) - shift) * scale
        normals = corner_normals(part.vertices, part.faces, part.sharp)
        by_role.setdefault(part.role, []).append(Soup(corners, normals, uv))
    return Model(thing, {role: join(soups) for role, soups in by_role.items()})


def join(soups: list[Soup]) -> Soup:
    """One soup of several."""
    return Soup(
        *(np.vstack([getattr(soup, name) for soup in soups]) for name in ("corners", "normals", "uv"))
    )


# ---------------------------------------------------------------- surfaces


def box_uv(part: Part) -> Floats:
    """Each triangle projected along its largest axis, (3m, 2)."""
    corners = part.vertices[part.faces]
    axis = np.abs(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])).argmax(1)
    uv = np.zeros((len(corners), 3, 2))
    for k, kept in enumerate(([1, 2], [0, 2], [0, 1])):
        uv[axis == k] = corners[axis == k][:, :, kept]
    return uv.reshape(-1, 2)


def pattern_uv(part: Part) -> Floats:
    """Texture coordinates counted in periods of the pattern, (3m, 2); whole periods around a lathed part."""
    if part.uv is None:
        return box_uv(part) / PATTERN_PERIOD
    flat = part.vertices[:, :2] - part.vertices[:, :2].mean(0)
    around = max(4, round(tau * np.hypot(*flat.T).max() * 0.85 / PATTERN_PERIOD))
    uv = part.uv[part.faces].reshape(-1, 2)
    periods: Floats = uv / [max(part.uv[:, 0].max(), 1e-9), 1] * [around, 1 / PATTERN_PERIOD]
    return periods


def corner_normals(vertices: Floats, faces: Ints, sharp: float, most: int = 14) -> Floats:
    """Unit normals for each triangle corner, (3m, 3): smooth but for edges sharper than `sharp` degrees.

    Points where more than `most` triangles meet (the poles of a lathe) get one common normal.
    """
    corners = vertices[faces]
    face_normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    unit = face_normal / np.maximum(np.linalg.norm(face_normal, axis=1, keepdims=True), 1e-15)
    q = np.round(vertices / 1e-6).astype(np.int64) & 0x1FFFFF  # coinciding vertices (seams) count as one
    _, point = np.unique(q[:, 0] | (q[:, 1] << 21) | (q[:, 2] << 42), return_inverse=True)
    corner_point = point.ravel()[faces].ravel()
    order = np.argsort(corner_point, kind="stable")
    sorted_point, face = corner_point[order], np.repeat(np.arange(len(faces)), 3)[order]
    starts = np.r_[0, np.flatnonzero(np.diff(sorted_point)) + 1]
    sizes = np.diff(np.r_[starts, len(sorted_point)])
    group = np.repeat(np.arange(len(starts)), sizes)
    size, start = sizes[group], starts[group]
    total = np.zeros((len(sorted_point), 3))
    pole = size > most
    sums = np.zeros((len(starts), 3))
    np.add.at(sums, group[pole], face_normal[face[pole]])
    total[pole] = sums[group[pole]]
    rest = np.flatnonzero(~pole)
    limit = np.cos(np.radians(sharp))
    for k in range(most):
        here = rest[k < size[rest]]
        if not len(here):
            break
        neighbour = face[start[here] + k]
        smooth = np.einsum("ij,ij->i", unit[face[here]], unit[neighbour]) > limit
        total[here[smooth]] += face_normal[neighbour[smooth]]
    normals = np.zeros_like(total)
    normals[order] = total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-15)
    return normals
