"""Vectors that are no Matryoshka embedding, and the remedy: a rotation that puts what varies most first.

A rotation changes no cosine at full dim, so the exact answer stays what it is; only the prefixes gain. The
best linear one is PCA's, here about the origin and not about the mean, because a cosine is. Knows vectors;
no cascade.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import Floats
from mrl_demo.search.ranks import ranks
from mrl_demo.search.rerank import Rows
from mrl_demo.search.sample import answer

FAR_BELOW = 0.1  # a prefix that keeps so much less than PCA's is no good Matryoshka prefix
_ROWS = 20_000  # looked at: enough for the directions, and for telling prefixes apart
_QUERIES = 100
_BLOCK = 4096
_SHORTLIST = 2  # times k: what a prefix hands on when it is compared


@dataclass(frozen=True)
class PrefixLoss:
    """What a prefix keeps of the exact answer in a shortlist of 2 k, as it is and after PCA, on a sample.

    Attributes:
        dim: the prefix.
        recall: as the vectors are.
        rotated_recall: after the rotation, at the same dim.
    """

    dim: int
    recall: float
    rotated_recall: float

    @property
    def far_below(self) -> bool:
        return self.recall < self.rotated_recall - FAR_BELOW


def pca_rotation(rows: Rows, seed: int = 0) -> Floats:
    """Orthogonal (full_dim, full_dim) float32 R: `x @ R` has the same cosines, and its first dims carry most.

    Computed from up to 20,000 rows drawn by `seed`, each of unit length, as cosines see them. A column's sign
    is the one that makes its largest number positive, so that the same rows give the same rotation.
    """
    sample = _unit(_drawn(rows, np.random.default_rng(seed))).astype(np.float64)
    _, directions = np.linalg.eigh(sample.T @ sample)
    rotation = directions[:, ::-1]  # the largest variance first
    largest = np.take_along_axis(rotation, np.abs(rotation).argmax(axis=0)[None], axis=0)
    return np.ascontiguousarray(rotation * np.where(largest < 0, -1, 1), np.float32)


def prefix_losses(rows: Rows, dims: Sequence[int], k: int = 10, seed: int = 0) -> list[PrefixLoss]:
    """How much each of `dims` (ascending) keeps, beside what it would keep after PCA. Empty where there are
    too few rows to tell.

    Seen on up to 20,000 rows, of which 100 are taken out as queries; the rotation is computed without them.
    """
    drawn = _drawn(rows, np.random.default_rng(seed))
    queries, others = drawn[:_QUERIES], drawn[_QUERIES:]
    if len(others) < 20 * k or not np.any(others) or not np.all(np.any(queries, axis=1)):
        return []
    plain = Engine(others)
    rotation = pca_rotation(plain.rows, seed)
    turned = Engine(others @ rotation)
    answers = answer(plain, queries, None, k), answer(turned, queries @ rotation, None, k)
    found = [ranks(e.rows, s, dims) for e, s in zip((plain, turned), answers, strict=True)]
    shares = [{dim: float((each[dim] < _SHORTLIST * k).mean()) for dim in dims} for each in found]
    return [PrefixLoss(dim, shares[0][dim], shares[1][dim]) for dim in dims]


def _drawn(rows: Rows, rng: np.random.Generator) -> Floats:
    """Up to 20,000 rows in random order, read in runs, as files like to be read: (m, full_dim) float32."""
    runs = np.array_split(np.arange(rows.n), max(1, min(rows.n, _ROWS) // 20))
    length = max(1, min(rows.n, _ROWS) // len(runs))
    blocks = [rows.block(int(run[0]), int(run[0]) + min(length, len(run)), rows.full_dim) for run in runs]
    return rng.permutation(np.concatenate(blocks))


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)
