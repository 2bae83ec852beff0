"""From a scene to placed meshes and a camera: normals, texture coordinates, arrangement, ground.

NumPy only; the renderer gets finished triangle soups from here. World units: an object is about 1 tall, z up,
camera at -y.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import tau

import numpy as np

from mrl_demo.still_life.catalogue import CATEGORIES
from mrl_demo.still_life.modelling import Floats, Ints, Part, grid
from mrl_demo.still_life.objects import build
from mrl_demo.still_life.scene import Scene
from mrl_demo.still_life.textures import noise

FIELD_OF_VIEW = 26.0
PATTERN_PERIOD = 0.19


@dataclass(frozen=True, eq=False)
class Soup:
    """Unindexed triangles: `corners` and `normals` (3m, 3), `uv` (3m, 2)."""

    corners: Floats
    normals: Floats
    uv: Floats


@dataclass(frozen=True)
class Camera:
    origin: tuple[float, ...]
    target: tuple[float, ...]
    distance: float


def stage(scene: Scene) -> tuple[dict[str, Soup], Camera]:
    """All copies of the scene's object, placed, one soup a role; and the camera that frames them."""
    parts = build(scene.category, scene.shape_seed)
    points = np.vstack([part.vertices for part in parts])
    low, high = points.min(0), points.max(0)
    extent = max(high[0] - low[0], high[1] - low[1])
    scale = 1 / max(high[2] - low[2], extent * 0.82)
    shift = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    places = _arrange(scene, extent * scale)
    by_role: dict[str, list[Soup]] = {}
    for part in parts:
        uv = box_uv(part) if scene.finish == "wood" else pattern_uv(part)
        corners = (part.vertices[part.faces].reshape(-1, 3) - shift) * scale
        normals = corner_normals(part.vertices, part.faces, part.sharp)
        for x, y, degrees in places:
            turn = _turn(degrees)
            by_role.setdefault(part.role, []).append(Soup(corners @ turn.T + [x, y, 0], normals @ turn.T, uv))
    soups = {
        role: Soup(
            *(np.vstack([getattr(soup, name) for soup in group]) for name in ("corners", "normals", "uv"))
        )
        for role, group in by_role.items()
    }
    flat = (points - shift) * scale
    placed = np.vstack([flat @ _turn(degrees).T + [x, y, 0] for x, y, degrees in places])
    return soups, frame(placed, scene.azimuth, scene.elevation, 0.70 if scene.count == 1 else 0.86)


def _turn(degrees: float) -> Floats:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def _arrange(scene: Scene, extent: float) -> list[tuple[float, float, float]]:
    """(x, y, degrees) of each copy."""
    d, side = extent * 1.08, scene.swap
    spots = {
        1: [(0.0, 0.0)],
        2: [(-d * 0.5, 0.22 * d * side), (d * 0.5, -0.22 * d * side)],
        3: [(-d * 0.62, 0.42 * d), (d * 0.62, 0.42 * d), (0.06 * side * d, -0.42 * d)],
    }[scene.count]
    facing = CATEGORIES[scene.category].facing
    placed = []
    for (x, y), turn in zip(spots, scene.turns, strict=False):
        # An object with a front follows the camera part of the way, so that it is never seen end-on.
        degrees = 180 * turn if facing is None else facing + scene.azimuth * 0.6 + 14 * turn
        placed.append((x, y, degrees))
    return placed


def frame(points: Floats, azimuth: float, elevation: float, fill: float) -> Camera:
    """The camera from which the `points` (n, 3) fill `fill` of the frame, a little below its middle."""
    el, az = np.radians(elevation), np.radians(azimuth)
    back = np.array([np.sin(az) * np.cos(el), -np.cos(az) * np.cos(el), np.sin(el)])
    centre = (points.min(0) + points.max(0)) / 2
    right = np.cross(-back, [0, 0, 1])
    right /= np.linalg.norm(right)
    up = np.cross(right, -back)
    half = np.tan(np.radians(FIELD_OF_VIEW / 2))
    distance = 6.0
    for _ in range(6):
        offset = points - (centre + back * distance)
        depth = offset @ -back
        x, y = offset @ right / depth, offset @ up / depth
        centre = centre + right * (x.max() + x.min()) / 2 * distance + up * (y.max() + y.min()) / 2 * distance
        distance *= max(np.ptp(x), np.ptp(y)) / (2 * half) / fill
    centre = centre + up * 0.09 * half * distance
    origin = centre + back * distance
    return Camera(tuple(map(float, origin)), tuple(map(float, centre)), float(distance))


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


# ---------------------------------------------------------------- ground


def heightfield(setting: str, size: int = 120, half: float = 9.0) -> Part:
    """Uneven sand or snow, flat where the object stands."""
    snow = setting == "snow"
    z = noise((size, size), 2.0 if snow else 1.7, (1, 1) if snow else (1, 2.2), 9, 4) * (
        0.045 if snow else 0.028
    )
    ticks = np.linspace(-half, half, size)
    x, y = np.meshgrid(ticks, ticks)
    if not snow:
        z = z + 0.012 * np.sin(9 * y + 2.2 * np.sin(0.9 * x) + z * 30)
    z = z * np.clip(np.hypot(x, y) - 0.2, 0.12, 1) - 0.01
    return grid(np.stack([x, y + 3.5, z], -1), sharp=80)


def grass_blades(count: int = 19000, half: float = 4.2) -> tuple[Floats, Ints, Floats]:
    """Bent blades as (vertices, faces, shade of each face 0 to 1)."""
    rng = np.random.default_rng(0)
    near = count // 2
    y = np.concatenate([rng.uniform(-half, half, near), rng.uniform(-1.8, 1.4, count - near)])
    x = np.concatenate([rng.uniform(-half, half, near), rng.uniform(-2, 2, count - near)])
    height, angle = rng.uniform(0.06, 0.16, count), rng.uniform(0, tau, count)
    width, bend = rng.uniform(0.008, 0.014, count), rng.uniform(0.02, 0.11, count)
    dx, dy = np.cos(angle), np.sin(angle)
    mid_x, mid_y = x + dx * bend * 0.35, y + dy * bend * 0.35
    vertices = np.stack(
        [
            np.c_[x - dy * width, y + dx * width, 0 * x],
            np.c_[x + dy * width, y - dx * width, 0 * x],
            np.c_[mid_x - dy * width * 0.7, mid_y + dx * width * 0.7, height * 0.55],
            np.c_[mid_x + dy * width * 0.7, mid_y - dx * width * 0.7, height * 0.55],
            np.c_[x + dx * bend, y + dy * bend, height],
        ],
        axis=1,
    )
    faces = np.array([[0, 1, 3], [0, 3, 2], [2, 3, 4]])[None] + np.arange(count)[:, None, None] * 5
    return vertices.reshape(-1, 3), faces.reshape(-1, 3), np.repeat(rng.uniform(0, 1, count), 3)
