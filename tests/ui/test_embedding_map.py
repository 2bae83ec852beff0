"""The map of a collection: what its points do from dim to dim."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from mrl_demo.ui.embedding_map import (
    MOST_POINTS,
    as_bytes,
    layouts,
    principal_plane,
    sampled,
    turn_towards,
)

POINTS = np.random.default_rng(0).standard_normal((200, 32)).astype(np.float32) * np.geomspace(1, 0.01, 32)


def test_the_plane_holds_what_varies_most() -> None:
    places, shown = principal_plane(POINTS)
    variances = np.linalg.eigvalsh(np.cov(POINTS.T))
    assert shown == pytest.approx(variances[-2:].sum() / variances.sum())
    assert np.square(places).sum(axis=1).mean() == pytest.approx(1)
    np.testing.assert_allclose(places.mean(axis=0), 0, atol=1e-9)


def test_a_turned_mirrored_map_is_turned_back() -> None:
    places, _ = principal_plane(POINTS)
    turned = places @ np.array([[0.6, 0.8], [0.8, -0.6]])
    np.testing.assert_allclose(turned @ turn_towards(turned, places), places, atol=1e-9)


def test_points_keep_their_place_where_the_prefix_says_the_same() -> None:
    """Half of the numbers repeat the other half: the longer prefix holds nothing new, so nothing may move."""
    doubled = np.hstack([POINTS, POINTS])
    short, long = layouts(doubled, [32, 64])
    assert (short.dim, long.dim) == (32, 64)
    np.testing.assert_allclose(short.places, long.places, atol=1e-5)


def test_neighbouring_dims_lie_nearer_than_unaligned_ones() -> None:
    made = layouts(POINTS, [4, 8, 16, 32])
    for small, large in pairwise(made):
        here = np.square(small.places - large.places).sum()
        for angle in np.linspace(0.3, 6, 12):
            turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
            assert here <= np.square(small.places @ turn - large.places).sum()


def test_one_number_or_equal_points_still_make_a_map() -> None:
    (only,) = layouts(POINTS[:, :1], [1])
    assert only.places.shape == (200, 2) and np.isfinite(only.places).all()
    (same,) = layouts(np.ones((5, 4), np.float16), [4])
    assert (same.places == 0).all() and same.shown == 0


def test_a_large_collection_is_sampled_and_a_small_one_is_not() -> None:
    assert sampled(7).tolist() == list(range(7))
    keys = sampled(MOST_POINTS * 3)
    assert len(set(keys.tolist())) == MOST_POINTS and (np.diff(keys) > 0).all()
    np.testing.assert_array_equal(keys, sampled(MOST_POINTS * 3))


def test_bytes_hold_places_to_a_screen_s_pixel() -> None:
    places, _ = principal_plane(POINTS)
    read = np.frombuffer(as_bytes(places), "<i2").reshape(-1, 2) / 8192
    np.testing.assert_allclose(read, np.clip(places, -4, 4), atol=1e-4)
