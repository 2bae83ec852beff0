"""The eight settings for Mitsuba: tables, floor, a shelf by a window, paper, grass, sand, snow.

`backdrop` returns named Mitsuba shapes, made once a process and shared by all scenes. Mitsuba is imported
inside functions.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from mrl_demo.still_life import textures
from mrl_demo.still_life.catalogue import OUTDOORS
from mrl_demo.still_life.ground import grass_blades, heightfield
from mrl_demo.still_life.materials import rgb, texture
from mrl_demo.still_life.modelling import Floats, box, grid
from mrl_demo.still_life.scene import Scene
from mrl_demo.still_life.shapes import Soup, box_uv, corner_normals, join
from mrl_demo.still_life.textures import linear

WALLS = ("#9fb09a", "#d0b48c", "#8fa3bd", "#b98a79", "#76848d")
TILES = (
    ("#b5623f", "#b5623f"),
    ("#e9e4d8", "#5d6f7f"),
    ("#8fb0a6", "#e6e0d2"),
    ("#d9a441", "#efe7d6"),
    ("#7f8f9c", "#7f8f9c"),
)
# What is left of the garden's colours behind the window.
OUTSIDE = {
    "soft daylight": (1.0, 1.0, 1.0),
    "warm evening": (1.0, 0.7, 0.45),
    "cool night": (0.07, 0.1, 0.2),
    "hard spot": (0.12, 0.12, 0.13),
}
SHELVES = ("#7f949c", "#8b9c78", "#b08d68", "#a57f78", "#83809c")  # mid tones: white things stand out
PAPERS = ("#e6cfae", "#b9d3da", "#e3bfc1", "#c6cfae", "#c9c2e0")


def mesh(name: str, soup: Soup, bsdf: Any, emitter: dict[str, Any] | None = None) -> Any:
    """A Mitsuba mesh of a triangle soup; `bsdf` is a surface or its description."""
    import mitsuba as mi

    properties = mi.Properties()
    properties["bsdf"] = mi.load_dict(bsdf) if isinstance(bsdf, dict) else bsdf
    if emitter is not None:
        properties["emitter"] = mi.load_dict(emitter)
    count = len(soup.corners)
    shape = mi.Mesh(
        name, count, count // 3, has_vertex_normals=True, has_vertex_texcoords=True, props=properties
    )
    parameters = mi.traverse(shape)
    parameters["vertex_positions"] = np.ascontiguousarray(soup.corners.ravel(), np.float32)
    parameters["vertex_normals"] = np.ascontiguousarray(soup.normals.ravel(), np.float32)
    parameters["vertex_texcoords"] = np.ascontiguousarray(soup.uv.ravel(), np.float32)
    parameters["faces"] = np.arange(count, dtype=np.uint32)
    parameters.update()
    return shape


def grouped(name: str, shape: Any) -> dict[str, Any]:
    """The shape as a group with one instance: its search tree is built several times faster than without."""
    import mitsuba as mi

    group = mi.load_dict({"type": "shapegroup", "shape": shape})
    return {f"{name} group": group, name: {"type": "instance", "ref": group}}


def backdrop(scene: Scene) -> dict[str, Any]:
    """What stands around and behind the object, as named Mitsuba shapes."""
    if scene.setting == "window shelf":
        return _window(SHELVES[scene.backdrop], scene.light)
    return _backdrop(scene.setting, 0 if scene.setting in OUTDOORS else scene.backdrop)


@cache
def _backdrop(setting: str, variant: int) -> dict[str, Any]:
    if setting == "wooden table":
        board = texture("table", lambda: textures.wood(1), (0.36, 0.36))
        top = {"type": "roughplastic", "alpha": 0.2, "nonlinear": True, "diffuse_reflectance": board}
        return {"ground": _floor(top), "wall": _wall(WALLS[variant])}
    if setting == "marble table":
        stone = texture("marble", lambda: textures.marble(3), (0.3, 0.3))
        top = {"type": "roughplastic", "alpha": 0.06, "nonlinear": True, "diffuse_reflectance": stone}
        return {"ground": _floor(top), "wall": _wall(WALLS[(variant + 2) % 5])}
    if setting == "tiled floor":
        glaze = texture(f"tiles {variant}", lambda: textures.tiles(*TILES[variant]), (0.4, 0.4))
        top = {"type": "roughplastic", "alpha": 0.1, "nonlinear": True, "diffuse_reflectance": glaze}
        return {"ground": _floor(top), "wall": _wall(WALLS[(variant + 3) % 5])}
    if setting == "paper":
        return {"paper": _paper(PAPERS[variant])}
    if setting == "grass":
        return _lawn()
    colour, speckle = {"sand": ("#d9b67c", 0.10), "snow": ("#e6ecf4", 0.015)}[setting]
    part = heightfield(setting)
    soup = Soup(
        part.vertices[part.faces].reshape(-1, 3), corner_normals(part.vertices, part.faces, 80), box_uv(part)
    )
    ground = texture(setting, lambda: textures.speckled(colour, speckle), (0.6, 0.6))
    return grouped("ground", mesh(setting, soup, _two_sided_diffuse(ground)))


def _quad(points: list[tuple[float, float, float]], axes: list[int]) -> Soup:
    corners = np.array(points, dtype=np.float64)[[0, 1, 2, 0, 2, 3]]
    normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
    return Soup(corners, np.tile(normal / np.linalg.norm(normal), (6, 1)), corners[:, axes])


def _floor(
    bsdf: dict[str, Any], z: float = 0.0, half: float = 11.0, far: float = 3.0, near: float = 6.0
) -> Any:
    return mesh(
        "ground", _quad([(-half, -near, z), (half, -near, z), (half, far, z), (-half, far, z)], [0, 1]), bsdf
    )


def _wall(colour: str) -> Any:
    paint = texture("wall" + colour, lambda: textures.plaster(colour), (0.2, 0.2))
    corners = _quad([(-11, 3.4, -2), (11, 3.4, -2), (11, 3.4, 3.6), (-11, 3.4, 3.6)], [0, 2])
    return mesh("wall", corners, {"type": "diffuse", "reflectance": paint})


@cache
def _window(colour: str, light: str, away: float = 1.75) -> dict[str, Any]:
    """A painted board, behind it the bars of a window, far behind them a garden."""
    board = {"type": "roughplastic", "alpha": 0.15, "diffuse_reflectance": rgb(linear(colour))}
    bars = [box(22, 0.14, 0.1, 0.02).moved(y=away)]
    bars += [box(22, 0.08, 0.07, 0.02).moved(y=away, z=z) for z in (0.95, 2.1)]
    bars += [box(0.07, 0.08, 3.2, 0.02).moved(x=x, y=away) for x in np.arange(-5.5, 6) * 0.95]
    frame = [
        Soup(bar.vertices[bar.faces].reshape(-1, 3), corner_normals(bar.vertices, bar.faces, 38), box_uv(bar))
        for bar in bars
    ]
    paint = {"type": "roughplastic", "alpha": 0.2, "diffuse_reflectance": rgb(linear("#f1efe9"))}
    far, wide, low, high = 7.0, 14.0, -5.0, 5.0
    view = _quad([(-wide, far, low), (wide, far, low), (wide, far, high), (-wide, far, high)], [0, 2])
    view = replace(view, uv=np.add(view.uv, [wide, -low]) / [2 * wide, high - low])
    outside = texture(f"garden {light}", lambda: textures.garden() * OUTSIDE[light])
    return {
        "ground": _floor(board, far=away + 0.1),
        "frame": mesh("frame", join(frame), paint),
        "view": mesh("view", view, _two_sided_diffuse(outside)),
    }


def _paper(colour: str) -> Any:
    """A sheet that runs up into the background without an edge."""
    bend = np.linspace(0, np.pi / 2, 16)
    curve = np.c_[1.2 + 1.6 * np.sin(bend), 1.6 * (1 - np.cos(bend))]
    profile = np.vstack([[(-9, 0), (1.2, 0)], curve[1:], [(2.8, 9)]])
    across = np.broadcast_to(np.array([-12.0, 12.0])[None], (len(profile), 2))
    y, z = (np.broadcast_to(profile[:, k : k + 1], (len(profile), 2)) for k in (0, 1))
    sheet = grid(np.stack([across, y, z], -1))
    corners: Floats = sheet.vertices[sheet.faces].reshape(-1, 3)
    soup = Soup(corners, corner_normals(sheet.vertices, sheet.faces, 80), corners[:, :2])
    return mesh("paper", soup, _two_sided_diffuse(rgb(linear(colour))))


def _lawn() -> dict[str, Any]:
    vertices, faces, shade = grass_blades()
    tones = textures.mix(linear("#387620"), linear("#9cc650"), np.tile(np.linspace(0, 1, 64)[None], (4, 1)))
    uv = np.repeat(np.c_[shade * 0.98 + 0.01, np.full(len(shade), 0.5)], 3, 0)
    soup = Soup(vertices[faces].reshape(-1, 3), corner_normals(vertices, faces, 180), uv)
    soil = {"type": "diffuse", "reflectance": texture("soil", textures.soil, (0.3, 0.3))}
    blades = mesh("grass", soup, _two_sided_diffuse(texture("blade", lambda: tones)))
    return {"soil": _floor(soil, -0.005, 30, 30, 30)} | grouped("grass", blades)


def _two_sided_diffuse(reflectance: dict[str, Any]) -> dict[str, Any]:
    return {"type": "twosided", "bsdf": {"type": "diffuse", "reflectance": reflectance}}
