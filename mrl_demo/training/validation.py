"""What a model scores on pictures it was not trained on: does the top result for a caption have what it
names?

A first look, for the log and the checkpoint's card. The measures that are published are evaluation's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mrl_demo.prefix import truncate
from mrl_demo.still_life.captions import captions
from mrl_demo.training.data import Attributes


@dataclass(frozen=True)
class Question:
    """Texts to search with, one a picture, and the attributes in which the top result should agree with
    it."""

    name: str
    texts: list[str]
    columns: tuple[str, ...]


def questions(attributes: Sequence[Attributes]) -> list[Question]:
    """By the medium caption ("a glossy red mug"): category, colour, finish. By the long one: all it names."""
    medium = [captions(row)[1] for row in attributes]
    long = [captions(row)[2] for row in attributes]
    named = ("category", "colour", "finish")
    return [
        Question("category", medium, named[:1]),
        Question("category, colour", medium, named[:2]),
        Question("category, colour, finish", medium, named),
        Question("setting, light", long, ("setting", "light")),
        Question("everything", long, (*named, "pattern", "setting", "light", "count")),
    ]


def top_result_agrees(
    image_features: Tensor,
    text_features: Tensor,
    attributes: Sequence[Attributes],
    columns: Sequence[str],
    dim: int,
) -> float:
    """Share of the texts whose best picture at `dim` agrees with their own picture in all `columns`.

    Features are (n, D); row i of all three belongs to picture i.
    """
    best = (truncate(text_features, dim) @ truncate(image_features, dim).T).argmax(dim=1).tolist()
    right = [all(attributes[i][name] == attributes[j][name] for name in columns) for i, j in enumerate(best)]
    return float(torch.tensor(right).float().mean())
