"""Every category has a model: a finite mesh of a sensible size on the ground, the same for a seed."""

from __future__ import annotations

import numpy as np
import pytest

from mrl_demo.still_life.catalogue import CATEGORIES
from mrl_demo.still_life.materials import FIXED, GLOWING
from mrl_demo.still_life.modelling import Part, box, cylinder, ellipsoid, extrude, torus, tube, weld
from mrl_demo.still_life.objects import build


def open_edges(part: Part) -> int:
    """How many edges do not join exactly two triangles, after coinciding vertices are merged."""
    _, faces = weld(part.vertices, part.faces)
    edges = np.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    _, uses = np.unique(edges, axis=0, return_counts=True)
    return int((uses != 2).sum())


def volume(part: Part) -> float:
    a, b, c = (part.vertices[part.faces[:, k]] for k in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_builds(category: str) -> None:
    parts = build(category, 3)
    points = np.vstack([part.vertices for part in parts])
    size = np.ptp(points, axis=0)
    assert np.isfinite(points).all()
    assert 0.3 < size.max() < 2 and size.min() > 0.1
    assert abs(points[:, 2].min()) < 0.25  # staging sets it down exactly
    assert 500 < sum(len(part.faces) for part in parts) < 60_000
    for part in parts:
        assert part.role in {"main", "second", *FIXED}
        assert part.faces.min() >= 0 and part.faces.max() < len(part.vertices)
        assert part.uv is None or part.uv.shape == (len(part.vertices), 2)
    assert any(part.role == "main" for part in parts)
    assert any(part.role == "second" for part in parts) or not CATEGORIES[category].accent


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_same_seed_gives_the_same_shape_and_another_seed_another(category: str) -> None:
    first, again, other = (np.vstack([part.vertices for part in build(category, seed)]) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or np.abs(first - other).max() > 1e-3


def test_an_unknown_category_is_named() -> None:
    with pytest.raises(ValueError, match=r"category must be one of .*apple.*, got 'unicorn'"):
        build("unicorn", 0)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (box(1, 2, 3, 0.01), 6.0),
        (cylinder(0.5, 2, 0.001), np.pi * 0.5),
        (ellipsoid(0.5, 0.4, 0.3, segments=96), 4 / 3 * np.pi * 0.06),
        (torus(0.5, 0.1), 2 * np.pi**2 * 0.5 * 0.01),
        (tube([(0, 0, 0), (0, 0, 0.5), (0, 0, 1)], 0.1, 48), np.pi * 0.01),
        (extrude([(0, 0), (2, 0), (2, 1), (1, 0.4), (0, 1)], 0.5, 0.001), (2 - 0.6) * 0.5),
    ],
    ids=["box", "cylinder", "ellipsoid", "torus", "tube", "extrude"],
)
def test_primitives_are_closed_and_face_outwards(part: Part, expected: float) -> None:
    assert open_edges(part) == 0
    assert volume(part) == pytest.approx(expected, rel=0.03)


def test_parts_are_never_changed_in_place() -> None:
    part = box(1, 1, 1)
    before = part.vertices.copy()

    def flatten(v: np.ndarray) -> np.ndarray:
        v[:, 2] = 0
        return v

    assert part.warped(flatten).vertices[:, 2].max() == 0
    part.moved(1).scaled(2).turned("x", 30)
    np.testing.assert_array_equal(part.vertices, before)


def test_things_that_glow_have_a_surface_too() -> None:
    assert set(GLOWING) <= set(FIXED)
