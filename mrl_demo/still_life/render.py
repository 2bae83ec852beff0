"""One scene -> one picture, with Mitsuba 3 (scalar_rgb: the threads change no pixel) and Intel's denoiser.

Mitsuba and pyoidn are development-time dependencies, imported inside functions; the app never loads them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mrl_demo.still_life.backdrops import backdrop, mesh
from mrl_demo.still_life.catalogue import OUTDOORS
from mrl_demo.still_life.lights import LAMPS, environment, exposure
from mrl_demo.still_life.materials import bitmap, glow, rgb, surface
from mrl_demo.still_life.scene import Scene
from mrl_demo.still_life.staging import FIELD_OF_VIEW, Camera, stage

Pixels = NDArray[np.float32]


@dataclass(frozen=True)
class Quality:
    """How a picture is computed: rendered `supersampling` times larger, denoised, then reduced to `size`.

    Tuned by eye: more samples cannot be seen after denoising, but less supersampling can.
    """

    size: int
    samples: int = 6
    guide_samples: int = 2
    supersampling: float = 1.5
    depth: int = 7


# Light that enters and leaves a bottle twice needs longer paths, else glass is murky.
GLASS_DEPTH = 16


def single_thread() -> None:
    """Prepare this process before its first render: one thread for renderer and denoiser."""
    os.environ["OIDN_NUM_THREADS"] = "1"
    os.environ["OMP_NUM_THREADS"] = "1"
    mitsuba()


def render(scene: Scene, quality: Quality) -> Image.Image:
    """The picture of a scene, RGB, quality.size pixels square."""
    mi = mitsuba()
    world = mi.load_dict(_world(scene, quality))
    seed = scene.shape_seed & 0xFFFFFF
    light = np.array(mi.render(world, spp=quality.samples, seed=seed))[..., :3]
    # Albedo and normals guide the denoiser; in a pass of their own few samples do, so that they cost little.
    guides = mi.load_dict({"type": "aov", "aovs": "albedo:albedo,normal:sh_normal"})
    extra = np.array(mi.render(world, spp=quality.guide_samples, seed=seed + 1, integrator=guides))[..., -6:]
    shown = tone_map(_denoise(light, extra), exposure(scene.light, scene.setting))
    picture = Image.fromarray(shown)
    if picture.width != quality.size:
        picture = picture.resize((quality.size, quality.size), Image.Resampling.LANCZOS)
    return picture


def tone_map(light: NDArray[Any], stops: float) -> NDArray[np.uint8]:
    """Filmic curve with highlights that lose their colour, then sRGB: linear (h, w, 3) -> uint8."""
    x = np.maximum(light * 2.0**stops, 0)
    y = x * 0.72
    y = np.clip(y * (2.51 * y + 0.03) / (y * (2.43 * y + 0.59) + 0.14), 0, 1)
    burnt = np.clip((x.mean(-1, keepdims=True) - 1) / 4, 0, 1) * 0.6
    y = y * (1 - burnt) + burnt
    encoded = np.where(y <= 0.0031308, 12.92 * y, 1.055 * y ** (1 / 2.4) - 0.055)
    shown: NDArray[np.uint8] = (np.clip(encoded, 0, 1) * 255 + 0.5).astype(np.uint8)
    return shown


def fault(picture: Image.Image) -> str | None:
    """What is measurably wrong with a picture (near-empty, too dark, burnt out), or None."""
    grey = np.asarray(picture.convert("L"), dtype=np.float64)
    colour = np.asarray(picture, dtype=np.float64)
    if grey.mean() < 22:
        return f"too dark: mean brightness {grey.mean():.0f} of 255"
    if (colour.min(-1) >= 254).mean() > 0.3:
        return "burnt out: over 30% of the pixels are pure white"
    centre = colour[len(colour) // 4 : -len(colour) // 4, len(colour) // 4 : -len(colour) // 4]
    if centre.std((0, 1)).max() < 7:
        return "near-empty: the middle is one flat tone"
    return None


@cache
def mitsuba() -> Any:
    """Mitsuba in the variant whose pixels do not depend on the threads, with one thread: two processes
    of one thread each are faster than one of two. Not for a process that has imported USearch: it crashes."""
    import mitsuba as mi

    mi.set_variant("scalar_rgb")
    import drjit

    drjit.set_thread_count(1)
    return mi


@cache
def _environment(light: str, setting: str) -> Any:
    from mitsuba import ScalarTransform4f

    upright = ScalarTransform4f().rotate([0, 0, 1], 90).rotate([1, 0, 0], 90)
    return mitsuba().load_dict(
        {"type": "envmap", "bitmap": bitmap(environment(light, setting)), "to_world": upright}
    )


def _world(scene: Scene, quality: Quality) -> dict[str, Any]:
    from mitsuba import ScalarTransform4f

    pieces, camera = stage(scene)
    depth = GLASS_DEPTH if "glass" in (scene.finish, scene.other_finish) else quality.depth
    world: dict[str, Any] = {"type": "scene", "integrator": {"type": "path", "max_depth": depth}}
    world |= backdrop(scene)
    world["environment"] = _environment(scene.light, scene.setting if scene.setting in OUTDOORS else "room")
    if scene.light in LAMPS:
        lamp = LAMPS[scene.light]
        world["lamp"] = {
            "type": "spot",
            "to_world": ScalarTransform4f().look_at(lamp.position, lamp.aim, [0, 0, 1]),
            "intensity": rgb(np.array(lamp.colour) * lamp.power / (4 * np.pi)),
            "cutoff_angle": lamp.cone / 2,
            "beam_width": lamp.cone / 2 * lamp.even,
        }
    for k, piece in enumerate(pieces):
        material = surface(piece.thing, piece.role)
        world[f"object{k}"] = mesh(f"object{k}", piece.soup, material, glow(piece.role))
    world["sensor"] = sensor(camera, round(quality.size * quality.supersampling))
    return world


def sensor(camera: Camera, pixels: int) -> dict[str, Any]:
    """Mitsuba's camera, `pixels` square."""
    from mitsuba import ScalarTransform4f

    return {
        "type": "thinlens",
        "fov": FIELD_OF_VIEW,
        "to_world": ScalarTransform4f().look_at(list(camera.origin), list(camera.target), [0, 0, 1]),
        "aperture_radius": 0.03,
        "focus_distance": camera.distance * 0.97,
        # The box filter keeps the noise of neighbouring pixels independent, as the denoiser expects.
        "film": {
            "type": "hdrfilm",
            "width": pixels,
            "height": pixels,
            "rfilter": {"type": "box"},
            "pixel_format": "rgb",
            "component_format": "float32",
        },
    }


def _denoise(light: NDArray[Any], guides: NDArray[Any]) -> Pixels:
    import pyoidn

    clean = np.nan_to_num(light)
    clean = clean * np.minimum(1, 60 / np.maximum(clean.max(-1, keepdims=True), 1e-6))
    smooth: Pixels = pyoidn.denoise(
        np.ascontiguousarray(clean, np.float32),
        albedo=np.ascontiguousarray(np.clip(np.nan_to_num(guides[..., :3]), 0, 1), np.float32),
        normal=np.ascontiguousarray(np.nan_to_num(guides[..., 3:6]), np.float32),
        hdr=True,
        quality="balanced",
    )
    return smooth
