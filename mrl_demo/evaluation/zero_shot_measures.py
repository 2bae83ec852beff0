"""What zero-shot classification is worth on a collection: accuracy at every dim, and of stopping early.

Joins a classifier with the labels that a collection's columns hold. Knows no encoder and no page.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mrl_demo.evaluation.adaptive_classification import Point, curve, fixed, learn_thresholds, over_splits
from mrl_demo.evaluation.questions import SECOND
from mrl_demo.evaluation.zero_shot import ZeroShotClassifier
from mrl_demo.search.collection import Collection

LEAST = 20  # labelled pictures; fewer say nothing
LOST = 0.005  # of accuracy, for stopping early with one threshold


@dataclass(frozen=True)
class Evidence:
    """Measured on `count` pictures of the collection whose value of `column` is one of the classes.

    Attributes:
        fixed: every dim alone.
        curve: (threshold, what stopping by it gives), one threshold for all dims; always sure to never sure.
        learned: thresholds learned for each pair of dims on one half, measured on the other, as in the paper:
            the mean over `splits` random halvings.
        spread: standard deviation of its accuracy over the halvings.
        thresholds: learned from all these pictures: for new ones.
    """

    column: str
    count: int
    fixed: tuple[Point, ...]
    curve: tuple[tuple[float, Point], ...]
    learned: Point
    spread: float
    splits: int
    thresholds: tuple[float, ...]

    @property
    def cheapest(self) -> float:
        """The smallest threshold of the curve that gives up at most LOST of the accuracy of all dims, or of
        the most there is.
        """
        enough = min(self.fixed[-1].accuracy, max(point.accuracy for _, point in self.curve)) - LOST
        return next(threshold for threshold, point in self.curve if point.accuracy >= enough)


def measure_on(
    collection: Collection, classifier: ZeroShotClassifier, splits: int = 30, seed: int = 0
) -> Evidence | None:
    """Measure a classifier on the collection's own pictures; None where its classes are no values of any
    column.

    Pictures that show a second, different thing are left out: they have two right answers.
    """
    column, keys = labelled(collection, classifier.names)
    if len(keys) < LEAST:
        return None
    said = classifier.said(np.asarray(collection.embeddings[keys], np.float32))
    labels = classifier.places(np.asarray(collection.attributes[column])[keys].tolist())
    halved = over_splits(said, labels, splits, seed)
    mean = Point(
        *(float(np.mean([getattr(point, name) for point in halved])) for name in Point.__annotations__)
    )
    return Evidence(
        column=column,
        count=len(keys),
        fixed=tuple(fixed(said, labels)),
        curve=tuple(curve(said, labels)),
        learned=mean,
        spread=float(np.std([point.accuracy for point in halved])),
        splits=splits,
        thresholds=tuple(learn_thresholds(said, labels).tolist()),
    )


def labelled(collection: Collection, names: tuple[str, ...]) -> tuple[str, npt.NDArray[np.int64]]:
    """The column with the most pictures whose value is one of `names`, and the keys of these pictures.

    A column that holds but one of the classes does not count: a single class teaches nothing.
    """
    best, found = "", np.zeros(0, np.int64)
    for column, values in collection.attributes.items():
        if values.dtype.kind != "U":
            continue
        fits = np.isin(values, names)
        second = collection.attributes.get(SECOND + column)
        if second is not None:
            fits &= second == ""
        if len(np.unique(values[fits])) >= 2 and fits.sum() > len(found):
            best, found = column, np.flatnonzero(fits)
    return best, found


def class_names(collection: Collection) -> list[str]:
    """The classes to begin with: the values of "category", or else of the first column of words that has from
    2 to 100; [] where there is none."""
    columns = collection.attributes
    for column in sorted(columns, key=lambda name: name != "category"):
        if columns[column].dtype.kind == "U":
            values = np.unique(columns[column]).tolist()
            if 2 <= len(values) <= 100 and "" not in values:
                return [str(value) for value in values]
    return []
