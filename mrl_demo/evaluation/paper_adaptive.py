"""Adaptive classification as Figures: thresholds learned on one half, measured on the other (MRL, section
4.2.1).

Two ways to learn them: the paper's, which looks for the best accuracy pair by pair, and one threshold for all
dims, the lowest that keeps the full dim's accuracy, which answers "how few dims for the same accuracy". The
rule itself is `adaptive_classification`'s.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mrl_demo.evaluation.adaptive_classification import (
    Floats,
    Point,
    Said,
    learn_thresholds,
    never_stop,
    one_for_all,
    over_splits,
)
from mrl_demo.evaluation.paper_figure import Figure, Ints
from mrl_demo.evaluation.paper_runs import Run

SPLITS = 30
THRESHOLDS = np.linspace(0, 1, 21)  # of the curve
_TRIED = np.linspace(0, 1, 101)


def said_by(run: Run) -> Said:
    """What each head answers for the held-out photos, and its largest softmax probability."""
    answers, sure = [], []
    for head in run.heads.values():
        logits = head.logits(run.held_out).astype(np.float64)
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        answers.append(logits.argmax(axis=1))
        sure.append(1 / odds.sum(axis=1))
    return Said(run.nested_dims, np.stack(answers).astype(np.int64), np.stack(sure))


def keeping(said: Said, labels: Ints) -> Floats:
    """The lowest single threshold with which these photos are classified as well as at the full dim, for each
    pair of dims.

    From 1 on no dim but the last is sure enough, so there is one.
    """
    whole = float((said.answers[-1] == labels).mean())
    enough = (at for at, point in one_for_all(said, labels, _TRIED.tolist()) if point.accuracy >= whole)
    return np.full(len(said.dims) - 1, next(enough, float(np.nextafter(1, 2))))


def of_run(run: Run, labels: Ints, splits: int = SPLITS) -> Iterator[Figure]:
    """The Figures of a trained model's heads; see `figures`."""
    return figures(said_by(run), labels, run.model, run.seed, splits)


def figures(said: Said, labels: Ints, model: str, seed: int, splits: int = SPLITS) -> Iterator[Figure]:
    """Accuracy and expected dims, a Figure a split, and the curve over one threshold for all dims.

    "adaptive" is the paper's way, "adaptive_keeping" the other; "_full" is the full dim on the same half,
    "_last_dim" the expected dim and "_all_dims" the sum of all dims tried. "oracle_top_1" is the share of
    photos that some dim has right.
    """

    def figure(metric: str, value: float, n: int, draw: int | None = None, unit: str = "fraction") -> Figure:
        return Figure(metric, said.dims[-1], value, unit, "", model=model, n=n, seed=seed, draw=draw)

    def of_point(name: str, point: Point, n: int, draw: int) -> Iterator[Figure]:
        yield figure(f"{name}_top_1", point.accuracy, n, draw)
        yield figure(f"{name}_last_dim", point.last_dim, n, draw, "dims")
        yield figure(f"{name}_all_dims", point.all_dims, n, draw, "dims")

    tested = len(labels) - len(labels) // 2
    full = over_splits(said, labels, splits, seed, never_stop)
    for name, learn in (("adaptive", learn_thresholds), ("adaptive_keeping", keeping)):
        for draw, point in enumerate(over_splits(said, labels, splits, seed, learn)):
            yield from of_point(name, point, tested, draw)
            yield figure(f"{name}_full", full[draw].accuracy, tested, draw)
    for place, (_, point) in enumerate(one_for_all(said, labels, THRESHOLDS.tolist())):
        yield from of_point("adaptive_curve", point, len(labels), place)
    yield figure("oracle_top_1", float((said.answers == labels).any(axis=0).mean()), len(labels))
