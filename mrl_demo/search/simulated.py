"""More vectors than a collection has, drawn from its own distribution: to see how search grows, nothing else.

Around each item lies a normal distribution with the covariance of its nearest neighbours, so what is drawn
follows the collection's clusters and carries most in the first dims, as the collection does. Nothing that is
drawn is a picture. Knows vectors; neither engines' structures nor timing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mrl_demo.errors import CollectionError
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import Floats, Keys
from mrl_demo.search.vectors import Vectors

NEIGHBOURS = 32  # whose spread around an item is what is drawn around it
CENTRES = 4_000  # items drawn around, at most
ASKED = 200  # items held back to ask with, at most
LEAST = 10  # items that a collection must have
_AT_ONCE = 250  # centres whose neighbours are looked for together
_PIECE = 16  # rows drawn at once: a product so small that no BLAS starts threads over it, see threads.py

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Simulation:
    """A collection's own vectors with simulated ones among them.

    Attributes:
        vectors: `own + simulated` rows of unit length in f16, in random order.
        queries: (q, full_dim) float32: items of the collection that are neither among `vectors` nor drawn
            around.
        own: how many of the rows are the collection's own.
        simulated: how many were drawn.
    """

    vectors: Vectors
    queries: Floats
    own: int
    simulated: int


def simulate(engine: Engine, size: int, seed: int = 0, progress: Progress | None = None) -> Simulation:
    """`size` vectors: those of `engine`, less some that ask, and as many drawn as are missing.

    The same engine, size and seed give the same vectors. A collection larger than `size` is sampled.

    Args:
        size: rows wanted, at least LEAST.
        progress: told (rows drawn, rows to draw) now and then; what it raises ends the work.

    Raises:
        CollectionError: a collection of fewer than LEAST items, too few to draw from.
    """
    if engine.n < LEAST:
        raise CollectionError(
            f"to draw more vectors like these takes at least {LEAST} items, and there are {engine.n}"
        )
    rng = np.random.default_rng(seed)
    order = rng.permutation(engine.n)
    asked = min(ASKED, engine.n // 5)
    kept = order[asked:][:size]
    own = _unit(_rows(engine, kept))
    places = rng.permutation(size)
    vectors = np.empty((size, engine.full_dim), np.float16)
    vectors[places[: len(own)]] = own
    _draw(own[:CENTRES], vectors, places[len(own) :], rng, progress)
    return Simulation(
        Vectors([vectors]), _unit(_rows(engine, order[:asked])), own=len(own), simulated=size - len(own)
    )


def _draw(
    centres: Floats,
    vectors: np.ndarray,
    places: Keys,
    rng: np.random.Generator,
    progress: Progress | None,
) -> None:
    """Fill the rows `places` of `vectors` with draws around `centres`, about as many around each."""
    if not len(places):
        return
    neighbours = _neighbours(centres)
    which = np.sort(rng.integers(0, len(centres), len(places)))
    edges = np.searchsorted(which, np.arange(len(centres) + 1))
    for centre, (start, stop) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)):
        away = centres[neighbours[centre]] - centres[centre]  # (neighbours, full_dim)
        shares = rng.standard_normal((stop - start, len(away)), dtype=np.float32)
        shares *= np.float32(len(away) ** -0.5)
        for first in range(start, stop, _PIECE):
            last = min(first + _PIECE, stop)
            drawn = centres[centre] + shares[first - start : last - start] @ away
            vectors[places[first:last]] = _unit(drawn)
        if progress is not None and centre % 50 == 0:
            progress(stop, len(places))


def _neighbours(centres: Floats) -> Keys:
    """The nearest others of each centre by cosine: (centres, NEIGHBOURS), or all others where there are
    fewer."""
    engine = Engine(centres)
    count = min(NEIGHBOURS, engine.n - 1)
    found = [
        engine.search(centres[start : start + _AT_ONCE], Cascade.flat(engine.full_dim), count + 1).keys
        for start in range(0, engine.n, _AT_ONCE)
    ]
    keys = np.concatenate(found)
    others = np.argsort(keys == np.arange(engine.n)[:, None], axis=1, kind="stable")
    return np.asarray(np.take_along_axis(keys, others, axis=1)[:, :count])


def _rows(engine: Engine, keys: Keys) -> Floats:
    return engine.rows.vectors.gather(keys, engine.full_dim)


def _unit(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, np.float32(1e-30)))
