"""Zero-shot classification of a collection that stops early, as a result file: `zero-shot`.

The same Figures as of trained heads (`paper_adaptive`), so that they are shown as the same tables. Knows an
encoder only by what it can do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mrl_demo.circumstances import circumstances
from mrl_demo.collection.fit import Named, must_fit
from mrl_demo.errors import CollectionError
from mrl_demo.evaluation import paper_adaptive
from mrl_demo.evaluation.paper_figure import mean_figure
from mrl_demo.evaluation.report import write_result
from mrl_demo.evaluation.zero_shot import TwoTowers, ZeroShotClassifier, check_names
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
    data: str = field(
        default="",
        metadata={
            "help": "labelled photos instead of a collection, as `train --data` takes them: those that the "
            "checkpoint's training held out, by the names of their classes"
        },
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


@dataclass(frozen=True)
class Labelled:
    """What is to be classified.

    Attributes:
        embeddings: (n, full_dim), of the encoder that is asked.
        labels: (n,), each of `classes`.
        title, what: what people call the pictures, and what is to be known about them, as clauses.
        data, model: what a result file says of the pictures and of the encoder.
    """

    embeddings: npt.NDArray[np.float32]
    labels: list[str]
    classes: Sequence[str]
    title: str
    what: str
    data: dict[str, Any]
    model: dict[str, Any]


def of_collection(config: ZeroShotConfig, encoder: Encoder, collection: Collection) -> Labelled:
    """The pictures of a collection that show one of `config.names`, or of `class_names`, and nothing else.

    Raises:
        CollectionError: it was embedded by another encoder, or has too few such pictures.
    """
    must_fit(collection.pack, encoder)
    names = check_names(config.names or class_names(collection))
    column, keys = labelled(collection, names)
    if len(keys) < LEAST:
        raise CollectionError(
            f"{len(keys)} pictures of {collection.title} show one of these classes and nothing else; "
            f"at least {LEAST} are needed"
        )
    return Labelled(
        np.asarray(collection.embeddings[keys], np.float32),
        np.asarray(collection.attributes[column])[keys].tolist(),
        names,
        collection.title,
        f"its {column}; those that show a second thing are left out",
        {"name": collection.name, "title": collection.title, "count": len(keys)},
        dict(collection.model),
    )


def run(config: ZeroShotConfig, encoder: TwoTowers, pictures: Labelled) -> dict[str, Any]:
    """Measure, write `config.out` whole or not at all, and return its content.

    Raises:
        QueryError: fewer than two classes, or one twice.
    """
    classifier = ZeroShotClassifier(encoder, pictures.classes)
    said = classifier.said(pictures.embeddings)
    labels = classifier.places(pictures.labels)
    fixed = [
        mean_figure(answers == labels, "zero_shot_top_1", dim, MODEL, seed=config.seed)
        for dim, answers in zip(said.dims, said.answers, strict=True)
    ]
    fields = {
        **circumstances(),
        "kind": "comparison",
        "title": f"Zero-shot classification that stops early: {pictures.title}",
        "what": f"each picture is of the nearest of {len(classifier.names)} classes ({pictures.what}). "
        "How sure a dim is: the probability of its best class.",
        "seed": config.seed,
        "data": pictures.data,
        "model": pictures.model,
        "classes": list(classifier.names),
    }
    return write_result(
        config.out, fields, [*fixed, *paper_adaptive.figures(said, labels, MODEL, config.seed, config.splits)]
    )
