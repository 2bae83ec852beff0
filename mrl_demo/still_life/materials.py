"""Surfaces for Mitsuba: the five finishes in any colour and pattern, and fixed ones (cork, brick, ...).

Mitsuba is imported inside functions only. Textures and surfaces are made once a process: Mitsuba takes 50 ms
of CPU time to prepare one glossy surface, as long as rendering a small picture.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from mrl_demo.still_life.catalogue import CATEGORIES, COLOURS
from mrl_demo.still_life.shapes import Thing
from mrl_demo.still_life.textures import Floats, linear, mix, pattern_mask, tinted_wood

# role -> colour, roughness (0 to 1), metal
FIXED = {
    "stem": ("#5a3d22", 0.7, False),
    "leaf": ("#3f7d2a", 0.5, False),
    "cork": ("#b98a56", 0.85, False),
    "cream": ("#efe6d2", 0.5, False),
    "dark": ("#222326", 0.4, False),
    "window": ("#24384a", 0.08, False),
    "rubber": ("#17171a", 0.6, False),
    "chrome": ("#d5d8dc", 0.15, True),
    "brass": ("#d9a53a", 0.25, True),
    "dark wood": ("#5b3418", 0.5, False),
    "pale wood": ("#d2a871", 0.5, False),
    "wicker": ("#a9743c", 0.8, False),
    "brick": ("#8e3f2c", 0.8, False),
    "stone": ("#8d8a85", 0.8, False),
    "soil": ("#3d2a1c", 0.9, False),
    "cherry": ("#b3121c", 0.12, False),
    "carrot": ("#e8741c", 0.5, False),
    "blossom": ("#ef6fae", 0.5, False),
    "dough": ("#c98a45", 0.6, False),
    "sprinkle white": ("#f4f0e6", 0.4, False),
    "sprinkle yellow": ("#f2c230", 0.4, False),
    "sprinkle blue": ("#3d9ad1", 0.4, False),
    "flame": ("#ffb24a", 0.5, False),
    "bulb": ("#ffd9a0", 0.5, False),
    "lantern": ("#ffd27a", 0.5, False),
    "pane": ("#e8f2f4", 0.0, False),
}
# role -> radiance of things that shine by themselves
GLOWING = {"flame": ("#ffb85a", 7.0), "bulb": ("#ffd9a0", 5.0), "lantern": ("#ffcf70", 2.5)}


def rgb(colour: Any) -> dict[str, Any]:
    return {"type": "rgb", "value": [float(x) for x in colour]}


def bitmap(pixels: Floats) -> Any:
    """A Mitsuba bitmap of a linear-light array (h, w, 3)."""
    import mitsuba as mi

    return mi.Bitmap(np.ascontiguousarray(pixels, np.float32))


_bitmaps: dict[str, Any] = {}


def texture(key: str, make: Callable[[], Floats], scale: tuple[float, float] = (1, 1)) -> dict[str, Any]:
    """A repeating texture; `make` runs once for each `key` and process."""
    from mitsuba import ScalarTransform4f

    if key not in _bitmaps:
        _bitmaps[key] = bitmap(make())
    transform = ScalarTransform4f().scale([scale[0], scale[1], 1])
    return {"type": "bitmap", "bitmap": _bitmaps[key], "raw": True, "to_uv": transform}


def surface(thing: Thing, role: str) -> Any:
    """The material of one role of an object, a Mitsuba BSDF."""
    hollow = CATEGORIES[thing.category].hollow
    if role == "main":
        second = thing.second_colour if thing.pattern != "plain" else ""
        return _finish(thing.colour, second, thing.pattern, thing.finish, hollow)
    if role == "second":
        # accents that would be hard to read in metal or glass are glazed
        glazed = thing.second_colour and thing.finish in ("metal", "glass")
        finish = "glossy" if glazed else thing.finish
        return _finish(thing.second_colour or thing.colour, "", "plain", finish, hollow)
    return _fixed(role)


def glow(role: str) -> dict[str, Any] | None:
    """The emitter of a role that shines, else None."""
    if role not in GLOWING:
        return None
    colour, strength = GLOWING[role]
    return {"type": "area", "radiance": rgb(linear(colour) * strength)}


@cache
def _finish(colour: str, second: str, pattern: str, finish: str, hollow: bool) -> Any:
    import mitsuba as mi

    return mi.load_dict(_described(colour, second, pattern, finish, hollow))


def _described(colour: str, second: str, pattern: str, finish: str, hollow: bool) -> dict[str, Any]:
    base = linear(COLOURS[colour].hex)
    reflectance = rgb(base)
    if pattern != "plain":
        other = linear(COLOURS[second].hex)
        reflectance = texture(f"{colour}-{second}-{pattern}", lambda: mix(base, other, pattern_mask(pattern)))
    if finish == "matte":
        return _two_sided({"type": "diffuse", "reflectance": reflectance})
    if finish == "glossy":
        return _two_sided(
            {"type": "roughplastic", "diffuse_reflectance": reflectance, "alpha": 0.06, "nonlinear": True}
        )
    if finish == "metal":
        tint = np.clip(base * 0.9 + 0.1, 0, 1)
        return _two_sided(
            {"type": "roughconductor", "alpha": 0.12, "material": "none", "specular_reflectance": rgb(tint)}
        )
    if finish == "glass":
        tint = np.clip(base ** (0.22 if hollow else 0.32), 0, 1)
        return {"type": "dielectric", "int_ior": 1.45, "specular_transmittance": rgb(tint)}
    grain = texture(f"wood {colour}", lambda: tinted_wood(base), (1.1, 0.9))
    return _two_sided(
        {"type": "roughplastic", "diffuse_reflectance": grain, "alpha": 0.22, "nonlinear": True}
    )


@cache
def _fixed(role: str) -> Any:
    import mitsuba as mi

    return mi.load_dict(_described_fixed(role))


def _described_fixed(role: str) -> dict[str, Any]:
    colour, roughness, metal = FIXED[role]
    value = rgb(linear(colour))
    if role in GLOWING:
        return {"type": "diffuse", "reflectance": value}
    if role == "pane":  # one clear sheet: mirrors a little, bends nothing
        return {"type": "thindielectric", "int_ior": 1.45, "specular_transmittance": value}
    if metal:
        return _two_sided(
            {
                "type": "roughconductor",
                "alpha": max(roughness, 0.1),
                "material": "none",
                "specular_reflectance": value,
            }
        )
    if roughness < 0.6:
        alpha = max(min(roughness * 0.5, 0.3), 0.04)
        return _two_sided(
            {"type": "roughplastic", "diffuse_reflectance": value, "alpha": alpha, "nonlinear": True}
        )
    return _two_sided({"type": "diffuse", "reflectance": value})


def _two_sided(bsdf: dict[str, Any]) -> dict[str, Any]:
    return {"type": "twosided", "bsdf": bsdf}
