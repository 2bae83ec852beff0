"""Scenes: seeded sampling of everything one picture shows, and the rules for what is never shown.

Plain Python. Scene i of seed s is always the same, on any machine; it knows nothing of shapes or pixels.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from itertools import product
from typing import Any, Literal, TypeVar

from mrl_demo.still_life.catalogue import (
    CATEGORIES,
    COLOURS,
    COUNTS,
    FINISHES,
    LIGHTS,
    NEVER_METAL,
    PAIRS,
    PATTERNS,
    RELATIONS,
    SETTINGS,
    SIZES,
)

T = TypeVar("T")
Combinations = Literal["all", "open", "reserved"]

ATTRIBUTES = (
    "super_category",
    "category",
    "colour",
    "second_colour",
    "finish",
    "pattern",
    "setting",
    "light",
    "count",
    "size",
    "relation",
    "other_category",
    "other_colour",
    "other_finish",
)
RESERVED_PERCENT = 8
DARK_WINDOW = ("window shelf", "hard spot")
BIG = ("furniture", "building")  # what never stands on top of another thing


@dataclass(frozen=True)
class Scene:
    """One still life. The first block is what a caption may name, the second only varies the picture.

    second_colour is "" when neither a pattern nor an accent part shows one. relation is where the main object
    stands, seen from a second, different one, which is plain; it and the other_... are "" when there is none.
    """

    super_category: str
    category: str
    colour: str
    second_colour: str
    finish: str
    pattern: str
    setting: str
    light: str
    count: int
    size: str
    relation: str
    other_category: str
    other_colour: str
    other_finish: str

    seed: int
    index: int
    shape_seed: int
    other_shape_seed: int
    azimuth: float
    elevation: float
    backdrop: int
    turns: tuple[float, ...]
    swap: int

    @property
    def other_second_colour(self) -> str:
        """What the accent parts of the other object are painted in, never the main object's colour; "" when
        it has none. No caption names it.
        """
        if not self.other_category or not CATEGORIES[self.other_category].accent:
            return ""
        return next(colour for colour in COLOURS[self.other_colour].seconds if colour != self.colour)

    def attributes(self) -> dict[str, str | int]:
        """What a caption or a filter may name, by column name."""
        return {name: getattr(self, name) for name in ATTRIBUTES}

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Scene:
        """The inverse of `to_json`. Raises TypeError when a field is missing or unknown."""
        fields = json.loads(text)
        return cls(**{**fields, "turns": tuple(fields["turns"])})


def sample_scene(seed: int, index: int, combinations: Combinations = "all") -> Scene:
    """Scene `index` of collection `seed`.

    Categories evenly, a quarter of the scenes with a second object; the rest by its share, drawn again until
    no rule objects. `combinations`: "all", "open" (neither object's is reserved), "reserved" (the main
    object's is).
    """
    rng = random.Random(f"still life {seed}-{index}")
    category = rng.choice(list(CATEGORIES))
    kind = CATEGORIES[category]
    big = kind.super_category in BIG
    relation = rng.choice(RELATIONS[:-1] if big else RELATIONS) if rng.random() < PAIRS else ""
    while True:
        main = _draw_object(rng, category)
        pattern = _weighted(rng, PATTERNS) if pattern_fits(category, main["finish"], "stripes") else "plain"
        second = rng.choice(COLOURS[main["colour"]].seconds) if pattern != "plain" or kind.accent else ""
        other_category = rng.choice(list(CATEGORIES)) if relation else ""
        other = _draw_object(rng, other_category) if relation else {"colour": "", "finish": ""}
        drawn: dict[str, Any] = {
            "super_category": kind.super_category,
            "category": category,
            "colour": main["colour"],
            "second_colour": second,
            "finish": main["finish"],
            "pattern": pattern,
            "setting": rng.choice(SETTINGS),
            "light": _weighted(rng, LIGHTS),
            "count": 1 if relation else _weighted(rng, COUNTS),
            "size": _weighted(rng, SIZES),
            "relation": relation,
            "other_category": other_category,
            "other_colour": other["colour"],
            "other_finish": other["finish"],
        }
        if objection(drawn) is None and combinations_fit(drawn, combinations):
            break
    return Scene(
        **drawn,
        seed=seed,
        index=index,
        shape_seed=rng.randrange(2**31),
        other_shape_seed=rng.randrange(2**31),
        azimuth=round(rng.uniform(-26, 26), 3),
        elevation=round(rng.uniform(12, 26), 3),
        backdrop=rng.randrange(5),
        turns=tuple(round(rng.uniform(-1, 1), 3) for _ in range(3)),
        swap=rng.choice((-1, 1)),
    )


@cache
def reserved_combinations() -> frozenset[tuple[str, str, str, str]]:
    """The (category, colour, finish, pattern) kept from training, to measure what was never seen together.

    A fixed rule: of the combinations that each category can have, those RESERVED_PERCENT whose
    "category|colour|finish|pattern" has the smallest SHA-256.
    """

    def digest(combination: tuple[str, ...]) -> bytes:
        return hashlib.sha256("|".join(combination).encode()).digest()

    kept: list[tuple[str, str, str, str]] = []
    for category, entry in CATEGORIES.items():
        every = [
            (category, colour, finish, pattern)
            for colour, finish, pattern in product(COLOURS, entry.finishes, PATTERNS)
            if colour_fits_finish(colour, finish) and pattern_fits(category, finish, pattern)
        ]
        kept += sorted(every, key=digest)[: round(len(every) * RESERVED_PERCENT / 100)]
    return frozenset(kept)


def combinations_fit(attributes: Mapping[str, Any], combinations: Combinations) -> bool:
    """Whether a scene's combinations are those that `combinations` allows."""
    if combinations == "all":
        return True
    main, other = (
        tuple(attributes[prefix + name] for name in ("category", "colour", "finish"))
        for prefix in ("", "other_")
    )
    unseen = (*main, attributes["pattern"]) in reserved_combinations()
    if combinations == "reserved":
        return unseen
    return not unseen and (*other, "plain") not in reserved_combinations()


def _draw_object(rng: random.Random, category: str) -> dict[str, str]:
    """A colour and a finish for one object, fitting each other."""
    kind = CATEGORIES[category]
    finish = _weighted(rng, {name: share for name, share in FINISHES.items() if name in kind.finishes})
    fitting = {
        name: 2.0 if colour.metal_only else 1.0
        for name, colour in COLOURS.items()
        if colour_fits_finish(name, finish)
    }
    return {"colour": _weighted(rng, fitting), "finish": finish}


def colour_fits_finish(colour: str, finish: str) -> bool:
    """Gold, silver and copper are metals only; orange, yellow, white and black never are."""
    if finish == "metal":
        return colour not in NEVER_METAL
    if COLOURS[colour].metal_only:
        return False
    return not (finish == "glass" and colour in ("white", "black"))


def pattern_fits(category: str, finish: str, pattern: str) -> bool:
    """Patterns show only on matte and glossy surfaces of what they suit; plain always fits."""
    return pattern == "plain" or (CATEGORIES[category].patterned and finish in ("matte", "glossy"))


def objection(drawn: Mapping[str, Any]) -> str | None:
    """Why this combination of attributes is never shown, or None: traps found by looking at renders."""
    place = (drawn["setting"], drawn["light"])
    found = _object_objection(drawn["category"], drawn["colour"], drawn["finish"], *place)
    if found is not None:
        return found
    if not pattern_fits(drawn["category"], drawn["finish"], drawn["pattern"]):
        return "a pattern shows only on matte and glossy surfaces it suits"
    if not drawn.get("relation"):
        return (
            "three small things are too small"
            if drawn["count"] == 3 and drawn.get("size") == "small"
            else None
        )
    return _object_objection(
        drawn["other_category"], drawn["other_colour"], drawn["other_finish"], *place
    ) or _pair_objection(drawn)


def _object_objection(category: str, colour: str, finish: str, setting: str, light: str) -> str | None:
    """Why one object is not shown at this place."""
    entry, place = CATEGORIES[category], (setting, light)
    if finish not in entry.finishes:
        return f"{category} is never made of {finish}"
    if not colour_fits_finish(colour, finish):
        return f"{colour} is no {finish} colour"
    if finish == "glass" and light == "cool night":
        return "glass turns dark at night"
    if finish == "glass" and setting in ("grass", "wooden table"):
        return "glass turns dark on a dark ground"
    if finish == "wood" and entry.super_category == "food":
        return "wooden food looks odd"
    if category in ("table", "sofa", "bookcase") and setting in (
        "wooden table",
        "marble table",
        "window shelf",
    ):
        return "furniture on furniture reads as one"
    if colour in ("white", "silver") and setting in ("snow", "paper", "marble table"):
        return "white disappears on white"
    if colour == "black" and (light == "cool night" or setting == "grass" or place == DARK_WINDOW):
        return "black disappears in the dark"
    if colour == "gunmetal" and (light == "hard spot" or setting == "grass"):
        return "gunmetal turns black"
    if colour == "green" and setting == "grass":
        return "green disappears on grass"
    if colour in ("yellow", "gold") and setting == "sand":
        return "yellow disappears on sand"
    if colour in ("orange", "copper", "yellow") and finish in ("wood", "metal") and setting == "wooden table":
        return "warm wood disappears on wood"
    if finish == "metal" and (light == "cool night" or place == ("grass", "hard spot")):
        return "metal mirrors the dark"
    if finish == "metal" and setting in ("grass", "sand") and colour not in ("gold", "silver", "copper"):
        return "dyed metal mirrors a coloured ground"
    return None


def _pair_objection(drawn: Mapping[str, Any]) -> str | None:
    """Why two objects are not shown together."""
    main, other = CATEGORIES[drawn["category"]], CATEGORIES[drawn["other_category"]]
    if drawn["category"] == drawn["other_category"]:
        return "the two things of a pair differ"
    if drawn["colour"] == drawn["other_colour"]:
        return "the colours of a pair differ"
    if drawn["count"] != 1:
        return "a pair is two single things"
    if drawn["size"] == "small":
        return "the things of a small pair are too small"
    if drawn["relation"] == "on top of":
        if not other.flat_top:
            return f"nothing stands on a {drawn['other_category']}"
        if main.super_category in BIG:
            return "what is big in life is not put on top of other things"
    return None


def _weighted(rng: random.Random, shares: Mapping[T, float]) -> T:
    return rng.choices(list(shares), weights=list(shares.values()))[0]
