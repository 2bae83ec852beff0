"""English noun phrases: article, plural, the order of adjectives, "with white dots".

Knows the words for attributes, not how much of a scene a caption tells.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from mrl_demo.still_life.catalogue import CATEGORIES
from mrl_demo.still_life.words import FINISHES, MATERIALS, NUMBERS, PATTERNS

Attributes = Mapping[str, str | int]

IRREGULAR = {
    "cactus": "cacti",
    "snowman": "snowmen",
    "foot": "feet",
    "scarf and hat": "scarves and hats",
    "dice": "dice",
    "die": "dice",
    "shelf": "shelves",
}
UNCOUNTABLE = ("sauce", "sand")


@dataclass(frozen=True)
class Phrase:
    """A noun phrase in the making; empty parts are left out of its text."""

    noun: str
    plural: str
    count: int = 1
    colour: str = ""
    finish: str = ""
    finish_word: str = ""
    size: str = ""
    adjective: str = ""
    detail: str = ""
    number: str = ""

    def words(self) -> str:
        """Without article or number: "small glossy red mugs with white dots"."""
        finish = self.finish_word or (FINISHES[self.finish][0] if self.finish else "")
        before, after = ("", finish) if self.finish in MATERIALS else (finish, "")
        noun = self.noun if self.count == 1 else self.plural
        parts = (self.size, before, self.adjective, self.colour, after, noun, self.detail)
        return " ".join(part for part in parts if part)

    def __str__(self) -> str:
        if self.count == 1:
            return f"{self.number} {self.words()}" if self.number else with_article(self.words())
        return f"{self.number or NUMBERS[self.count]} {self.words()}"


def with_article(words: str) -> str:
    """The words with their indefinite article: a mug, an apple, an hourglass."""
    vowel = words[0].lower() in "aeiou" or words.startswith("hour")
    return f"{'an' if vowel else 'a'} {words}"


def pluralise(noun: str) -> str:
    """The plural: mugs, gift boxes, potted cacti."""
    for singular, plural in IRREGULAR.items():
        if noun.endswith(singular):
            return noun[: -len(singular)] + plural
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def detail(attributes: Attributes, rng: random.Random | None = None) -> str:
    """Such as "with white dots" or "with a yellow roof"; "" when there is no second colour to name."""
    second, pattern = str(attributes.get("second_colour") or ""), str(attributes["pattern"])
    if not second:
        return ""
    if pattern != "plain":
        return f"with {second} {PATTERNS[pattern][0] if rng is None else rng.choice(PATTERNS[pattern])}"
    accent = CATEGORIES[str(attributes["category"])].accent
    if accent in UNCOUNTABLE or accent.endswith("s"):
        return f"with {second} {accent}"
    if int(attributes["count"]) > 1:
        return f"with {second} {pluralise(accent)}"
    return f"with {with_article(f'{second} {accent}')}"
