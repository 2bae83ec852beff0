"""A piece of something round is a closed solid; a cake shows its layers where a piece is missing."""

from __future__ import annotations

import numpy as np
import pytest

from mrl_demo.still_life.objects.food import _sector, layer_cake


def test_a_sector_is_closed_and_faces_outwards() -> None:
    part = _sector(
        [(0.5, 0), (1, 0), (1, 2), (0.5, 2)], np.linspace(0.2, 0.2 + np.pi / 2, 200), "main", 0.001
    )
    a, b, c = (part.vertices[part.faces[:, k]] for k in range(3))
    enclosed = np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6
    assert enclosed == pytest.approx(2 * np.pi / 4 * (1 - 0.25), rel=0.001)
    # a closed surface has as much area facing one way as the other
    np.testing.assert_allclose(np.cross(b - a, c - a).sum(0), 0, atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_a_cake_lacks_a_piece_towards_the_viewer(seed: int) -> None:
    parts = layer_cake(np.random.default_rng(seed))
    points = np.vstack([part.vertices for part in parts if part.role in ("main", "dough")])
    angle, out = np.degrees(np.arctan2(points[:, 1], points[:, 0])), np.hypot(points[:, 0], points[:, 1])
    assert not ((np.abs(angle + 75) < 15) & (out > 0.05)).any()
    assert ((angle > 0) & (out > 0.4)).any()
