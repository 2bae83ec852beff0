"""Vectors to search: clustered, Matryoshka-like, and small enough to be ranked by brute force."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from mrl_demo.search.engine import Engine

Vectors = npt.NDArray[np.float32]
NESTED = (8, 16, 32, 64, 128)


def clustered(n: int, seed: int = 0, full_dim: int = 128) -> Vectors:
    """(n, full_dim) float32 in 40 clusters; variance falls with the dim, as in a Matryoshka embedding."""
    centres = np.random.default_rng(99).standard_normal((40, full_dim))
    rng = np.random.default_rng(seed)
    spread = (1 + np.arange(full_dim) / 8) ** -0.5
    vectors = (centres[rng.integers(0, 40, n)] + 0.5 * rng.standard_normal((n, full_dim))) * spread
    return vectors.astype(np.float32)


@pytest.fixture(scope="session")
def vectors() -> Vectors:
    return clustered(2000)


@pytest.fixture(scope="session")
def queries() -> Vectors:
    return clustered(40, seed=1)


@pytest.fixture(scope="session")
def engine(vectors: Vectors) -> Engine:
    return Engine(vectors, NESTED)
