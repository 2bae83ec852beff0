"""From a scene to placed meshes and a camera: which things it shows, where they stand, how they are framed.

NumPy only; the renderer gets finished triangle soups from here. World units: an object is about 1 tall, z up,
camera at -y.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mrl_demo.still_life.catalogue import CATEGORIES
from mrl_demo.still_life.modelling import Floats
from mrl_demo.still_life.scene import Scene
from mrl_demo.still_life.shapes import Model, Soup, Thing, join, model

FIELD_OF_VIEW = 26.0
# Share of the frame, by size: of one thing, of a group.
FILL = {"small": (0.46, 0.64), "medium": (0.63, 0.77), "large": (0.82, 0.91)}


@dataclass(frozen=True, eq=False)
class Piece:
    """All triangles of one thing that play one role."""

    thing: Thing
    role: str
    soup: Soup


@dataclass(frozen=True)
class Spot:
    """Where one object stands: `right` and `away` as the camera sees it, `up`, its turn and its scale."""

    right: float = 0.0
    away: float = 0.0
    up: float = 0.0
    degrees: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True)
class Camera:
    origin: tuple[float, ...]
    target: tuple[float, ...]
    distance: float


def stage(scene: Scene) -> tuple[list[Piece], Camera]:
    """Everything the scene shows, placed, and the camera that frames it."""
    main = model(
        Thing(scene.category, scene.colour, scene.second_colour, scene.finish, scene.pattern),
        scene.shape_seed,
    )
    if scene.relation:
        other = model(
            Thing(
                scene.other_category,
                scene.other_colour,
                scene.other_second_colour,
                scene.other_finish,
                "plain",
            ),
            scene.other_shape_seed,
        )
        spots = _arrange_pair(scene, main, other)
        pieces = [*_place(main, spots[:1], scene.azimuth), *_place(other, spots[1:], scene.azimuth)]
    else:
        pieces = list(_place(main, _arrange_copies(scene, main), scene.azimuth))
    alone, group = FILL[scene.size]
    fill = alone if scene.count == 1 and not scene.relation else group
    points = np.vstack([piece.soup.corners for piece in pieces])
    return pieces, frame(points, scene.azimuth, scene.elevation, fill)


def _place(model: Model, spots: list[Spot], azimuth: float) -> Iterator[Piece]:
    """The model at every spot, one piece a role; what is right and away follows the camera."""
    for role, soup in model.soups.items():
        copies = []
        for spot in spots:
            ground = _turn(azimuth) @ [spot.right, spot.away, spot.up]
            copies.append(soup.placed(spot.scale, _turn(spot.degrees), ground))
        yield Piece(model.thing, role, join(copies))


def _turn(degrees: float) -> Floats:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


# ---------------------------------------------------------------- arrangement


def _facing(category: str, azimuth: float, turn: float) -> float:
    """Degrees; a thing with a front follows the camera part of the way, so it is never seen end-on."""
    facing = CATEGORIES[category].facing
    return 180 * turn if facing is None else facing + azimuth * 0.6 + 14 * turn


def _extent(model: Model, degrees: float) -> Floats:
    """(width, depth, height) as the camera sees them when the model is turned by `degrees`."""
    extent: Floats = np.ptp(model.points @ _turn(degrees).T, axis=0)
    return extent


def _arrange_copies(scene: Scene, model: Model) -> list[Spot]:
    turns = [_facing(scene.category, scene.azimuth, turn) for turn in scene.turns]
    wide = max(_extent(model, 0)[:2])
    d, side = wide * 1.08, scene.swap
    # Slim things stand further apart: there is room beside them, and they would hide each other.
    apart = float(np.clip((1.25 - wide) / 2, 0.62 * d, 1.05 * d))
    places = {
        1: [(0.0, 0.0)],
        2: [(-max(apart * 0.7, d * 0.5), 0.22 * d * side), (max(apart * 0.7, d * 0.5), -0.22 * d * side)],
        3: [(-apart, 0.42 * d), (apart, 0.42 * d), (0.06 * side * d, -0.42 * d)],
    }[scene.count]
    return [Spot(right, away, 0, turn) for (right, away), turn in zip(places, turns, strict=False)]


def _arrange_pair(scene: Scene, main: Model, other: Model) -> list[Spot]:
    """The main object's spot, then the other's."""
    turns = [
        _facing(model.thing.category, scene.azimuth, turn)
        for model, turn in zip((main, other), scene.turns, strict=False)
    ]
    # Camera coordinates: what the camera sees of a thing turned by `degrees` in the world.
    (w, d, h), (other_w, other_d, other_h) = (
        _extent(model, degrees - scene.azimuth) for model, degrees in zip((main, other), turns, strict=True)
    )
    loose = scene.turns[2]
    if scene.relation in ("left of", "right of"):
        side = -1 if scene.relation == "left of" else 1
        apart = (w + other_w) / 2 + 0.14
        away = 0.12 * loose
        return [Spot(side * apart / 2, away, 0, turns[0]), Spot(-side * apart / 2, -away, 0, turns[1])]
    if scene.relation == "on top of":
        top = _footprint(other, turns[1] - scene.azimuth, other_h - 0.03, other_h)
        foot = _footprint(main, turns[0] - scene.azimuth, 0, 0.04)
        scale = min(*(0.95 * top / foot), 1.9 * top[0] / w, 1.9 * top[1] / d, 0.72 / h)
        return [Spot(0, 0, float(other_h), turns[0], float(scale)), Spot(0, 0, 0, turns[1])]
    # One before the other: the nearer one lower and to the side, so that both are seen.
    before = scene.relation == "in front of"
    near, far = (
        ((w, d, h), (other_w, other_d, other_h)) if before else ((other_w, other_d, other_h), (w, d, h))
    )
    small = float(np.clip(0.72 * far[2] / near[2], 0.58, 0.78))
    aside = scene.swap * max((far[0] + small * near[0]) / 2 - 0.28 * min(far[0], small * near[0]), 0.1)
    away = (far[1] + small * near[1]) / 2 + 0.1
    close = (-aside / 2, -away / 2, small)
    back = (aside / 2, away / 2, 1.0)
    placed = [close, back] if before else [back, close]
    return [
        Spot(right, depth, 0, turn, scale) for (right, depth, scale), turn in zip(placed, turns, strict=True)
    ]


def _footprint(model: Model, degrees: float, low: float, high: float) -> Floats:
    """(width, depth) of the model between two heights: what it stands on, or what can stand on it."""
    points = model.points @ _turn(degrees).T
    slab = points[(points[:, 2] >= low) & (points[:, 2] <= high)]
    footprint: Floats = np.maximum(np.ptp(slab[:, :2], axis=0), 0.05)
    return footprint


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
    centre = centre + up * min(0.09, 0.7 * (1 - fill)) * half * distance
    origin = centre + back * distance
    return Camera(tuple(map(float, origin)), tuple(map(float, centre)), float(distance))
