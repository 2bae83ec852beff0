"""Captions as people might type them: any level of detail, any wording, drawn anew for each training batch.

Each comes with what it states, so that training knows of which other pictures it is true too. It knows
nothing of pictures.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from mrl_demo.still_life import words
from mrl_demo.still_life.captions import captions, readings, stated_by_detail, stated_by_level
from mrl_demo.still_life.catalogue import CATEGORIES, COLOURS
from mrl_demo.still_life.phrase import Attributes, Phrase, detail, pluralise

Told = tuple[str, set[str]]  # a text, and the names of the attributes it states


def sample_statement(attributes: Attributes, rng: random.Random) -> tuple[str, Mapping[str, str | int]]:
    """A caption as a person might type it, and what it states: attributes of one of the scene's `readings`.

    Any level of detail, any wording, sometimes no noun at all.
    """
    told = readings(attributes)
    dice = rng.random()
    if dice < 0.1:
        level = rng.randrange(3)
        text, stated = captions(attributes)[level], set(stated_by_level(attributes)[level])
        return text, _named(told[0], stated)
    # Of two things either may come first.
    reading = rng.choice(told)
    if dice < 0.16:
        text, stated = _group(reading, rng), {"super_category"}
    elif dice < 0.21:
        text, stated = _without_noun(reading, rng)
    else:
        text, stated = _varied(reading, rng)
    return text, _named(reading, stated)


def _group(reading: Attributes, rng: random.Random) -> str:
    """The super-category in words; of several things none that speaks of one."""
    wordings = words.GROUPS[str(reading["super_category"])]
    several = int(reading["count"]) > 1
    return rng.choice([text for text in wordings if not (several and text.startswith(("a ", "an ")))])


def _named(reading: Attributes, names: set[str]) -> Mapping[str, str | int]:
    return {name: reading[name] for name in names}


def _varied(reading: Attributes, rng: random.Random) -> Told:
    """One or two noun phrases in which each attribute is named or not, with setting and light around them."""
    phrase, stated = _phrase(reading, rng)
    form = rng.random()
    text = str(phrase)
    if form < 0.22:  # "red mugs" leaves open how many
        text = phrase.words()
        stated.discard("count")
    both = bool(reading["relation"]) and rng.random() < 0.67
    if both:
        joined, told = _second(reading, rng)
        text, stated = f"{text} {joined}", stated | told
    if 0.22 <= form < 0.34:
        text = rng.choice(words.OPENINGS) + text
    place = ""
    if rng.random() < 0.45:
        place = _wording(words.SETTINGS[str(reading["setting"])], rng)
        stated.add("setting")
    if rng.random() < 0.32:
        place = f"{place} {_wording(words.LIGHTS[str(reading['light'])], rng)}".strip()
        stated.add("light")
    if place and form > 0.94:
        return f"{place}, {text}", stated
    return f"{text} {place}".strip(), stated


def _phrase(reading: Attributes, rng: random.Random) -> tuple[Phrase, set[str]]:
    """The main object, told in more or less detail."""
    category, count = str(reading["category"]), int(reading["count"])
    colour, finish, pattern = (str(reading[name]) for name in ("colour", "finish", "pattern"))
    noun, stated = _noun(category, rng)
    stated.add("count")
    with_detail = adjective = finish_word = ""
    if rng.random() < 0.5:
        with_detail = detail(reading, rng)
        if with_detail and pattern != "plain" and rng.random() < 0.4:
            adjective, with_detail = rng.choice(words.PATTERN_ADJECTIVES[pattern]), ""
            stated.add("pattern")
        elif with_detail:
            stated |= stated_by_detail(reading)
    named_finish = finish if rng.random() < 0.5 else ""
    if named_finish:
        stated.add("finish")
    if named_finish and rng.random() < 0.5:
        finish_word = rng.choice(words.FINISHES[finish])
    elif named_finish and not with_detail and rng.random() < 0.15:
        named_finish, with_detail = "", words.MADE_OF[finish]
    named_colour = _colour_word(colour, rng) if rng.random() < 0.68 else ""
    if named_colour:
        stated.add("colour")
    size = ""
    # Of two things, "small" would compare them; the word means how much of the picture they fill.
    if reading["size"] and not reading["relation"] and rng.random() < 0.22:
        size = rng.choice(words.SIZES[str(reading["size"])])
        stated.add("size")
    number = "one" if count == 1 and not reading["relation"] and rng.random() < 0.08 else ""
    phrase = Phrase(
        noun,
        pluralise(noun),
        count,
        named_colour,
        named_finish,
        finish_word,
        size,
        adjective,
        with_detail,
        number,
    )
    return phrase, stated


def _second(reading: Attributes, rng: random.Random) -> Told:
    """The other object and where the main one stands: "to the left of a blue vase", "and a vase"."""
    noun, stated = _noun(str(reading["other_category"]), rng)
    stated = {"other_category"} if stated else set()
    colour = finish = ""
    if rng.random() < 0.6:
        colour = _colour_word(str(reading["other_colour"]), rng)
        stated.add("other_colour")
    if rng.random() < 0.35:
        finish = str(reading["other_finish"])
        stated.add("other_finish")
    other = Phrase(noun, "", colour=colour, finish=finish)
    form = rng.random()
    if form < 0.2 and stated:
        return f"{rng.choice(('and', 'with', 'together with'))} {other}", stated
    if form < 0.35 and reading["arrangement"] == "beside":
        return f"{rng.choice(words.BESIDE)} {other}", stated | {"arrangement"}
    return f"{_wording(words.RELATIONS[str(reading['relation'])], rng)} {other}", stated | {"relation"}


def _noun(category: str, rng: random.Random) -> Told:
    """The category, a synonym, or a word that leaves it open."""
    synonyms = CATEGORIES[category].synonyms
    if synonyms and rng.random() < 0.25:
        return rng.choice(synonyms), {"category"}
    if rng.random() < 0.05:
        return rng.choice(("thing", "object")), set()
    return category, {"category"}


def _without_noun(reading: Attributes, rng: random.Random) -> Told:
    """Colour, material, pattern, setting or light alone: "something red", "on grass at night"."""
    colour = _colour_word(str(reading["colour"]), rng)
    setting = _wording(words.SETTINGS[str(reading["setting"])], rng)
    light = _wording(words.LIGHTS[str(reading["light"])], rng)
    choices = [
        (colour, {"colour"}),
        (f"something {colour}", {"colour"}),
        (f"something {colour} {setting}", {"colour", "setting"}),
        (f"something {words.MADE_OF[str(reading['finish'])]}", {"finish"}),
        (setting, {"setting"}),
        (light, {"light"}),
        (f"{setting} {light}", {"setting", "light"}),
        (f"something {colour} {light}", {"colour", "light"}),
    ]
    if reading["pattern"] != "plain":
        adjective = rng.choice(words.PATTERN_ADJECTIVES[str(reading["pattern"])])
        choices.append((f"something {adjective}", {"pattern"}))
    if int(reading["count"]) > 1:
        choices.append((f"{words.NUMBERS[int(reading['count'])]} {colour} things", {"count", "colour"}))
    if reading["relation"]:
        beside = _wording(words.RELATIONS[str(reading["relation"])], rng)
        other = _colour_word(str(reading["other_colour"]), rng)
        choices.append(
            (f"something {colour} {beside} something {other}", {"colour", "relation", "other_colour"})
        )
    return rng.choice(choices)


def _colour_word(colour: str, rng: random.Random) -> str:
    if colour not in COLOURS:
        raise ValueError(f"colour must be one of {', '.join(COLOURS)}, got {colour!r}")
    others = words.COLOURS.get(colour, ())
    return rng.choice(others) if others and rng.random() < 0.15 else colour


def _wording(choices: Sequence[str], rng: random.Random) -> str:
    """The canonical wording half of the time, else any."""
    return choices[0] if rng.random() < 0.5 else rng.choice(choices)
