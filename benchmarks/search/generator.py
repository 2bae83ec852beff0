"""Two simulated sets of Matryoshka-like embeddings, and how hard each is.

`easy` is made of clusters within clusters within clusters: kind to graphs, to inverted files and to prefixes,
as pictures of shops and albums are. `hard` is continuous: one sheet without clusters, on which the nearest of
a million is hardly nearer than the next. In both, the first dims carry most. Knows no engine.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Keys = npt.NDArray[np.int64]

DIM = 512
K = 10
QUERIES = 2_000  # the first half chooses parameters, the second half is timed
OVERLAP_DIMS = (8, 16, 32, 64, 128, 256)
_BLOCK = 10_000  # rows drawn from one stream of random numbers
_NEAR = 100  # neighbours for the local intrinsic dimension
_ROWS = 50_000  # compared at once


@dataclass(frozen=True)
class Clusters:
    """Three levels of clusters; coarse ones live in the first dims, finer ones reach further.

    Every coarse cluster has a shape of its own (a random subspace of `rank` dims), on top comes noise.
    """

    seed: int = 1
    coarse: int = 64
    mid: int = 32
    fine: int = 10
    rank: int = 64
    fall: float = 0.2  # dim j is scaled by (1 + j / 8) ** -fall
    noise: float = 0.7
    weights: tuple[float, float, float, float] = (1.0, 0.9, 0.7, 1.5)  # coarse, mid, fine, shape
    _centres: list[Floats] = field(default_factory=list, repr=False, compare=False)

    def rows(self, count: int, rng: np.random.Generator) -> Floats:
        """`count` vectors of unit length, (count, DIM)."""
        coarse, mid, fine, shapes = self._levels()
        popularity = (1 + np.arange(self.coarse)) ** -0.5
        which = rng.choice(self.coarse, count, p=popularity / popularity.sum())
        within = which * self.mid + rng.integers(0, self.mid, count)
        finest = within * self.fine + rng.integers(0, self.fine, count)
        rows = coarse[which] + mid[within] + fine[finest]
        places = rng.standard_normal((count, self.rank), dtype=np.float32)
        for cluster in range(self.coarse):
            here = np.flatnonzero(which == cluster)
            rows[here] += places[here] @ shapes[cluster]
        rows += self.noise * rng.standard_normal((count, DIM), dtype=np.float32)
        rows *= (1 + np.arange(DIM, dtype=np.float32) / 8) ** -self.fall
        return _unit(rows)

    def _levels(self) -> list[Floats]:
        if not self._centres:
            rng, j = np.random.default_rng(self.seed), np.arange(DIM, dtype=np.float32)
            reach = (np.exp(-j / 32), np.exp(-j / 128), np.ones(DIM, np.float32))
            counts = (self.coarse, self.coarse * self.mid, self.coarse * self.mid * self.fine)
            for count, falls, weight in zip(counts, reach, self.weights, strict=False):
                self._centres.append(rng.standard_normal((count, DIM), dtype=np.float32) * falls * weight)
            spread = (1 + np.arange(self.rank, dtype=np.float32)) ** -0.5 * (self.weights[3] / self.rank**0.5)
            shapes = rng.standard_normal((self.coarse, self.rank, DIM), dtype=np.float32)
            self._centres.append(shapes * spread[:, None])
        return self._centres


@dataclass(frozen=True)
class Continuous:
    """A smooth sheet of `latent` dims, bent through random waves into all DIM dims. No clusters, no noise.

    The floor under the falling scale leaves something to say to the last dims, so that prefixes lose.
    """

    seed: int = 2
    latent: int = 32
    latent_fall: float = 0.8  # direction i of the sheet is scaled by (1 + i / 4) ** -latent_fall
    waves: int = 512
    fall: float = 0.9  # dim j is scaled by (1 + j / 8) ** -fall + floor
    floor: float = 0.06
    _waves: list[Floats] = field(default_factory=list, repr=False, compare=False)

    def rows(self, count: int, rng: np.random.Generator) -> Floats:
        """`count` vectors of unit length, (count, DIM)."""
        directions, phases, mixture = self._bends()
        places = rng.standard_normal((count, self.latent), dtype=np.float32)
        return _unit(np.cos(places @ directions + phases) @ mixture)

    def _bends(self) -> list[Floats]:
        if not self._waves:
            rng, j = np.random.default_rng(self.seed), np.arange(DIM, dtype=np.float32)
            directions = rng.standard_normal((self.latent, self.waves), dtype=np.float32)
            directions *= ((1 + np.arange(self.latent, dtype=np.float32) / 4) ** -self.latent_fall)[:, None]
            directions /= np.sqrt(np.square(directions).sum(axis=0).mean())
            phases = rng.uniform(0, 2 * np.pi, self.waves).astype(np.float32)
            mixture = rng.standard_normal((self.waves, DIM), dtype=np.float32)
            self._waves.extend((directions, phases, mixture * ((1 + j / 8) ** -self.fall + self.floor)))
        return self._waves


SETS = ("easy", "hard")


def source(name: str, n: int) -> Clusters | Continuous:
    """What the set is drawn from. More items need more clusters: the finest ones hold 24 items on average at
    100,000, and 49 at a million."""
    if name == "hard":
        return Continuous()
    return Clusters(mid=16, fine=4) if n <= 200_000 else Clusters()


@dataclass(frozen=True)
class Data:
    """One set at one size, on disk.

    Attributes:
        vectors: (n, DIM) float32 of unit length, memory-mapped.
        queries: (q, DIM) float32, none of them among the vectors.
        truth: (q, K) int64, the exact answer at full dim, best first.
        hardness: what a prefix and a neighbourhood are worth here; see `measure_hardness`.
    """

    vectors: Floats
    queries: Floats
    truth: Keys
    hardness: dict[str, Any]


def split(given: Path, folder: Path, queries: int = QUERIES, seed: int = 0) -> Data:
    """Anyone's embeddings, an (m, DIM) float .npy: rows drawn by chance ask, the others are searched."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "vectors.npy").exists():
        rows = np.load(given, mmap_mode="r")
        if rows.ndim != 2 or rows.shape[1] != DIM:
            raise SystemExit(f"{given} must hold rows of {DIM} numbers, but its shape is {rows.shape}")
        order = np.random.default_rng(seed).permutation(len(rows))
        count = len(rows) - searched(len(rows), queries)
        _save(folder / "queries.npy", _unit(np.asarray(rows[order[:count]], np.float32)))
        _save(folder / "vectors.npy", _unit(np.asarray(rows[np.sort(order[count:])], np.float32)))
    return _judged(folder)


def searched(rows: int, queries: int = QUERIES) -> int:
    """How many of `rows` embeddings `split` leaves to be searched: at most a fifth of them ask."""
    return rows - min(queries, rows // 5)


def make(name: str, n: int, folder: Path, queries: int = QUERIES) -> Data:
    """The set `name` at size `n`, made in `folder` where it is missing. Each file is whole or absent."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {what: folder / f"{what}.npy" for what in ("vectors", "queries")}
    drawn = source(name, n)
    if not files["vectors"].exists():
        beside = files["vectors"].with_suffix(".partial")
        rows = np.lib.format.open_memmap(beside, mode="w+", dtype=np.float32, shape=(n, DIM))
        for start in range(0, n, _BLOCK):
            block = drawn.rows(_BLOCK, np.random.default_rng((drawn.seed, 1, start)))
            rows[start : start + _BLOCK] = block[: n - start]
        rows.flush()
        beside.replace(files["vectors"])
    if not files["queries"].exists():
        _save(files["queries"], drawn.rows(queries, np.random.default_rng((drawn.seed, 2))))
    return _judged(folder)


def _judged(folder: Path) -> Data:
    """The set in `folder`, with its exact answers and its hardness, which are worked out once."""
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    asked = np.load(folder / "queries.npy")
    truth = folder / "truth.npy"
    if not truth.exists():
        keys, cosines = nearest(vectors, asked, DIM, min(_NEAR, len(vectors)))
        hardness = measure_hardness(vectors, asked[:300], keys[:300, :K], cosines[:300])
        (folder / "hardness.json").write_text(json.dumps(hardness))
        _save(truth, keys[:, :K])
    return Data(vectors, asked, np.load(truth), json.loads((folder / "hardness.json").read_text()))


def nearest(vectors: Floats, queries: Floats, dim: int, keep: int) -> tuple[Keys, Floats]:
    """Exact cosines at `dim` by matrix product: the `keep` best keys and their cosines, best first."""
    asked = _unit(queries[:, :dim])
    keys = np.empty((len(queries), 0), np.int64)
    best = np.empty((len(queries), 0), np.float32)
    for start in range(0, len(vectors), _ROWS):
        rows = vectors[start : start + _ROWS, :dim]
        cosines = asked @ _unit(rows).T
        few = min(keep, len(rows))
        top = np.argpartition(cosines, len(rows) - few, axis=1)[:, len(rows) - few :]
        best = np.concatenate([best, np.take_along_axis(cosines, top, axis=1)], axis=1)
        keys = np.concatenate([keys, top + start], axis=1)
        order = np.argsort(-best, axis=1, kind="stable")[:, :keep]
        best, keys = np.take_along_axis(best, order, axis=1), np.take_along_axis(keys, order, axis=1)
    return keys, best


def measure_hardness(vectors: Floats, queries: Floats, truth: Keys, cosines: Floats) -> dict[str, Any]:
    """How hard the set is.

    Args:
        cosines: (q, near) those of the nearest, best first.

    Returns:
        overlap: of the exact top 10 at each prefix with the exact top 10 at full dim.
        shortlist: dim -> how many an exact prefix must hand on to hold 0.99 of the answer (None: over 1,000).
        local_intrinsic_dimension: maximum likelihood (Levina and Bickel 2004) over the nearest 100.
    """
    distances = np.sqrt(np.maximum(2 - 2 * cosines.astype(np.float64), 1e-12))
    dimension = 1 / np.log(distances[:, -1:] / distances[:, :-1]).mean(axis=1)
    overlaps, shortlists = {}, {}
    for dim in OVERLAP_DIMS:
        found, _ = nearest(vectors, queries, dim, min(1_000, len(vectors)))
        # place of each true neighbour in the prefix's own order; the end where it is not there
        there = found[:, :, None] == truth[:, None, :]
        places = np.where(there.any(axis=1), there.argmax(axis=1), found.shape[1])
        overlaps[dim] = round(float((places < K).mean()), 3)
        held = np.array([(places < keep).mean() for keep in range(found.shape[1] + 1)])
        shortlists[dim] = int(np.argmax(held >= 0.99)) if held[-1] >= 0.99 else None
    return {
        "overlap": overlaps,
        "shortlist": shortlists,
        "local_intrinsic_dimension": round(float(dimension.mean()), 1),
    }


def recall(found: Keys, truth: Keys) -> float:
    """recall@K: how much of the exact answer was found. Both (q, K)."""
    return float((found[:, :, None] == truth[:, None, :]).any(axis=1).mean())


def _save(path: Path, array: npt.NDArray[Any]) -> None:
    beside = path.with_suffix(".partial")
    with beside.open("wb") as file:
        np.save(file, array)
    beside.replace(path)


def _unit(rows: Floats) -> Floats:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
