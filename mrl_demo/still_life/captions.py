"""Words for a scene: three canonical captions that are stored, and varied ones for training.

Plain Python on a mapping of attributes (the collection's columns), so that training can call it for each
batch. A caption only ever says what the attributes say; it knows nothing of pictures.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mrl_demo.still_life.catalogue import CATEGORIES, COLOURS

Attributes = Mapping[str, str | int]

# The first wording of each list is the canonical one.
NUMBERS = {2: "two", 3: "three"}
SETTINGS: dict[str, Sequence[str]] = {
    "wooden table": (
        "on a wooden table",
        "on a table made of wood",
        "on wood",
        "on a wooden tabletop",
        "on brown boards",
    ),
    "marble table": ("on a marble table", "on a marble counter", "on marble", "on white stone"),
    "paper": ("on plain paper", "on a paper backdrop", "in a studio", "on a plain background"),
    "grass": ("on grass", "on the grass", "on a lawn", "in a meadow", "on green grass"),
    "sand": ("on sand", "on the sand", "on a beach", "in the desert"),
    "snow": ("in the snow", "on snow", "on snowy ground", "in winter"),
}
LIGHTS: dict[str, Sequence[str]] = {
    "soft daylight": ("in soft daylight", "in daylight", "by day", "in bright light"),
    "warm evening": (
        "in warm evening light",
        "in warm light",
        "in the evening",
        "at sunset",
        "in golden light",
    ),
    "cool night": ("in cool night light", "at night", "by lamplight", "in the dark", "under a night sky"),
}
GROUPS: dict[str, Sequence[str]] = {
    "kitchenware": ("kitchenware", "something for the kitchen", "tableware"),
    "food": ("food", "something to eat", "something tasty"),
    "toy": ("a toy", "a game piece or toy", "something to play with"),
    "furniture": ("furniture", "a piece of furniture", "something for the living room"),
    "building": ("a building", "architecture", "a small building"),
    "vehicle": ("a vehicle", "something to travel in", "transport"),
    "plant": ("a plant", "something that grows", "nature"),
    "decoration": ("a decoration", "an ornament", "something to give or put on a shelf"),
}
COLOUR_WORDS: dict[str, Sequence[str]] = {
    "purple": ("violet",),
    "teal": ("turquoise", "blue-green"),
    "pink": ("rose",),
    "gold": ("golden",),
    "silver": ("silvery", "grey"),
    "copper": ("coppery",),
    "white": ("cream white",),
    "green": ("dark green",),
}
FINISHES: dict[str, Sequence[str]] = {
    "matte": ("matte", "dull", "unglazed"),
    "glossy": ("glossy", "shiny", "glazed"),
    "metal": ("metallic", "metal", "polished metal"),
    "glass": ("glass", "see-through", "transparent glass"),
    "wood": ("wooden", "wood", "carved wooden"),
}
MADE_OF = {
    "metal": "made of metal",
    "glass": "made of glass",
    "wood": "made of wood",
    "matte": "with a matte surface",
    "glossy": "with a glossy surface",
}
# Materials stand after the colour ("a red glass bottle"), surfaces before it ("a glossy red bottle").
MATERIALS = ("glass", "wood")
PATTERNS: dict[str, Sequence[str]] = {
    "stripes": ("stripes", "bands"),
    "dots": ("dots", "polka dots", "spots"),
    "checks": ("checks", "squares"),
}
PATTERN_ADJECTIVES: dict[str, Sequence[str]] = {
    "stripes": ("striped",),
    "dots": ("dotted", "polka-dot", "spotted"),
    "checks": ("checked", "chequered"),
}
OPENINGS = ("a photo of ", "a picture of ", "an image of ", "a still life with ")
IRREGULAR = {"cactus": "cacti", "snowman": "snowmen", "foot": "feet", "scarf and hat": "scarves and hats"}


def captions(attributes: Attributes) -> tuple[str, str, str]:
    """The canonical captions: short ("a mug"), medium ("a glossy red mug"), long (everything).

    `attributes` has the collection's columns; a missing second_colour counts as none. Raises KeyError when
    another is missing.
    """
    phrase = _Phrase.of(attributes)
    bare = _Phrase(phrase.noun, phrase.plural, phrase.count)
    medium = _Phrase(phrase.noun, phrase.plural, phrase.count, phrase.colour, phrase.finish)
    long = f"{phrase} {SETTINGS[str(attributes['setting'])][0]} {LIGHTS[str(attributes['light'])][0]}"
    return str(bare), str(medium), long


def sample_caption(attributes: Attributes, rng: random.Random) -> str:
    """A caption as a person might type it: any level of detail, any wording, sometimes no noun at all."""
    return sample_statement(attributes, rng)[0]


def sample_statement(attributes: Attributes, rng: random.Random) -> tuple[str, frozenset[str]]:
    """`sample_caption` and the names of the attributes it states, so that training knows of which other
    pictures it is true too.
    """
    dice = rng.random()
    if dice < 0.1:
        level = rng.randrange(3)
        return captions(attributes)[level], stated_by_level(attributes)[level]
    if dice < 0.16:
        return rng.choice(GROUPS[str(attributes["super_category"])]), frozenset({"super_category"})
    if dice < 0.21:
        return _without_noun(attributes, rng)
    return _varied(attributes, rng)


def stated_by_level(attributes: Attributes) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The names of the attributes that each of the three `captions` states."""
    short = frozenset({"category", "count"})
    medium = short | {"colour", "finish"}
    return short, medium, medium | _stated_by_detail(attributes) | {"setting", "light"}


def with_article(words: str) -> str:
    """The words with their indefinite article: a mug, an apple."""
    return f"{'an' if words[0].lower() in 'aeiou' else 'a'} {words}"


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


@dataclass(frozen=True)
class _Phrase:
    """A noun phrase in the making; empty parts are left out of its text."""

    noun: str
    plural: str
    count: int = 1
    colour: str = ""
    finish: str = ""
    finish_word: str = ""
    adjective: str = ""
    detail: str = ""
    number: str = ""

    @classmethod
    def of(cls, attributes: Attributes) -> _Phrase:
        category, count = str(attributes["category"]), int(attributes["count"])
        return cls(
            category,
            CATEGORIES[category].plural,
            count,
            str(attributes["colour"]),
            str(attributes["finish"]),
            detail=_detail(attributes),
        )

    def words(self) -> str:
        """Without article or number: "glossy red mugs with white dots"."""
        finish = self.finish_word or (FINISHES[self.finish][0] if self.finish else "")
        before, after = ("", finish) if self.finish in MATERIALS else (finish, "")
        noun = self.noun if self.count == 1 else self.plural
        return " ".join(
            part for part in (before, self.adjective, self.colour, after, noun, self.detail) if part
        )

    def __str__(self) -> str:
        if self.count == 1:
            return f"{self.number} {self.words()}" if self.number else with_article(self.words())
        return f"{self.number or NUMBERS[self.count]} {self.words()}"


def _detail(attributes: Attributes, rng: random.Random | None = None) -> str:
    """Such as "with white dots" or "with a yellow roof"; "" when there is no second colour to name."""
    second, pattern = str(attributes.get("second_colour") or ""), str(attributes["pattern"])
    if not second:
        return ""
    if pattern != "plain":
        return f"with {second} {PATTERNS[pattern][0] if rng is None else rng.choice(PATTERNS[pattern])}"
    accent = CATEGORIES[str(attributes["category"])].accent
    if int(attributes["count"]) > 1:
        accent = accent if accent.endswith("s") else pluralise(accent)
    elif not accent.endswith("s"):
        return f"with {with_article(f'{second} {accent}')}"
    return f"with {second} {accent}"


def _stated_by_detail(attributes: Attributes) -> frozenset[str]:
    """What `_detail` states: nothing when it is empty."""
    if not attributes.get("second_colour"):
        return frozenset()
    return frozenset({"second_colour", "pattern"} if attributes["pattern"] != "plain" else {"second_colour"})


def _varied(attributes: Attributes, rng: random.Random) -> tuple[str, frozenset[str]]:
    """A noun phrase in which each attribute is named or not, with setting and light before or behind it."""
    category, count = str(attributes["category"]), int(attributes["count"])
    colour, finish, pattern = (str(attributes[name]) for name in ("colour", "finish", "pattern"))
    noun = category
    stated = {"category", "count"}
    if CATEGORIES[category].synonyms and rng.random() < 0.25:
        noun = rng.choice(CATEGORIES[category].synonyms)
    elif rng.random() < 0.05:
        noun = rng.choice(("thing", "object"))
        stated.remove("category")
    detail = adjective = finish_word = ""
    if rng.random() < 0.5:
        detail = _detail(attributes, rng)
        if detail and pattern != "plain" and rng.random() < 0.4:
            adjective, detail = rng.choice(PATTERN_ADJECTIVES[pattern]), ""
            stated.add("pattern")
        elif detail:
            stated |= _stated_by_detail(attributes)
    named_finish = finish if rng.random() < 0.5 else ""
    if named_finish:
        stated.add("finish")
    if named_finish and rng.random() < 0.5:
        finish_word = rng.choice(FINISHES[finish])
    elif named_finish and not detail and rng.random() < 0.15:
        named_finish, detail = "", MADE_OF[finish]
    named_colour = _colour_word(colour, rng) if rng.random() < 0.68 else ""
    if named_colour:
        stated.add("colour")
    phrase = _Phrase(
        noun,
        pluralise(noun),
        count,
        named_colour,
        named_finish,
        finish_word,
        adjective,
        detail,
        number="one" if count == 1 and rng.random() < 0.08 else "",
    )
    form = rng.random()
    text = phrase.words() if form < 0.22 else str(phrase)
    if 0.22 <= form < 0.34:
        text = rng.choice(OPENINGS) + text
    if rng.random() < 0.45:
        text += " " + _wording(SETTINGS[str(attributes["setting"])], rng)
        stated.add("setting")
    if rng.random() < 0.32:
        text += " " + _wording(LIGHTS[str(attributes["light"])], rng)
        stated.add("light")
    return text, frozenset(stated)


def _without_noun(attributes: Attributes, rng: random.Random) -> tuple[str, frozenset[str]]:
    """Colour, material, pattern, setting or light alone: "something red", "on grass at night"."""
    colour = _colour_word(str(attributes["colour"]), rng)
    setting = _wording(SETTINGS[str(attributes["setting"])], rng)
    light = _wording(LIGHTS[str(attributes["light"])], rng)
    choices = [
        (colour, {"colour"}),
        (f"something {colour}", {"colour"}),
        (f"something {colour} {setting}", {"colour", "setting"}),
        (f"something {MADE_OF[str(attributes['finish'])]}", {"finish"}),
        (setting, {"setting"}),
        (light, {"light"}),
        (f"{setting} {light}", {"setting", "light"}),
        (f"something {colour} {light}", {"colour", "light"}),
    ]
    if attributes["pattern"] != "plain":
        adjective = rng.choice(PATTERN_ADJECTIVES[str(attributes["pattern"])])
        choices.append((f"something {adjective}", {"pattern"}))
    if int(attributes["count"]) > 1:
        choices.append((f"{NUMBERS[int(attributes['count'])]} {colour} things", {"count", "colour"}))
    text, stated = rng.choice(choices)
    return text, frozenset(stated)


def _colour_word(colour: str, rng: random.Random) -> str:
    if colour not in COLOURS:
        raise ValueError(f"colour must be one of {', '.join(COLOURS)}, got {colour!r}")
    others = COLOUR_WORDS.get(colour, ())
    return rng.choice(others) if others and rng.random() < 0.15 else colour


def _wording(choices: Sequence[str], rng: random.Random) -> str:
    """The canonical wording half of the time, else any."""
    return choices[0] if rng.random() < 0.5 else rng.choice(choices)
