"""The rotation keeps cosines, fronts variance, and is offered where prefixes are not what they could be."""

from __future__ import annotations

import numpy as np

from mrl_demo.search.engine import Engine
from mrl_demo.search.rotation import pca_rotation, prefix_losses
from tests.search.conftest import clustered


def shuffled(vectors):
    """The same vectors turned at random: no prefix means anything any more."""
    turn, _ = np.linalg.qr(np.random.default_rng(7).standard_normal((vectors.shape[1],) * 2))
    return (vectors @ turn).astype(np.float32)


def test_a_rotation_keeps_every_cosine():
    rows = clustered(500)
    rotation = pca_rotation(Engine(rows).rows)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(rows.shape[1]), atol=1e-5)
    turned = rows @ rotation
    np.testing.assert_allclose(turned @ turned.T, rows @ rows.T, rtol=1e-4, atol=1e-2)


def test_what_varies_most_comes_first():
    rows = shuffled(clustered(2000))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    power = np.square(rows @ pca_rotation(Engine(rows).rows)).mean(axis=0)
    assert np.all(np.diff(power) <= 1e-6)
    assert power[:16].sum() > 1.5 * np.square(rows).mean(axis=0)[:16].sum()


def test_the_same_rows_give_the_same_rotation():
    rows = clustered(400)
    np.testing.assert_array_equal(pca_rotation(Engine(rows).rows), pca_rotation(Engine(rows.copy()).rows))


def test_shuffled_dims_are_told_from_matryoshka_dims():
    nested = clustered(3000) * (1 + np.arange(128, dtype=np.float32) / 4) ** -1.0
    assert not any(loss.far_below for loss in prefix_losses(Engine(nested).rows, (4, 8)))
    losses = prefix_losses(Engine(shuffled(nested)).rows, (4, 8))
    assert [loss.dim for loss in losses] == [4, 8]
    assert all(loss.far_below for loss in losses)


def test_a_handful_of_rows_tells_nothing():
    assert prefix_losses(Engine(clustered(120)).rows, (16,)) == []
    assert prefix_losses(Engine(np.zeros((900, 16), np.float32)).rows, (8,)) == []
