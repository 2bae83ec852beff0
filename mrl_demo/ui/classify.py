"""What the Classify tab shows: what every dim says of one picture, and what stopping early is worth here.

Classifiers are kept by their class names, so that changing the picture encodes no name twice. Knows queries,
classifiers and the collection; nothing of Gradio or HTML.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from mrl_demo.collection.fit import must_fit
from mrl_demo.errors import QueryError
from mrl_demo.evaluation.adaptive_classification import Point
from mrl_demo.evaluation.zero_shot import Prediction, TwoTowers, ZeroShotClassifier, check_names
from mrl_demo.evaluation.zero_shot_measures import Evidence, class_names, labelled, measure_on
from mrl_demo.prefix import truncate
from mrl_demo.ui.queries import Queries

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection
    from mrl_demo.search.hits import Keys

KEPT = 32  # classifiers with what they are worth; some 100 kB each
MOST_NAMES = 200
TOP = 3  # classes named a dim
EXAMPLES = 8


class Classifiers:
    """Zero-shot classifiers over any names, each measured once on the collection."""

    def __init__(self, queries: Queries) -> None:
        self.queries = queries
        self._kept: OrderedDict[tuple[str, ...], tuple[ZeroShotClassifier, Evidence | None]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, names: Any, wait: float = 0.0) -> tuple[ZeroShotClassifier, Evidence | None]:
        """The classifier of these names and what it is worth on the collection (None: nothing to measure by).

        `names` is a list, or a text with a name a line. Raises QueryError for names that cannot be classes,
        EncoderLoading while the encoder is on its way (after `wait` seconds).
        """
        classes = read_names(names)
        with self._lock:
            if classes in self._kept:
                self._kept.move_to_end(classes)
                return self._kept[classes]
        encoder = self.queries.encoder.get(wait)
        must_fit(self.queries.collection.pack, encoder)
        classifier = ZeroShotClassifier(cast(TwoTowers, encoder), classes)
        made = classifier, measure_on(self.queries.collection, classifier)
        with self._lock:
            self._kept[classes] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made

    def classify(self, picture: Any, names: Any, wait: float = 0.0) -> dict[str, Any]:
        """What every dim says of `picture` (`{"kind": "image" | "item", ...}`), ready for JSON."""
        if not isinstance(picture, dict) or picture.get("kind") not in ("image", "item"):
            raise QueryError("Choose a picture to classify: an upload, or one of the collection.")
        query = self.queries.resolve(picture, wait)
        classifier, evidence = self.get(names, wait)
        said = classifier.predict_embedding(query.embedding)
        return {
            "picture": {"kind": query.kind, "key": query.key, "label": query.label},
            "names": list(classifier.names),
            "warnings": list(query.warnings),
            "said": dims_said(said, classifier.names),
            "evidence": None if evidence is None else evidence_words(evidence, classifier.dims),
        }


def read_names(names: Any) -> tuple[str, ...]:
    """Class names from a list, or from a text with one a line; empty lines are passed over."""
    if isinstance(names, str):
        names = [line for line in names.splitlines() if line.strip()]
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise QueryError("class names are a list of words, or a text with one a line")
    if len(names) > MOST_NAMES:
        raise QueryError(f"at most {MOST_NAMES} classes can be compared here, got {len(names)}")
    return check_names(names)


def dims_said(said: Prediction, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Each dim's best classes: {dim, confidence, top: [[name, probability]]}."""
    rows = []
    for one in said.said:
        best = np.argsort(one.probabilities)[::-1][:TOP]
        top = [[names[place], round(one.probabilities[place], 4)] for place in best]
        rows.append({"dim": one.dim, "confidence": one.confidence, "top": top})
    return rows


def evidence_words(evidence: Evidence, dims: tuple[int, ...]) -> dict[str, Any]:
    """What was measured, ready for JSON. The curve's ends stop any picture at once, and none."""
    curve = [{"threshold": at, **point_words(one)} for at, one in evidence.curve]
    curve[0]["threshold"], curve[-1]["threshold"] = 0.0, 1.0001
    return {
        "column": evidence.column,
        "count": evidence.count,
        "splits": evidence.splits,
        "spread": round(evidence.spread, 4),
        "cheapest": evidence.cheapest,
        "thresholds": list(evidence.thresholds),
        "learned": point_words(evidence.learned),
        "fixed": [{"dim": dim, **point_words(one)} for dim, one in zip(dims, evidence.fixed, strict=True)],
        "curve": curve,
    }


def point_words(point: Point) -> dict[str, float]:
    return {
        "accuracy": round(point.accuracy, 4),
        "last_dim": round(point.last_dim, 2),
        "all_dims": round(point.all_dims, 2),
    }


def example_keys(queries: Queries) -> list[int]:
    """Pictures to begin with: of as many classes one each that shows nothing else, the most typical of the
    first class, the least typical of the last, so that they stop early and late; without classes, spread over
    the collection."""
    collection = queries.collection
    names = class_names(collection)
    count = len(collection)
    column, alone = labelled(collection, tuple(names))
    values = collection.attributes[column][alone] if column else np.array([])
    there = [name for name in names if name in values]
    if there:
        chosen = there[:: max(1, len(there) // EXAMPLES)][:EXAMPLES]
        of_each = [alone[np.flatnonzero(values == name)] for name in chosen]
        places = np.linspace(0, 1, len(chosen))
        return [
            int(by_typicality(collection, keys)[round(place * (len(keys) - 1))])
            for keys, place in zip(of_each, places, strict=True)
        ]
    return list(range(0, count, max(1, count // EXAMPLES)))[:EXAMPLES]


def by_typicality(collection: Collection, keys: Keys) -> Keys:
    """`keys` of pictures, the nearest to the mean of their embeddings first."""
    rows = truncate(np.asarray(collection.pack.embeddings[keys], np.float32), collection.full_dim)
    return keys[np.argsort(-(rows @ rows.mean(axis=0)), kind="stable")]


def stopped(answer: dict[str, Any], threshold: float | None) -> dict[str, Any]:
    """An answer of `Classifiers.classify` with where it stops: by one threshold, or by those learned.

    Raises QueryError for a threshold outside 0..1, and for none where nothing could be learned.
    """
    said, evidence = answer["said"], answer["evidence"]
    if threshold is None and evidence is None:
        raise QueryError(
            "threshold is needed: these classes are no values of a column of the collection, so none can be "
            "learned"
        )
    if threshold is not None and (isinstance(threshold, bool) or not 0 <= threshold <= 1):
        raise QueryError(f"threshold must be a number from 0 to 1, got {threshold!r}")
    each = evidence["thresholds"] if threshold is None else [threshold] * (len(said) - 1)
    sure = (one for one, enough in zip(said, each, strict=False) if one["confidence"] >= enough)
    stop = next(sure, said[-1])
    first = {"label": stop["top"][0][0], "confidence": stop["confidence"], "dim": stop["dim"]}
    return {**first, "thresholds": each, **answer}
