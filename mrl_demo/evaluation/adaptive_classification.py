"""Classification that stops at the smallest prefix whose answer is sure enough (MRL, section 4.2.1,
appendix D).

Works on what each nested dim said: confidences and answers of any classifier, softmax or zero-shot. Knows no
model; nothing here is random but the halves that `over_splits` draws from its seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

GRID = 100  # thresholds tried for each pair of dims, as in the paper

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Thresholds = Sequence[float] | Floats


@dataclass(frozen=True)
class Said:
    """What every nested dim answered, for n pictures.

    Attributes:
        dims: the nested dims, growing, (m,).
        answers: (m, n) int64, the class each dim says.
        confidences: (m, n) float, how sure it is: the largest softmax probability, or similarity.
    """

    dims: tuple[int, ...]
    answers: Ints
    confidences: Floats

    def __post_init__(self) -> None:
        """Raises ValueError when the shapes do not fit or the dims do not grow."""
        if list(self.dims) != sorted(set(self.dims)) or not self.dims:
            raise ValueError(f"dims must grow, got {self.dims}")
        shape = np.shape(self.answers)
        if len(shape) != 2 or shape[0] != len(self.dims) or shape != np.shape(self.confidences):
            raise ValueError(
                f"answers and confidences must be ({len(self.dims)}, n), "
                f"got {shape} and {np.shape(self.confidences)}"
            )

    def of(self, rows: Ints) -> Said:
        """The same for some of the pictures."""
        return Said(self.dims, self.answers[:, rows], self.confidences[:, rows])


@dataclass(frozen=True)
class Point:
    """One way to classify: its accuracy, and what it costs a picture on average.

    Attributes:
        accuracy: share of right answers.
        last_dim: mean of the dim at which it stopped (the paper's expected dimensionality).
        all_dims: mean of the sum of all dims tried on the way (the paper's stricter count).
    """

    accuracy: float
    last_dim: float
    all_dims: float


def learn_thresholds(said: Said, labels: Ints) -> Floats:
    """One threshold for each pair of neighbouring dims: (m - 1,).

    For each pair, the smallest of a grid of 100 over the confidences' range with the best accuracy when the
    smaller dim answers wherever it is at least that sure, and the larger dim elsewhere.
    """
    thresholds = np.empty(len(said.dims) - 1)
    for place in range(len(thresholds)):
        sure = said.confidences[place]
        right, right_above = (said.answers[place] == labels), (said.answers[place + 1] == labels)
        grid = np.linspace(sure.min(), sure.max(), GRID)
        stays = sure[None, :] >= grid[:, None]
        accuracy = np.where(stays, right, right_above).mean(axis=1)
        thresholds[place] = grid[np.flatnonzero(accuracy >= accuracy.max() - 1e-12)[0]]
    return thresholds


def never_stop(said: Said, labels: Ints) -> Floats:
    """Thresholds that no dim reaches, so that the last one always answers; learned from nothing."""
    return np.full(len(said.dims) - 1, np.inf)


def stops(said: Said, thresholds: Thresholds) -> Ints:
    """Where each picture stops: the place of its dim in `said.dims`, (n,).

    The first dim that is at least as sure as its threshold; the last dim where none is.
    """
    if len(thresholds) != len(said.dims) - 1:
        raise ValueError(f"{len(said.dims)} dims need {len(said.dims) - 1} thresholds, got {len(thresholds)}")
    sure = said.confidences[:-1] >= np.asarray(thresholds, float)[:, None]
    last = np.ones((1, said.confidences.shape[1]), bool)
    first: Ints = np.vstack([sure, last]).argmax(axis=0).astype(np.int64)
    return first


def measure(said: Said, labels: Ints, thresholds: Thresholds) -> Point:
    """Accuracy and expected dims of stopping by `thresholds`."""
    at = stops(said, thresholds)
    answers = said.answers[at, np.arange(len(at))]
    dims = np.array(said.dims)
    return Point(
        accuracy=float((answers == labels).mean()),
        last_dim=float(dims[at].mean()),
        all_dims=float(np.cumsum(dims)[at].mean()),
    )


def fixed(said: Said, labels: Ints) -> list[Point]:
    """Every dim alone, as if each had a model of its own."""
    accuracies = (said.answers == labels).mean(axis=1)
    return [Point(float(right), dim, dim) for dim, right in zip(said.dims, accuracies, strict=True)]


def over_splits(
    said: Said,
    labels: Ints,
    splits: int = 30,
    seed: int = 0,
    learn: Callable[[Said, Ints], Thresholds] = learn_thresholds,
) -> list[Point]:
    """Thresholds learned on one random half, measured on the other, `splits` times (the paper: 30).

    Args:
        learn: how thresholds are learned from what is said of some pictures, and their labels; the same seed
            halves alike whatever it is.

    Raises:
        ValueError: fewer than two pictures, which have no halves.
    """
    if len(labels) < 2:
        raise ValueError(
            f"thresholds need two pictures or more, to learn on some and measure on others; got {len(labels)}"
        )
    rng = np.random.default_rng(seed)
    points = []
    for _ in range(splits):
        order = rng.permutation(len(labels))
        half, other = order[: len(order) // 2], order[len(order) // 2 :]
        points.append(measure(said.of(other), labels[other], learn(said.of(half), labels[half])))
    return points


def curve(said: Said, labels: Ints, count: int = 50) -> list[tuple[float, Point]]:
    """One threshold for all pairs, from always sure to never sure: (threshold, what it gives). With a
    single dim all give the same."""
    deciding = said.confidences[:-1] if len(said.dims) > 1 else said.confidences
    low, high = float(deciding.min()), float(deciding.max())
    return list(one_for_all(said, labels, np.linspace(low, np.nextafter(high, np.inf), count).tolist()))


def one_for_all(said: Said, labels: Ints, thresholds: Iterable[float]) -> Iterator[tuple[float, Point]]:
    """Each threshold in turn, for all pairs alike: (threshold, what it gives)."""
    for threshold in thresholds:
        yield threshold, measure(said, labels, [threshold] * (len(said.dims) - 1))
