"""A small modelling kit in NumPy: lathe, tube, rounded box, extrusion -> triangle meshes called parts.

z points up, an object stands on z = 0 and is about 1 unit tall. A part is never changed in place: `moved`,
`scaled`, `turned` and `warped` return new parts. This file knows nothing of colours, cameras or renderers; a
part only carries the name of the role its surface plays ("main", "second", "stem", ...).

Shapes are as fine as a picture of 300 pixels shows with smoothed normals and no finer: triangles cost time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import cos, pi, sin, tau

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Part:
    """One triangle mesh: `vertices` (n, 3), `faces` (m, 3), optional `uv` (n, 2).

    `sharp` is the angle in degrees above which an edge between two faces is shown as a crease.
    """

    vertices: Floats
    faces: Ints
    uv: Floats | None = None
    role: str = "main"
    sharp: float = 38.0

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Part:
        return replace(self, vertices=self.vertices + np.array([x, y, z]))

    def scaled(self, x: float, y: float | None = None, z: float | None = None) -> Part:
        """Scale about the origin; one number scales all three axes."""
        factors = [x, x if y is None else y, x if z is None else z]
        return replace(self, vertices=self.vertices * np.array(factors))

    def turned(self, axis: str, degrees: float) -> Part:
        """Rotate about one axis ("x", "y" or "z") through the origin."""
        c, s = cos(np.radians(degrees)), sin(np.radians(degrees))
        i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        turned = self.vertices.copy()
        turned[:, i] = c * self.vertices[:, i] - s * self.vertices[:, j]
        turned[:, j] = s * self.vertices[:, i] + c * self.vertices[:, j]
        return replace(self, vertices=turned)

    def warped(self, warp: Callable[[Floats], Floats]) -> Part:
        """Replace the vertices by `warp(vertices)` (n, 3) -> (n, 3)."""
        return replace(self, vertices=np.asarray(warp(self.vertices.copy()), dtype=np.float64))

    def as_role(self, role: str) -> Part:
        return replace(self, role=role)


# ---------------------------------------------------------------- outlines


def fillet(
    points: Sequence[Sequence[float]], radius: float = 0.02, steps: int = 4, closed: bool = False
) -> Floats:
    """Round the corners of a polyline (n, 2); a third number on a point overrides the radius there."""
    rounded: list[Floats] = []
    last = len(points) - 1
    for i, point in enumerate(points):
        corner = np.array(point[:2], dtype=np.float64)
        reach = point[2] if len(point) > 2 else radius
        if (not closed and i in (0, last)) or reach <= 0:
            rounded.append(corner)
            continue
        before = np.array(points[i - 1][:2], dtype=np.float64) - corner
        after = np.array(points[(i + 1) % (last + 1)][:2], dtype=np.float64) - corner
        d = min(reach, np.linalg.norm(before) * 0.49, np.linalg.norm(after) * 0.49)
        a = corner + before / np.linalg.norm(before) * d
        b = corner + after / np.linalg.norm(after) * d
        for t in np.linspace(0, 1, steps + 1):
            rounded.append((1 - t) ** 2 * a + 2 * t * (1 - t) * corner + t * t * b)
    return np.array(rounded)


def spline(points: ArrayLike, count: int = 40) -> Floats:
    """`count` points on a Catmull-Rom curve through `points` (n, 2 or 3)."""
    p = np.asarray(points, dtype=np.float64)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    segments = len(p) - 3
    t = np.linspace(0, segments, count)
    i = np.minimum(t.astype(int), segments - 1)
    u = (t - i)[:, None]
    a, b, c, d = p[i], p[i + 1], p[i + 2], p[i + 3]
    curve: Floats = 0.5 * (
        2 * b + (c - a) * u + (2 * a - 5 * b + 4 * c - d) * u**2 + (3 * b - a - 3 * c + d) * u**3
    )
    return curve


# ---------------------------------------------------------------- surfaces


def grid(
    points: Floats, uv: Floats | None = None, role: str = "main", sharp: float = 38.0, flip: bool = False
) -> Part:
    """Turn a sheet of points (rows, columns, 3) into triangles."""
    rows, columns, _ = points.shape
    a = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)[None]).ravel()
    b, c, d = a + 1, a + columns, a + columns + 1
    faces = np.concatenate([np.stack([a, b, d], 1), np.stack([a, d, c], 1)])
    if flip:
        faces = faces[:, ::-1]
    return Part(points.reshape(-1, 3), faces, None if uv is None else uv.reshape(-1, 2), role, sharp)


def lathe(
    profile: ArrayLike,
    segments: int = 48,
    role: str = "main",
    sharp: float = 38.0,
    ripple: Callable[[Floats, Floats], Floats] | None = None,
) -> Part:
    """Turn a profile of (radius, height) rows about the z axis, from the bottom outwards and up.

    `ripple(angle, height)` multiplies the radius. uv: u = turns (0 to 1), v = length along the profile.
    """
    outline = np.asarray(profile, dtype=np.float64)[:, :2]
    length = np.r_[0, np.cumsum(np.linalg.norm(np.diff(outline, axis=0), axis=1))]
    angle = np.linspace(0, tau, segments + 1)
    ones = np.ones_like(angle)[None]
    radius = outline[:, 0][:, None] * ones
    height = outline[:, 1][:, None] * ones
    if ripple is not None:
        radius = radius * ripple(angle[None], outline[:, 1][:, None])
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle), height], -1)
    uv = np.stack([np.ones((len(outline), 1)) * angle[None] / tau, length[:, None] * ones], -1)
    return grid(points, uv, role, sharp)


def ellipsoid(
    rx: float, ry: float | None = None, rz: float | None = None, role: str = "main", segments: int = 32
) -> Part:
    """An ellipsoid about the origin."""
    angle = np.linspace(-pi / 2, pi / 2, segments // 2)
    ball = lathe(np.c_[np.cos(angle), np.sin(angle)], segments, role).scaled(rx, ry, rz)
    assert ball.uv is not None
    return replace(ball, uv=ball.uv * [1, rx if rz is None else rz])


def cylinder(
    radius: float,
    height: float,
    bevel: float = 0.01,
    role: str = "main",
    segments: int = 48,
    top: float | None = None,
) -> Part:
    """A cylinder (or cone, with another radius `top`) standing on z = 0."""
    top = radius if top is None else top
    return lathe(fillet([(0, 0), (radius, 0), (top, height), (0, height)], bevel, 3), segments, role)


def torus(ring: float, tube_radius: float, role: str = "main", segments: int = 48) -> Part:
    """A ring lying flat about the origin."""
    angle = np.linspace(-pi / 2, 3 * pi / 2, 21)
    return lathe(np.c_[ring + tube_radius * np.cos(angle), tube_radius * np.sin(angle)], segments, role)


def box(width: float, depth: float, height: float, radius: float = 0.03, role: str = "main") -> Part:
    """A box with rounded edges, its base on z = 0."""
    radius = min(radius, width / 2, depth / 2, height / 2)
    half = np.array([width, depth, height]) / 2
    bend = np.linspace(0, 1, 4)

    def ticks(extent: float) -> Floats:  # dense near the edges, where the surface bends
        middle = extent - radius
        if middle < 1e-6:
            return np.linspace(-radius, radius, 10)
        start, end = -middle - radius * np.cos(bend * pi / 2), middle + radius * np.sin(bend * pi / 2)
        return np.concatenate([start, end])

    sheets: list[Part] = []
    for k in range(3):
        i, j = (k + 1) % 3, (k + 2) % 3
        for side in (-1, 1):
            a, b = np.meshgrid(ticks(half[i]), ticks(half[j]))
            points = np.zeros((*a.shape, 3))
            points[..., i], points[..., j], points[..., k] = a, b, side * half[k]
            inner = np.clip(points, radius - half, half - radius)
            offset = points - inner
            norm = np.linalg.norm(offset, axis=-1, keepdims=True)
            sheets.append(grid(inner + offset / np.maximum(norm, 1e-9) * radius, flip=side < 0))
    starts = np.cumsum([0] + [len(sheet.vertices) for sheet in sheets])
    faces = np.vstack([sheet.faces + start for sheet, start in zip(sheets, starts, strict=False)])
    vertices, faces = weld(np.vstack([sheet.vertices for sheet in sheets]), faces)
    return Part(vertices + np.array([0, 0, height / 2]), faces, None, role)


def extrude(
    outline: ArrayLike, height: float, bevel: float = 0.015, role: str = "main", steps: int = 3
) -> Part:
    """Raise a flat outline (n, 2) to `height` along z, edges rounded; the caps are cut by ear clipping."""
    p = np.asarray(outline, dtype=np.float64)
    if np.sum(p[:, 0] * np.roll(p[:, 1], -1) - np.roll(p[:, 0], -1) * p[:, 1]) < 0:
        p = p[::-1]
    n = len(p)
    edges = np.roll(p, -1, 0) - p
    edges /= np.linalg.norm(edges, axis=1, keepdims=True) + 1e-12
    normals = np.c_[edges[:, 1], -edges[:, 0]]
    mitre = normals + np.roll(normals, 1, 0)
    mitre /= np.maximum(np.sum(mitre * mitre, 1, keepdims=True) / 2, 0.35)  # limited at acute corners
    angle = np.linspace(0, pi / 2, steps + 1)
    layers = [(bevel * (1 - sin(t)), bevel * (1 - cos(t))) for t in angle]
    layers += [(bevel * (1 - cos(t)), height - bevel * (1 - sin(t))) for t in angle]
    rings = np.array([np.c_[p - mitre * inset, np.full(n, z)] for inset, z in layers])
    wall = grid(np.concatenate([rings, rings[:, :1]], 1))
    start = len(wall.vertices)
    bottom, top = _clip_ears(rings[0, :, :2]), _clip_ears(rings[-1, :, :2])
    faces = np.vstack([wall.faces, bottom[:, ::-1] + start, top + start + n])
    vertices, faces = weld(np.vstack([wall.vertices, rings[0], rings[-1]]), faces)
    return Part(vertices, faces, None, role)


def tube(
    path: ArrayLike, radius: ArrayLike, segments: int = 20, role: str = "main", flat: float = 1.0
) -> Part:
    """A tube with closed ends along `path` (n, 3); `radius` may vary, `flat` squeezes it to a ribbon."""
    p = np.asarray(path, dtype=np.float64)
    r = np.broadcast_to(np.asarray(radius, dtype=np.float64), (len(p),))
    tangents = np.gradient(p, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True) + 1e-12
    side = np.cross(tangents[0], [0, 0, 1.0])
    if np.linalg.norm(side) < 1e-3:
        side = np.cross(tangents[0], [0, 1.0, 0])
    sides = []
    for tangent in tangents:  # carried along the path without twisting
        side = side - tangent * np.dot(side, tangent)
        side = side / (np.linalg.norm(side) + 1e-12)
        sides.append(side)
    across = np.array(sides)
    upward = np.cross(tangents, across)
    angle = np.linspace(0, tau, segments + 1)[None, :, None]
    rings = p[:, None] + r[:, None, None] * (
        across[:, None] * np.cos(angle) + flat * upward[:, None] * np.sin(angle)
    )
    ends = [np.repeat(p[k, None, None], segments + 1, 1) for k in (0, -1)]
    sheet = grid(np.concatenate([ends[0], rings, ends[1]]))
    vertices, faces = weld(sheet.vertices, sheet.faces)
    return Part(vertices, faces, None, role, sharp=55)


def weld(vertices: Floats, faces: Ints, tolerance: float = 1e-6) -> tuple[Floats, Ints]:
    """Merge vertices that coincide and drop the triangles that collapse."""
    keys = np.round(vertices / tolerance).astype(np.int64)
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    merged = inverse.ravel()[faces]
    a, b, c = merged.T
    return vertices[first], merged[(a != b) & (b != c) & (a != c)]


def _clip_ears(polygon: Floats) -> Ints:
    """Triangles of a simple counter-clockwise polygon (n, 2)."""

    def area(a: int, b: int, c: int) -> float:
        p, q, r = polygon[a], polygon[b], polygon[c]
        return float((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]))

    left, triangles = list(range(len(polygon))), []
    while len(left) > 3:
        for k in range(len(left)):
            i, j, m = left[k - 1], left[k], left[(k + 1) % len(left)]
            if area(i, j, m) <= 1e-12:
                continue
            others = (o for o in left if o not in (i, j, m))
            if not any(area(i, j, o) >= 0 and area(j, m, o) >= 0 and area(m, i, o) >= 0 for o in others):
                triangles.append((i, j, m))
                left.pop(k)
                break
        else:
            left.pop()  # a degenerate rest: give up one corner rather than loop for ever
    triangles.append((left[0], left[1], left[2]))
    return np.array(triangles)
