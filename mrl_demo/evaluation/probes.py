"""What each prefix knows: how well a linear classifier reads every attribute off the first d numbers.

`python -m mrl_demo probes` writes one result file, which the page draws. The encoder is frozen and not even
loaded: only stored vectors and columns are read. NumPy alone; knows no search.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mrl_demo.circumstances import circumstances
from mrl_demo.errors import CollectionError
from mrl_demo.evaluation.questions import SECOND
from mrl_demo.evaluation.report import write_result
from mrl_demo.evaluation.score import Score, mean_score
from mrl_demo.prefix import truncate
from mrl_demo.search.collection import Collection

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

PENALTIES = (1e-2, 1e-3, 1e-4)
STEPS = 100
SHRINK = 0.1  # of the mean variance: keeps directions that hardly vary from being blown up
RAREST = 10  # pictures; a value that fewer have is left out, it could not be learned and tested
MOST_VALUES = 200  # a column with more is an identity or a text, not an attribute


@dataclass(frozen=True)
class ProbesConfig:
    """`probes`: which collection, and where to write."""

    collection: Path = field(default=Path("assets/still-life"), metadata={"help": "the collection's folder"})
    out: Path = field(
        default=Path("assets/results/probes.json"), metadata={"help": "the result file to write"}
    )
    seed: int = field(default=0, metadata={"help": "seed of the split into learned, chosen by and tested"})


@dataclass(frozen=True)
class Labels:
    """A column as classes.

    Attributes:
        values: the classes' names, by class.
        rows: the items that have one of them, (m,).
        classes: of those items, (m,) from 0 to len(values) - 1.
    """

    values: tuple[str, ...]
    rows: Ints
    classes: Ints

    @property
    def commonest(self) -> float:
        """The share of right answers of who always says the commonest value."""
        return float(np.bincount(self.classes).max() / len(self.classes))


def run(config: ProbesConfig, collection: Collection | None = None) -> dict[str, Any]:
    """Probe every attribute at every dim, write `config.out` whole or not at all, print the table.

    Args:
        collection: None opens `config.collection`.

    Returns:
        The result file's content.

    Raises:
        CollectionError: the collection is missing or damaged, or has no column to probe.
    """
    collection = collection or Collection.open(config.collection)
    columns = probed_columns(collection)
    if not columns:
        raise CollectionError(
            f"{collection.title} has no attribute to probe: a column needs 2 to {MOST_VALUES} values that at "
            f"least {RAREST} items have"
        )
    scores = []
    for dim in probed_dims(collection.nested_dims, collection.full_dim):
        here = list(probe_scores(collection, columns, dim, config.seed))
        scores += here
        print(f"{dim:5}  " + "  ".join(f"{score.truth} {score.value:.3f}" for score in here), flush=True)
    return write_result(
        config.out,
        {
            **circumstances(),
            "seed": config.seed,
            "config": {name: str(value) for name, value in asdict(config).items()},
            "what": "accuracy of a linear classifier on the frozen first d numbers, on items it did not learn"
            " from; half of the items learn, a fifth choose the penalty, the rest are tested; items that"
            " show two different things are left out",
            "data": {"name": collection.name, "title": collection.title, "count": len(collection)},
            "model": {
                **collection.model,
                "full_dim": collection.full_dim,
                "nested_dims": list(collection.nested_dims),
            },
            "attributes": {
                name: {
                    "values": len(labels.values),
                    "items": len(labels.rows),
                    "commonest": round(labels.commonest, 4),
                }
                for name, labels in columns.items()
            },
        },
        scores,
    )


def probed_dims(nested_dims: Sequence[int], full_dim: int) -> list[int]:
    """Two dims an octave from 2 up, every trained dim and the last: where a prefix is looked into."""
    octaves = {2**power for power in range(1, 16)} | {3 * 2**power for power in range(15)}
    return sorted(dim for dim in octaves | {*nested_dims, full_dim} if min(2, full_dim) <= dim <= full_dim)


def probed_columns(collection: Collection) -> dict[str, Labels]:
    """The columns that are attributes: 2 to 200 values that at least 10 items have each.

    Items of two things are left out: nothing in them says which is the main one, that the columns tell of.
    """
    columns = {}
    second = collection.attributes.get(SECOND + "category")
    single = np.arange(len(collection)) if second is None else np.flatnonzero(np.asarray(second) == "")
    for name, column in collection.attributes.items():
        values, classes, counts = np.unique(
            np.asarray(column)[single], return_inverse=True, return_counts=True
        )
        kept = np.flatnonzero(counts >= RAREST)
        if len(kept) < 2 or len(values) > MOST_VALUES or values.dtype.kind == "f":
            continue
        known = np.isin(classes, kept)
        columns[name] = Labels(
            values=tuple(str(values[each]) for each in kept),
            rows=single[known].astype(np.int64),
            classes=np.searchsorted(kept, classes[known]).astype(np.int64),
        )
    return columns


def probe_scores(
    collection: Collection, columns: Mapping[str, Labels], dim: int, seed: int
) -> Iterator[Score]:
    """The accuracy of each column's probe at `dim`, over the items that are tested."""
    prefixes = truncate(np.asarray(collection.embeddings, np.float32), dim)
    learned, choosing, tested = split(len(collection), seed)
    features = standardised(prefixes, learned)
    for name, labels in columns.items():
        place = np.full(len(collection), -1, np.int64)
        place[labels.rows] = labels.classes
        parts = [(features[part], place[part]) for part in (learned, choosing, tested)]
        fit, choose, test = [(x[y >= 0], y[y >= 0]) for x, y in parts]
        weights = best_probe(fit, choose, len(labels.values))
        yield mean_score(
            right(weights, *test),
            metric="accuracy",
            dim=dim,
            retrieval="linear probe",
            truth=name,
            data=collection.name,
            seed=seed,
        )


def split(count: int, seed: int) -> tuple[Ints, Ints, Ints]:
    """Rows to learn from (half), to choose the penalty by (a fifth) and to test on (the rest), by `seed`."""
    order = np.random.default_rng(seed).permutation(count).astype(np.int64)
    return order[: count // 2], order[count // 2 : count * 7 // 10], order[count * 7 // 10 :]


def standardised(prefixes: Floats, learned: Ints) -> Floats:
    """Prefixes (n, d) as features for `fit_probe`: (n, d + 1) float32, the last column 1.

    Centred, turned to the principal directions of the rows `learned` and scaled so that none varies by more
    than 1: a descent then takes the same few steps at 8 and at 512 dims.
    """
    centred = prefixes.astype(np.float64) - prefixes[learned].mean(axis=0, dtype=np.float64)
    spread = centred[learned].T @ centred[learned] / len(learned)
    variances, directions = np.linalg.eigh(spread)
    variances = np.maximum(variances, 0)
    floor = max(SHRINK * float(variances.mean()), np.finfo(np.float32).tiny)
    scaled = (centred @ directions) / np.sqrt(variances + floor)
    return np.hstack([scaled, np.ones((len(prefixes), 1))]).astype(np.float32)


def best_probe(fit: tuple[Floats, Ints], choose: tuple[Floats, Ints], classes: int) -> Floats:
    """The probe learned on `fit`, (features, classes), with the penalty that does best on `choose`: the
    strongest of equals."""
    best, weights = -1.0, np.zeros((fit[0].shape[1], classes), np.float32)
    for penalty in PENALTIES:
        tried = fit_probe(*fit, classes, penalty)
        accuracy = float(right(tried, *choose).mean()) if len(choose[1]) else 0.0
        if accuracy > best:
            best, weights = accuracy, tried
    return weights


def fit_probe(features: Floats, labels: Ints, classes: int, penalty: float) -> Floats:
    """Multinomial logistic regression with an L2 penalty: weights (features, classes).

    Accelerated gradient descent (Nesterov 1983) with the step that Boehning's bound of the curvature
    (1992) allows for `standardised` features; deterministic, no line search.
    """
    targets = np.eye(classes, dtype=np.float32)[labels]
    weights = ahead = np.zeros((features.shape[1], classes), np.float32)
    momentum = 1.0
    for _ in range(STEPS):
        odds = features @ ahead
        odds = np.exp(odds - odds.max(axis=1, keepdims=True))
        wrong = odds / odds.sum(axis=1, keepdims=True) - targets
        gradient = features.T @ wrong / len(labels) + penalty * ahead
        new = ahead - gradient / (0.5 + penalty)
        grown = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = new + np.float32((momentum - 1) / grown) * (new - weights)
        weights, momentum = new, grown
    return weights


def right(weights: Floats, features: Floats, labels: Ints) -> npt.NDArray[np.float64]:
    """1 where an item's class is the one its features say, else 0: (m,)."""
    return np.asarray((features @ weights).argmax(axis=1) == labels, np.float64)
