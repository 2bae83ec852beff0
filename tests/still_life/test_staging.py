"""A staged scene: on the ground, inside the frame, arranged as its attributes say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from mrl_demo.still_life.catalogue import RELATIONS, SIZES
from mrl_demo.still_life.scene import Scene, sample_scene
from mrl_demo.still_life.staging import Camera, Piece, frame, stage


def corners(pieces: Sequence[Piece]) -> np.ndarray:
    return np.vstack([piece.soup.corners for piece in pieces])


def axes(camera: Camera) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    forward = np.subtract(camera.target, camera.origin)
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0, 0, 1])
    right /= np.linalg.norm(right)
    return right, np.cross(right, forward), forward


def on_screen(points: np.ndarray, camera: Camera) -> np.ndarray:
    """(n, 2): from -1 to 1 across the frame, up is positive."""
    right, up, forward = axes(camera)
    offset = points - camera.origin
    half = np.tan(np.radians(13)) * (offset @ forward)
    return np.c_[offset @ right / half, offset @ up / half]


def distance(points: np.ndarray, camera: Camera) -> float:
    return float((points - camera.origin).mean(0) @ axes(camera)[2])


def pair(relation: str, index: int, azimuth: float) -> Scene:
    """A red mug and a blue stool."""
    return replace(
        sample_scene(4, index),
        category="mug",
        colour="red",
        finish="matte",
        pattern="plain",
        count=1,
        size="large",
        relation=relation,
        other_category="stool",
        other_colour="blue",
        other_finish="matte",
        azimuth=azimuth,
    )


@pytest.mark.parametrize("index", range(0, 60, 3))
def test_a_staged_scene_stands_on_the_ground_inside_the_frame(index: int) -> None:
    pieces, camera = stage(sample_scene(4, index))
    points = corners(pieces)
    assert abs(points[:, 2].min()) < 1e-6
    seen = on_screen(points, camera)
    assert np.abs(seen).max() < 1


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_pair_stands_as_its_relation_says(relation: str) -> None:
    for index, azimuth in enumerate((-26.0, 0.0, 26.0)):
        scene = pair(relation, index, azimuth)
        pieces, camera = stage(scene)
        main = corners([piece for piece in pieces if piece.thing.category == "mug"])
        other = corners([piece for piece in pieces if piece.thing.category == "stool"])
        (right, up), (other_right, other_up) = (on_screen(points, camera).mean(0) for points in (main, other))
        depth, other_depth = (distance(points, camera) for points in (main, other))
        assert {
            "left of": right < other_right - 0.3,
            "right of": right > other_right + 0.3,
            "in front of": depth < other_depth - 0.3,
            "behind": depth > other_depth + 0.3,
            "on top of": up > other_up + 0.3,
        }[relation]
        assert other[:, 2].min() == pytest.approx(0, abs=1e-6)
        level = other[:, 2].max() if relation == "on top of" else 0
        assert main[:, 2].min() == pytest.approx(level, abs=1e-6)


def test_larger_scenes_fill_more_of_the_frame() -> None:
    scene = next(scene for scene in (sample_scene(4, k) for k in range(50)) if scene.count == 1)
    shares = []
    for size in SIZES:
        pieces, camera = stage(replace(scene, size=size))
        shares.append(np.ptp(on_screen(corners(pieces), camera), axis=0).max() / 2)
    assert shares[0] + 0.1 < shares[1] < shares[2] - 0.1


def test_three_slim_things_stand_apart() -> None:
    scene = next(scene for scene in (sample_scene(4, k) for k in range(5000)) if scene.category == "bottle")
    points = corners(stage(replace(scene, count=3, relation="", other_category="", azimuth=0.0))[0])
    assert np.ptp(points[:, 0]) > 1.0


def test_the_camera_fills_the_frame_as_told() -> None:
    points = np.random.default_rng(0).uniform(-1, 1, (500, 3))
    near, far = frame(points, 10, 20, 0.8), frame(points, 10, 20, 0.4)
    assert far.distance > 1.6 * near.distance
