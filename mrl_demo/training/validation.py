"""What a model scores on pictures it was not trained on, one function for each subject of training.

Still lifes: does the top result for a caption have what it names; is a picture of two things nearer to how
they stand than to the opposite? Labelled photos: zero-shot top-1. Products: recall@10 by type, colour and
gender. Every question has a value of its own; a score is their mean, with how many there were and its
standard error. Nothing here knows models.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from mrl_demo.prefix import truncate
from mrl_demo.still_life.captions import OPPOSITE, captions, readings
from mrl_demo.training import product_captions
from mrl_demo.training.data import Attributes
from mrl_demo.training.photo_captions import prompts
from mrl_demo.training.product_captions import ASKED

EncodeTexts = Callable[[Sequence[str]], Tensor]
ZERO_SHOT, PRODUCT_RECALL = "zero-shot top-1", "recall@10 of type, colour, gender"
RELATION = "relation, not its opposite"


@dataclass(frozen=True)
class Score:
    """The mean of `n` questions' values, from 0 to 1, and its standard error, as if no question had to do
    with another."""

    value: float
    n: int
    stderr: float

    @classmethod
    def of(cls, values: Tensor) -> Score:
        """Of (n,) values."""
        spread = float(values.double().std(correction=0))
        return cls(
            round(float(values.double().mean()), 4), len(values), round(spread / math.sqrt(len(values)), 4)
        )


ByDim = dict[str, Score]  # dim -> score
# (image features (n, D), their attributes, texts -> (q, D), dims) -> measure -> dim -> score
Scores = Callable[[Tensor, Sequence[Attributes], EncodeTexts, Sequence[int]], dict[str, ByDim]]


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
) -> Tensor:
    """(n,): 1 where the best picture for a text at `dim` agrees with the text's own in all `columns`, else 0.

    Features are (n, D); row i of all three belongs to picture i. A picture of two things agrees when it does
    told from either.
    """
    best = (truncate(text_features, dim) @ truncate(image_features, dim).T).argmax(dim=1).tolist()
    right = [
        any(all(attributes[i][name] == told[name] for name in columns) for told in readings(attributes[j]))
        for i, j in enumerate(best)
    ]
    return torch.tensor(right).float()


def still_life_scores(
    images: Tensor, attributes: Sequence[Attributes], encode: EncodeTexts, dims: Sequence[int]
) -> dict[str, ByDim]:
    """For every one of `questions`, the share of captions whose top result agrees; and of the pictures of two
    things, where there are some, the share nearer to their medium caption than to it with the opposite
    relation."""
    scores = {
        asked.name: _by_dim(
            dims, partial(top_result_agrees, images, encode(asked.texts), attributes, asked.columns)
        )
        for asked in questions(attributes)
    }
    pairs = [place for place, row in enumerate(attributes) if row.get("relation") in OPPOSITE]
    if pairs:
        rows = [attributes[place] for place in pairs]
        opposite = [{**row, "relation": OPPOSITE[str(row["relation"])]} for row in rows]
        texts, others = (encode([captions(row)[1] for row in some]) for some in (rows, opposite))
        scores[RELATION] = _by_dim(dims, partial(nearer, images[pairs], texts, others))
    return scores


def nearer(images: Tensor, texts: Tensor, others: Tensor, dim: int) -> Tensor:
    """(n,): 1 where image i lies nearer to text i than to other i at `dim`, 0 where farther, a half where as
    near. All are (n, D)."""
    leads = ((truncate(texts, dim) - truncate(others, dim)) * truncate(images, dim)).sum(dim=1)
    return (1 + leads.sign()) / 2


def photo_scores(
    images: Tensor, attributes: Sequence[Attributes], encode: EncodeTexts, dims: Sequence[int]
) -> dict[str, ByDim]:
    """Zero-shot top-1 over the classes that the photos have; no class is left out of the choice otherwise."""
    labels = sorted({str(row["label"]) for row in attributes})
    texts = [prompts(label) for label in labels]
    features = encode([text for some in texts for text in some])
    prompted = features.view(len(labels), -1, features.shape[-1])
    truth = torch.tensor([labels.index(str(row["label"])) for row in attributes], device=images.device)
    return {ZERO_SHOT: _by_dim(dims, partial(zero_shot_right, images, prompted, truth))}


def product_scores(
    images: Tensor, attributes: Sequence[Attributes], encode: EncodeTexts, dims: Sequence[int]
) -> dict[str, ByDim]:
    """recall@10 among the held-out products: each distinct (type, colour, gender) is one question, however
    many products have it, and every product that has all three is relevant. Of a question with more than ten
    of them ten can be found: what was found is divided by min(10, relevant). Nothing where no product has all
    three: there is nothing to ask."""
    keys = [
        tuple(known[name] for name in ASKED) if all(name in known for name in ASKED) else None
        for known in (product_captions.readings(row)[0] for row in attributes)
    ]
    asked = {key: place for place, key in enumerate(keys) if key is not None}
    if not asked:
        return {}
    relevant = torch.tensor([[key == other for other in keys] for key in asked], device=images.device)
    texts = encode([product_captions.question(attributes[place]) for place in asked.values()])
    return {PRODUCT_RECALL: _by_dim(dims, partial(recall_at, 10, images, texts, relevant))}


def zero_shot_right(images: Tensor, prompted: Tensor, truth: Tensor, dim: int) -> Tensor:
    """(n,): 1 where an image's nearest class at `dim` is the true one, else 0.

    images (n, D), prompted (classes, prompts, D), truth (n,) class numbers. A class lies where its prompts'
    unit prefixes have their mean (CLIP, section 3.1.4).
    """
    classes = truncate(truncate(prompted, dim).mean(dim=1), dim)
    nearest = (truncate(images, dim) @ classes.T).argmax(dim=1)
    return (nearest == truth).float()


def recall_at(k: int, images: Tensor, texts: Tensor, relevant: Tensor, dim: int) -> Tensor:
    """(q,): of each text the share found of the min(k, relevant) images that could be.

    images (n, D), texts (q, D), relevant (q, n) bool with at least one in a row.
    """
    top = (truncate(texts, dim) @ truncate(images, dim).T).topk(min(k, len(images)), dim=1).indices
    found = relevant.gather(1, top).sum(dim=1)
    shares: Tensor = found / relevant.sum(dim=1).clamp(max=k)
    return shares


def _by_dim(dims: Sequence[int], measure: Callable[[int], Tensor]) -> ByDim:
    return {str(dim): Score.of(measure(dim)) for dim in dims}
