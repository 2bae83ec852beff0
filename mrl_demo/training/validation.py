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
from mrl_demo.still_life.captions import captions, readings
from mrl_demo.training.data import Attributes


@dataclass(frozen=True)
class Question:
    """Texts to search with, one a picture, and the attributes in which the top result should agree with
    it."""

    name: str
    texts: list[str]
    columns: tuple[str, ...]


def questions(attributes: Sequence[Attributes]) -> list[Question]:
    """By the medium caption ("a glossy red mug"): category, colour, finish, and the second thing where there
    are such; by the long one: all it names.
    """
    medium = [captions(row)[1] for row in attributes]
    long = [captions(row)[2] for row in attributes]
    named = ("category", "colour", "finish")
    second = ("relation", "other_category", "other_colour", "other_finish")
    every = (*named, "pattern", "setting", "light", "count", "size", *second)
    asked = [
        Question("category", medium, named[:1]),
        Question("category, colour", medium, named[:2]),
        Question("category, colour, finish", medium, named),
        Question("category, relation, second category", medium, ("category", *second[:2])),
        Question("setting, light", long, ("setting", "light")),
        Question("everything", long, tuple(name for name in every if name in attributes[0])),
    ]
    return [question for question in asked if all(name in attributes[0] for name in question.columns)]


def top_result_agrees(
    image_features: Tensor,
    text_features: Tensor,
    attributes: Sequence[Attributes],
    columns: Sequence[str],
    dim: int,
) -> float:
    """Share of the texts whose best picture at `dim` agrees with their own picture in all `columns`.

    Features are (n, D); row i of all three belongs to picture i. A picture of two things agrees when it does
    told from either.
    """
    best = (truncate(text_features, dim) @ truncate(image_features, dim).T).argmax(dim=1).tolist()
    right = [
        any(all(attributes[i][name] == told[name] for name in columns) for told in readings(attributes[j]))
        for i, j in enumerate(best)
    ]
    return float(torch.tensor(right).float().mean())
