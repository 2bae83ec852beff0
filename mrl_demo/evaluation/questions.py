"""What a collection is asked, and which of its items would be right: captions and images of its own items.

Knows attribute columns and captions; neither search nor encoder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mrl_demo.search.collection import Collection
from mrl_demo.search.hits import Keys

Level = Literal["short", "colour", "medium", "pair", "long"]
LEVELS: tuple[Level, ...] = ("short", "colour", "medium", "pair", "long")
# An item that shows two different things has the second one's in columns of this prefix, "" in the others.
SECOND = "other_"
OPPOSITE = {"left of": "right of", "right of": "left of", "in front of": "behind", "behind": "in front of"}

# Truth -> the level of caption that says as much, and the columns in which an item must agree with the
# caption's. None: every column that the collection has, but for super_category, which category implies.
TRUTHS: dict[str, tuple[Level, tuple[str, ...] | None]] = {
    "category": ("short", ("category",)),
    "category+colour": ("colour", ("category", "colour")),
    # "a red mug" is one mug: what the caption says in full.
    "category+colour+count": ("colour", ("category", "colour", "count")),
    "category+colour+finish": ("medium", ("category", "colour", "finish")),
    "both categories": ("pair", ("category", "other_category")),
    "both categories+relation": ("pair", ("category", "other_category", "relation")),
    "all": ("long", None),
}


@dataclass(frozen=True)
class Question:
    """A caption to search with, and the item it was taken from."""

    text: str
    level: Level
    key: int


@dataclass(frozen=True)
class Truth:
    """What counts as found for some of the questions.

    Attributes:
        name: a key of TRUTHS.
        level: of the captions asked.
        asked: which of the questions, by position: (q,).
        relevant: which items are right for each: (q, n) bool, at least one a row.
    """

    name: str
    level: Level
    asked: Keys
    relevant: npt.NDArray[np.bool_]


def sample_keys(collection: Collection, count: int, seed: int) -> Keys:
    """`count` keys of the collection (all, if it holds fewer), none twice, by `seed`."""
    rng = np.random.default_rng(seed)
    return np.sort(rng.permutation(len(collection))[:count]).astype(np.int64)


def sample_questions(collection: Collection, count: int, seed: int) -> list[Question]:
    """Captions of sampled items at each level, none twice within a level; [] where there are none.

    The attributes asked for are those of an item in the collection, so that each question has an answer.
    """
    questions = []
    for level in LEVELS:
        seen = set()
        for key in sample_keys(collection, count, seed):
            text = _caption(collection, int(key), level)
            if text and text not in seen:
                seen.add(text)
                questions.append(Question(text, level, int(key)))
    return questions


def _caption(collection: Collection, key: int, level: Level) -> str:
    """A stored caption; or, of level "colour", one made of columns ("a red mug") for a picture of one thing.

    "" where the level does not suit the picture: short, colour and medium are asked of pictures of one kind
    of thing, "pair" is the medium caption of a picture of two.
    """
    columns = collection.attributes
    second = SECOND + "category"
    pair = second in columns and bool(columns[second][key])
    if level != "long" and pair != (level == "pair"):
        return ""
    if level != "colour":
        return collection.caption(key, "medium" if level == "pair" else level)
    if "colour" not in columns or "category" not in columns:
        return ""
    if "count" in columns and int(columns["count"][key]) != 1:
        return ""
    words = f"{columns['colour'][key]} {columns['category'][key]}"
    return f"an {words}" if words[0] in "aeiou" else f"a {words}"


def relevant_items(
    collection: Collection, keys: Sequence[int] | Keys, columns: tuple[str, ...] | None
) -> npt.NDArray[np.bool_] | None:
    """Which items agree with each key's item in all `columns`: (len(keys), n) bool; None without a column.

    An item of two things is right, too, when it agrees told from its second thing: a vase left of a mug is
    an answer to "a mug" and to "a mug right of a vase". Asked for all columns, it is taken as it is.
    """
    attributes = collection.attributes
    places = np.asarray(keys, np.int64)
    asked = columns
    if asked is None:
        asked = tuple(name for name in attributes if name != "super_category")
    if not asked or any(name not in attributes for name in asked):
        return None

    def agree(found: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[np.bool_]:
        same = np.ones((len(places), len(collection)), bool)
        for name in asked:
            same &= found[name][None, :] == np.asarray(attributes[name])[places][:, None]
        return same

    right = agree({name: np.asarray(attributes[name]) for name in asked})
    if columns is not None and SECOND + "category" in attributes:
        right |= agree({name: _of_second(attributes, name) for name in asked})
    return right


def _of_second(attributes: Mapping[str, npt.NDArray[Any]], name: str) -> npt.NDArray[Any]:
    """Column `name` as it reads when each item is told from its second thing: (n,)."""
    if name == "relation":
        return np.array([OPPOSITE.get(str(value), "") for value in attributes[name]])
    other = name.removeprefix(SECOND) if name.startswith(SECOND) else SECOND + name
    return np.asarray(attributes.get(other, attributes[name]))


def truths_of(collection: Collection, questions: Sequence[Question]) -> list[Truth]:
    """The TRUTHS that the collection's columns can answer for these questions."""
    truths = []
    for name, (level, columns) in TRUTHS.items():
        asked = [index for index, question in enumerate(questions) if question.level == level]
        relevant = relevant_items(collection, [questions[index].key for index in asked], columns)
        if asked and relevant is not None:
            truths.append(Truth(name, level, np.array(asked, np.int64), relevant))
    return truths
