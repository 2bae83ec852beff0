"""Normals, texture coordinates and the size of a single object."""

from __future__ import annotations

import numpy as np
import pytest

from mrl_demo.still_life.modelling import box, ellipsoid, lathe, weld
from mrl_demo.still_life.shapes import Thing, corner_normals, model, pattern_uv


def test_normals_are_smooth_on_a_ball_and_creased_on_a_cube() -> None:
    ball = ellipsoid(1.0, segments=64)
    normals = corner_normals(ball.vertices, ball.faces, ball.sharp)
    outward = ball.vertices[ball.faces].reshape(-1, 3)
    # the sliver triangles at the poles have no area, so no normal, and are never hit
    shown = np.linalg.norm(normals, axis=1) > 0.5
    assert shown.mean() > 0.95
    assert np.einsum("ij,ij->i", normals, outward)[shown].min() > 0.99
    cube = box(1, 1, 1, 1e-7)
    vertices, faces = weld(cube.vertices, cube.faces, 1e-3)
    assert len(vertices) == 8
    creased, smooth = (np.abs(corner_normals(vertices, faces, sharp)).max(1) for sharp in (10, 100))
    assert creased.min() > 0.99 and smooth.max() < 0.9


@pytest.mark.parametrize("category", ["mug", "car", "donut"])
def test_a_model_stands_on_the_ground_in_a_common_size(category: str) -> None:
    shape = model(Thing(category, "red", "", "matte", "plain"), 1)
    low, high = shape.points.min(0), shape.points.max(0)
    assert low[2] == 0
    assert max(high[2], 0.82 * (high - low)[:2].max()) == pytest.approx(1)
    np.testing.assert_allclose((low + high)[:2], 0, atol=1e-9)
    assert all(len(soup.corners) == len(soup.normals) == len(soup.uv) for soup in shape.soups.values())


def test_a_pattern_goes_around_a_lathed_thing_in_whole_periods() -> None:
    uv = pattern_uv(lathe([(0.5, 0), (0.5, 1)]))
    assert uv[:, 0].max() == round(uv[:, 0].max()) >= 4
