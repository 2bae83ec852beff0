"""Linear classification on prefixes: the heads that were trained with the model, and the ways to get along
without them.

"SVD" is the paper's (its eval_ckpts/svd.py): the head of the largest FF model in its best approximation of
rank d. Where no head was trained, for random dims, for a cut embedding or between nested dims, a linear
discriminant stands in (class means and one shared covariance): closed-form, so that every dim can have one.
The paper fits a softmax there. Knows features and labels; no files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mrl_demo.evaluation.paper_figure import Bools, Figure, Floats, Ints, mean_figure
from mrl_demo.evaluation.paper_runs import Head, Run
from mrl_demo.prefix import half_way_dims

SHRINK = 0.1  # of the mean variance is added to every direction, as in probes.py
DRAWS = 3
REFITTED = "discriminant_top_1"  # the metric
_BLOCK = 8192


def right(head: Head, features: Floats, labels: Ints) -> Bools:
    """Whether `head` says the label of each photo: (n,)."""
    return np.asarray(head.logits(features).argmax(axis=1) == labels)


def low_rank(head: Head, rank: int) -> Head:
    """The best approximation of `head` whose weights have at most this rank: what a classifier can do that
    keeps `rank` numbers of an embedding, without training."""
    left, values, across = np.linalg.svd(head.weight, full_matrices=False)
    return Head((left[:, :rank] * values[:rank]) @ across[:rank], head.bias)


def cut(head: Head, dim: int) -> Head:
    """`head` with only its first `dim` columns."""
    return Head(head.weight[:, :dim], head.bias)


@dataclass(frozen=True)
class Discriminant:
    """What linear discriminants of every subspace need of the training features.

    Attributes:
        means: (classes, D) float64.
        within: (D, D) float64, the covariance within classes.
        log_share: (classes,) float64, logarithm of each class's share; a class without photos is never said.
    """

    means: npt.NDArray[np.float64]
    within: npt.NDArray[np.float64]
    log_share: npt.NDArray[np.float64]

    @classmethod
    def of(cls, features: Floats, labels: Ints, classes: int) -> Discriminant:
        counts = np.bincount(labels, minlength=classes).astype(np.float64)
        sums = np.zeros((classes, features.shape[1]))
        square = np.zeros((features.shape[1],) * 2)
        for start in range(0, len(features), _BLOCK):
            block = features[start : start + _BLOCK]
            member = np.eye(classes, dtype=np.float32)[labels[start : start + _BLOCK]]
            sums += member.T @ block
            square += block.T @ block
        means = sums / np.maximum(counts, 1)[:, None]
        within = (square - (means * counts[:, None]).T @ means) / len(features)
        with np.errstate(divide="ignore"):
            return cls(means, within, np.log(counts / len(features)))

    def turned(self, directions: npt.NDArray[np.floating]) -> Discriminant:
        """Of features @ directions, (D, E) orthonormal: a rotation, or chosen dims as columns of 0 and 1."""
        turn = directions.astype(np.float64)
        return Discriminant(self.means @ turn, turn.T @ self.within @ turn, self.log_share)

    def head(self, dim: int) -> Head:
        """The classifier of the first `dim` numbers."""
        means, within = self.means[:, :dim], self.within[:dim, :dim]
        ridge = max(SHRINK * float(np.trace(within)) / dim, float(np.finfo(np.float32).tiny))
        weight = np.linalg.solve(within + ridge * np.eye(dim), means.T).T
        bias = self.log_share - 0.5 * (weight * means).sum(axis=1)
        return Head(weight.astype(np.float32), bias.astype(np.float32))


def principal(features: Floats) -> npt.NDArray[np.float32]:
    """Directions (D, D), those first that hold most of the unit-length rows of `features`: the SVD of the
    paper's retrieval. Not centred, so that at full dim no cosine changes."""
    square = np.zeros((features.shape[1],) * 2)
    for start in range(0, len(features), _BLOCK):
        block = features[start : start + _BLOCK]
        unit = block / np.maximum(
            np.linalg.norm(block, axis=1, keepdims=True), float(np.finfo(np.float32).tiny)
        )
        square += unit.T @ unit
    return np.linalg.eigh(square)[1][:, ::-1].astype(np.float32)


def chosen(full_dim: int, seed: int, draw: int) -> Ints:
    """A random order of the dims: its first d are the random dims of size d."""
    return np.random.default_rng((seed, draw)).permutation(full_dim).astype(np.int64)


def trained(run: Run, labels: Ints) -> Iterator[Figure]:
    """The heads that were trained with the model."""
    for dim, head in run.heads.items():
        yield mean_figure(right(head, run.held_out, labels), "top_1", dim, run.model, seed=run.seed)


def refitted(run: Run, train_labels: Ints, labels: Ints) -> Iterator[Figure]:
    """A discriminant in place of the trained heads, and also at the dims between."""
    found = Discriminant.of(run.train, train_labels, len(next(iter(run.heads.values())).bias))
    for dim in all_dims(run.nested_dims):
        values = right(found.head(dim), run.held_out, labels)
        yield mean_figure(values, REFITTED, dim, run.model, seed=run.seed)


def of_the_largest(
    run: Run, train_labels: Ints, labels: Ints, nested_dims: Sequence[int], draws: int = DRAWS
) -> Iterator[Figure]:
    """What can be made of one FF model without training it for a size: the low rank of its head, its
    principal directions, random dims, its first dims. Heads at the nested dims, discriminants also
    between."""
    whole = run.heads[run.full_dim]
    for dim in nested_dims:
        for model, head in (("SVD", low_rank(whole, dim)), ("FF cut", cut(whole, dim))):
            yield mean_figure(right(head, run.held_out, labels), "top_1", dim, model, seed=run.seed)
    found = Discriminant.of(run.train, train_labels, len(whole.bias))
    everything = np.eye(run.full_dim, dtype=np.float32)
    ways: list[tuple[str, npt.NDArray[np.float32], int | None]] = [
        ("SVD", principal(run.train), None),
        ("FF cut", everything, None),
        *(
            ("random dims", everything[:, chosen(run.full_dim, run.seed, draw)], draw)
            for draw in range(draws)
        ),
    ]
    for model, directions, draw in ways:
        turned, features = found.turned(directions), run.held_out @ directions
        for dim in all_dims(nested_dims):
            values = right(turned.head(dim), features, labels)
            yield mean_figure(values, REFITTED, dim, model, seed=run.seed, draw=draw)


def all_dims(nested_dims: Sequence[int]) -> list[int]:
    """The nested dims and those half-way between."""
    return sorted([*nested_dims, *half_way_dims(nested_dims)])
