"""Captions of labelled photos at every level of detail: "a photo of a tabby cat", "a cat", "a picture of an
animal".

A class has names and kinds; both may be said of it, and what is said is the one thing a caption states.
Classes with a WordNet number have theirs in `wordnet_classes.json`, the others are called by their label.
Knows nothing of pictures.
"""

from __future__ import annotations

import functools
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mrl_demo.collection.sources import Entry, words_of
from mrl_demo.errors import CollectionError
from mrl_demo.still_life.phrase import Attributes, with_article

_TABLE = Path(__file__).parent / "wordnet_classes.json"
_WORDNET_NUMBER = re.compile(r"n\d{8}")

# "{}" stands for the name with its article; the first is the one that zero-shot questions begin with.
TEMPLATES = (
    "a photo of {}",
    "{}",
    "a picture of {}",
    "a close-up of {}",
    "a small photo of {}",
    "a blurry photo of {}",
    "there is {} in the photo",
)
PROMPTS = TEMPLATES[:4]

# Words that stand without an article, by their ending: several of a thing, or no things that are counted.
_BARE = re.compile(
    r"(wear|ware|equipment|glasses|spectacles|goods|binoculars|trunks|clothing|food|furniture|hosiery|cutlery"
    r"|swine|cattle|housing|coral|(?<!of )bread|coffee|transport|guacamole|ice cream|icecream|potato|thatch"
    r"|confectionery|confectionary)$"
)
_SPOKEN_AS_CONSONANT = re.compile(r"(uni|ute|eu|one\b|use)", re.IGNORECASE)


@dataclass(frozen=True)
class Class:
    """What may be said of a class: names, the usual one first, and kinds, the nearest first."""

    names: tuple[str, ...]
    kinds: tuple[str, ...] = ()


def told(entry: Entry) -> Attributes:
    """The one attribute of a labelled photo. Raises CollectionError for a class that has a number but no
    name."""
    label = str(entry.attributes["label"])
    class_of(label)
    return {"label": label}


def wordnet_class(label: str) -> Class | None:
    """The names and kinds of a WordNet number; None for one unknown here and for labels that are words."""
    known = _wordnet().get(label)
    return Class(tuple(known["names"]), tuple(known["kinds"])) if known else None


@functools.cache
def class_of(label: str) -> Class:
    """The names and kinds of the class `label`. CollectionError: a WordNet number unknown here."""
    known = wordnet_class(label)
    if known:
        return known
    if _WORDNET_NUMBER.fullmatch(label):
        raise CollectionError(
            f"{_TABLE.name} has no names for the class {label}: add them, or give the data set class labels "
            "that are words"
        )
    return Class((words_of(label),))


def readings(attributes: Attributes) -> list[Attributes]:
    """Every name and kind of the photo's class, each a way to tell what it shows.

    Names are compared as words, so "a car" is true of whatever is called a car, in either sense.
    """
    found = class_of(str(attributes["label"]))
    return [{"name": name} for name in dict.fromkeys((*found.names, *found.kinds))]


def sample_statement(attributes: Attributes, rng: random.Random) -> tuple[str, Attributes]:
    """A caption and what it states: its usual name about half of the time, else another name or a kind."""
    found = class_of(str(attributes["label"]))
    dice = rng.random()
    if found.kinds and dice < 0.3:
        name = rng.choice(found.kinds)
    elif dice < 0.45:
        name = rng.choice(found.names)
    else:
        name = found.names[0]
    return _in_words(name, rng), {"name": name}


def usual_name(attributes: Attributes) -> str:
    """What the class is called most."""
    return class_of(str(attributes["label"])).names[0]


def sample_name(attributes: Attributes, rng: random.Random) -> str:
    """A caption that names the class and no kind: its usual name four times of five, else any of its
    names."""
    names = class_of(str(attributes["label"])).names
    return _in_words(names[0] if rng.random() < 0.8 else rng.choice(names), rng)


def _in_words(name: str, rng: random.Random) -> str:
    """The name in one of TEMPLATES, or bare."""
    form = rng.random()
    if form < 0.15:
        return name
    template = TEMPLATES[0] if form < 0.4 else rng.choice(TEMPLATES)
    return template.format(with_its_article(name))


def wordings(rows: Sequence[Attributes]) -> Iterator[str]:
    """Everything that `sample_statement` may say of the rows: each name and kind of each class in every
    form."""
    for label in sorted({str(row["label"]) for row in rows}):
        found = class_of(label)
        for name in (*found.names, *found.kinds):
            yield name
            yield from (template.format(with_its_article(name)) for template in TEMPLATES)


def prompts(label: str) -> list[str]:
    """The texts that stand for a class in a zero-shot question: its usual name in each of PROMPTS."""
    name = with_its_article(class_of(label).names[0])
    return [template.format(name) for template in PROMPTS]


def with_its_article(words: str) -> str:
    """The words with "a" or "an", or as they are where English has none: an alp, a uniform, sunglasses."""
    if _BARE.search(words):
        return words
    return f"a {words}" if _SPOKEN_AS_CONSONANT.match(words) else with_article(words)


@functools.cache
def _wordnet() -> dict[str, dict[str, list[str]]]:
    classes: dict[str, dict[str, list[str]]] = json.loads(_TABLE.read_text(encoding="utf-8"))["classes"]
    return classes
