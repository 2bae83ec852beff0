"""Simulated vectors: as many as wanted, like the collection's own, and the same each time."""

from __future__ import annotations

import numpy as np
import pytest

from mrl_demo.errors import CollectionError
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import Floats
from mrl_demo.search.simulated import ASKED, LEAST, simulate

DIM = 64


def clusters(count: int = 600, seed: int = 3) -> Floats:
    """Twelve clusters whose first dims carry most, (count, DIM) float32 of unit length."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((12, DIM))
    rows = centres[rng.integers(0, 12, count)] + 0.4 * rng.standard_normal((count, DIM))
    rows *= (1 + np.arange(DIM) / 4) ** -0.7
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def unpacked(engine: Engine, size: int, seed: int = 0) -> tuple[Floats, Floats]:
    made = simulate(engine, size, seed)
    return made.vectors.block(0, size, DIM), made.queries


def test_it_holds_the_collections_own_and_as_many_more_as_are_missing() -> None:
    own = clusters()
    made = simulate(Engine(own), 2_000)
    rows = made.vectors.block(0, 2_000, DIM)
    asked = min(ASKED, 600 // 5)
    assert (made.own, made.simulated, len(made.queries)) == (600 - asked, 1_400 + asked, asked)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=2e-3)
    nearest = (own @ rows.T).max(axis=1)
    assert (nearest > 0.998).sum() == 600 - asked  # those that ask are not among them


def test_what_is_drawn_is_spread_over_dims_like_the_collection() -> None:
    own = clusters()
    rows, _ = unpacked(Engine(own), 6_000)
    for dim in (4, 8, 16, 32):
        share, drawn = (np.square(each[:, :dim]).sum(axis=1).mean() for each in (own, rows))
        assert drawn == pytest.approx(share, abs=0.03)


def test_what_is_drawn_stays_in_the_collections_clusters() -> None:
    own = clusters()
    rows, _ = unpacked(Engine(own), 3_000)
    strangers = np.random.default_rng(0).standard_normal((500, DIM)).astype(np.float32)
    strangers *= (1 + np.arange(DIM, dtype=np.float32) / 4) ** -0.7
    strangers /= np.linalg.norm(strangers, axis=1, keepdims=True)
    full = Cascade.flat(DIM)
    at_home = Engine(own).search(rows, full, 1).scores.mean()
    assert at_home > Engine(own).search(strangers, full, 1).scores.mean() + 0.2


def test_the_same_seed_gives_the_same_vectors() -> None:
    engine = Engine(clusters())
    first, second, other = (unpacked(engine, 900, seed) for seed in (1, 1, 2))
    assert np.array_equal(first[0], second[0]) and np.array_equal(first[1], second[1])
    assert not np.array_equal(first[0], other[0])


def test_a_larger_collection_is_sampled_and_nothing_is_drawn() -> None:
    made = simulate(Engine(clusters()), 300)
    assert (made.own, made.simulated, made.vectors.n) == (300, 0, 300)


def test_progress_is_told_and_can_end_the_work() -> None:
    told: list[tuple[int, int]] = []
    simulate(Engine(clusters()), 1_000, progress=lambda done, total: told.append((done, total)))
    assert told and all(total == 1_000 - 480 for _, total in told)

    def enough(done: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        simulate(Engine(clusters()), 1_000, progress=enough)


def test_too_few_items_are_refused_in_plain_words() -> None:
    with pytest.raises(CollectionError, match="at least 10 items, and there are 9"):
        simulate(Engine(clusters(LEAST - 1)), 100)
    assert simulate(Engine(clusters(LEAST)), 100).vectors.n == 100
