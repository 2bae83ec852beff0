"""Zero-shot classification of a collection that stops early, as a result file: `zero-shot`.

The same Figures as of trained heads (`paper_adaptive`), so that they are shown as the same tables. Knows an
encoder only by what it can do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from mrl_demo.circumstances import circumstances
from mrl_demo.collection.fit import Named, must_fit
from mrl_demo.errors import CollectionError
from mrl_demo.evaluation import paper_adaptive
from mrl_demo.evaluation.paper_figure import mean_figure
from mrl_demo.evaluation.report import write_result
from mrl_demo.evaluation.zero_shot import TwoTowers, ZeroShotClassifier
from mrl_demo.evaluation.zero_shot_measures import LEAST, class_names, labelled
from mrl_demo.search.collection import Collection

MODEL = "MRL"


class Encoder(TwoTowers, Named, Protocol):
    """What is asked of an encoder here."""


@dataclass(frozen=True)
class ZeroShotConfig:
    """`zero-shot`: how well, and at how few dims, an encoder tells what a collection's pictures show."""

    collection: Path = field(default=Path("assets/still-life"), metadata={"help": "the collection's folder"})
    checkpoint: Path = field(
        default=Path("checkpoints/still-life"), metadata={"help": "the encoder's folder"}
    )
    out: Path = field(
        default=Path("assets/results/zero-shot.json"), metadata={"help": "the result file to write"}
    )
    names: tuple[str, ...] = field(
        default=(), metadata={"help": "the classes, values of one column; else those of the first column"}
    )
    splits: int = field(default=30, metadata={"help": "random halves to learn thresholds on"})
    seed: int = field(default=0, metadata={"help": "seed of the halves"})

    def __post_init__(self) -> None:
        if self.splits < 1:
            raise ValueError(f"splits must be at least 1, got {self.splits}")


def run(config: ZeroShotConfig, encoder: Encoder, collection: Collection | None = None) -> dict[str, Any]:
    """Measure, write `config.out` whole or not at all, and return its content.

    Args:
        collection: None opens `config.collection`.

    Raises:
        CollectionError: the collection is missing or damaged, was embedded by another encoder, or has too few
            pictures of the classes.
        QueryError: fewer than two classes, or one twice.
    """
    collection = collection or Collection.open(config.collection)
    must_fit(collection.pack, encoder)
    classifier = ZeroShotClassifier(encoder, config.names or class_names(collection))
    column, keys = labelled(collection, classifier.names)
    if len(keys) < LEAST:
        raise CollectionError(
            f"{len(keys)} pictures of {collection.title} show one of these classes and nothing else; "
            f"at least {LEAST} are needed"
        )
    said = classifier.said(np.asarray(collection.embeddings[keys], np.float32))
    labels = classifier.places(np.asarray(collection.attributes[column])[keys].tolist())
    fixed = [
        mean_figure(answers == labels, "zero_shot_top_1", dim, MODEL, seed=config.seed)
        for dim, answers in zip(said.dims, said.answers, strict=True)
    ]
    fields = {
        **circumstances(),
        "kind": "comparison",
        "title": f"Zero-shot classification that stops early: {collection.title}",
        "what": f"each picture is of the nearest of {len(classifier.names)} classes (its {column}); those"
        " that show a second thing are left out. How sure a dim is: the probability of its best class.",
        "seed": config.seed,
        "data": {"name": collection.name, "title": collection.title, "count": len(keys)},
        "model": collection.model,
        "classes": list(classifier.names),
    }
    return write_result(
        config.out, fields, [*fixed, *paper_adaptive.figures(said, labels, MODEL, config.seed, config.splits)]
    )
