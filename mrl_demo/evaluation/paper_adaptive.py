"""Adaptive classification of a trained model: thresholds learned on one half, measured on the other (MRL,
section 4.2.1).

Two ways to learn them: the paper's, which looks for the best accuracy pair by pair, and one threshold for all
dims, the lowest that keeps the full dim's accuracy, which answers "how few dims for the same accuracy". The
rule itself is `adaptive_classification`'s.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mrl_demo.evaluation.adaptive_classification import Point, Said, learn_thresholds, measure
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


def keeping(said: Said, labels: Ints) -> float:
    """The lowest single threshold with which these photos are classified as well as at the full dim.

    From 1 on no dim but the last is sure enough, so there is one.
    """
    whole = float((said.answers[-1] == labels).mean())
    pairs = len(said.dims) - 1
    for threshold in _TRIED.tolist():
        if measure(said, labels, [threshold] * pairs).accuracy >= whole:
            return float(threshold)
    return float(np.nextafter(1, 2))


def of_run(run: Run, labels: Ints, splits: int = SPLITS) -> Iterator[Figure]:
    """Accuracy and expected dims, a Figure a split, and the curve over one threshold for all dims.

    "adaptive" is the paper's way, "adaptive_keeping" the other; "_full" is the full dim on the same half,
    "_last_dim" the expected dim and "_all_dims" the sum of all dims tried. "oracle_top_1" is the share of
    photos that some dim has right.
    """
    said = said_by(run)
    pairs = len(said.dims) - 1
    rng = np.random.default_rng(run.seed)
    for draw in range(splits):
        half, other = np.array_split(rng.permutation(len(labels)), 2)
        learned, tested = said.of(half), said.of(other)
        full = float((tested.answers[-1] == labels[other]).mean())
        for name, thresholds in (
            ("adaptive", learn_thresholds(learned, labels[half])),
            ("adaptive_keeping", np.full(pairs, keeping(learned, labels[half]))),
        ):
            point = measure(tested, labels[other], thresholds)
            yield from _figures(name, point, run, len(other), draw)
            yield _figure(f"{name}_full", full, run, len(other), draw)
    for place, threshold in enumerate(THRESHOLDS.tolist()):
        point = measure(said, labels, [threshold] * pairs)
        yield from _figures("adaptive_curve", point, run, len(labels), place)
    anywhere = (said.answers == labels).any(axis=0)
    yield _figure("oracle_top_1", float(anywhere.mean()), run, len(labels), None)


def _figures(name: str, point: Point, run: Run, n: int, draw: int) -> Iterator[Figure]:
    yield _figure(f"{name}_top_1", point.accuracy, run, n, draw)
    yield _figure(f"{name}_last_dim", point.last_dim, run, n, draw, "dims")
    yield _figure(f"{name}_all_dims", point.all_dims, run, n, draw, "dims")


def _figure(metric: str, value: float, run: Run, n: int, draw: int | None, unit: str = "fraction") -> Figure:
    return Figure(metric, run.full_dim, value, unit, "", model=run.model, n=n, seed=run.seed, draw=draw)
