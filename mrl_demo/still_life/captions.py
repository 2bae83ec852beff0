"""Words for a scene: three canonical captions that are stored, and what a scene and a caption state.

Plain Python on a mapping of attributes (the collection's columns). A caption only ever says what the
attributes say; it knows nothing of pictures. Captions as people might type them are free_text's affair.
"""

from __future__ import annotations

from mrl_demo.still_life.catalogue import CATEGORIES
from mrl_demo.still_life.phrase import Attributes, Phrase, detail
from mrl_demo.still_life.words import LIGHTS, RELATIONS, SETTINGS, SIZES

OPPOSITE = {
    "left of": "right of",
    "right of": "left of",
    "in front of": "behind",
    "behind": "in front of",
    "on top of": "under",
}
ARRANGEMENT = {"left of": "beside", "right of": "beside", "on top of": "stacked"}


def captions(attributes: Attributes) -> tuple[str, str, str]:
    """The canonical captions: short ("a mug"), medium ("a glossy red mug"), long (everything).

    `attributes` has the collection's columns; a missing second_colour, size or relation counts as none.
    Raises KeyError when another is missing.
    """
    category, count = str(attributes["category"]), int(attributes["count"])
    noun, plural = category, CATEGORIES[category].plural
    named = (noun, plural, count, str(attributes["colour"]), str(attributes["finish"]))
    size = SIZES[str(attributes["size"])][0] if attributes.get("size") else ""
    place = f"{SETTINGS[str(attributes['setting'])][0]} {LIGHTS[str(attributes['light'])][0]}"
    bare, medium = Phrase(noun, plural, count), Phrase(*named)
    if not attributes.get("relation"):
        return str(bare), str(medium), f"{Phrase(*named, size=size, detail=detail(attributes))} {place}"
    other = str(attributes["other_category"])
    second = Phrase(other, "", colour=str(attributes["other_colour"]), finish=str(attributes["other_finish"]))
    beside = f"{RELATIONS[str(attributes['relation'])][0]} {second}"
    long = f"{Phrase(*named, detail=detail(attributes))} {beside} {place}, both {attributes['size']}"
    return f"{bare} and {Phrase(other, '')}", f"{medium} {beside}", long


def readings(attributes: Attributes) -> list[Attributes]:
    """The attributes as they are, and, where there are two things, once more with the other as the main one.

    "A blue vase to the right of a red mug" tells the same as "a red mug left of a blue vase". Each
    reading has an `arrangement` too: "beside", "stacked" or "".
    """
    relation = str(attributes.get("relation", ""))
    none = {"size": "", "relation": "", "other_category": "", "other_colour": "", "other_finish": ""}
    first: Attributes = {**none, **attributes, "arrangement": ARRANGEMENT.get(relation, "")}
    if not relation:
        return [first]
    other = str(attributes["other_category"])
    swapped: Attributes = {
        **first,
        "super_category": CATEGORIES[other].super_category,
        "category": other,
        "colour": attributes["other_colour"],
        "finish": attributes["other_finish"],
        "second_colour": "",
        "pattern": "plain",
        "relation": OPPOSITE[relation],
        "other_category": attributes["category"],
        "other_colour": attributes["colour"],
        "other_finish": attributes["finish"],
    }
    return [first, swapped]


def stated_by_level(attributes: Attributes) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The names of the attributes that each of the three `captions` states."""
    short = frozenset({"category", "count"})
    medium = short | {"colour", "finish"}
    long = medium | stated_by_detail(attributes) | {"setting", "light"}
    if attributes.get("size"):
        long |= {"size"}
    if not attributes.get("relation"):
        return short, medium, long
    other = frozenset({"relation", "other_category", "other_colour", "other_finish"})
    return short | {"other_category"}, medium | other, long | other


def stated_by_detail(attributes: Attributes) -> frozenset[str]:
    """What `detail` states: nothing when it is empty."""
    if not attributes.get("second_colour"):
        return frozenset()
    return frozenset({"second_colour", "pattern"} if attributes["pattern"] != "plain" else {"second_colour"})
