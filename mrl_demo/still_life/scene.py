"""Scenes: seeded sampling of everything one picture shows, and the rules for what is never shown.

Plain Python. Scene i of seed s is always the same, on any machine; it knows nothing of shapes or pixels.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from mrl_demo.still_life.catalogue import (
    CATEGORIES,
    COLOURS,
    COUNTS,
    FINISHES,
    LIGHTS,
    NEVER_METAL,
    PATTERNS,
    SETTINGS,
    SUPER_CATEGORIES,
)

T = TypeVar("T")

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
)


@dataclass(frozen=True)
class Scene:
    """One still life. The first block is what a caption may name, the second only varies the picture.

    second_colour is "" when neither a pattern nor an accent part shows one.
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

    seed: int
    index: int
    shape_seed: int
    azimuth: float
    elevation: float
    backdrop: int
    turns: tuple[float, ...]
    swap: int

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


def sample_scene(seed: int, index: int) -> Scene:
    """Scene `index` of collection `seed`.

    Super-category, then category, evenly; the rest by its share, drawn again until no rule objects.
    """
    rng = random.Random(f"still life {seed}-{index}")
    super_category = rng.choice(list(SUPER_CATEGORIES))
    category = rng.choice(SUPER_CATEGORIES[super_category])
    kind = CATEGORIES[category]
    count = _weighted(rng, COUNTS)
    while True:
        finish = _weighted(rng, {name: share for name, share in FINISHES.items() if name in kind.finishes})
        fitting = {
            name: 2.0 if colour.metal_only else 1.0
            for name, colour in COLOURS.items()
            if colour_fits_finish(name, finish)
        }
        colour = _weighted(rng, fitting)
        pattern = _weighted(rng, PATTERNS) if kind.patterned and finish in ("matte", "glossy") else "plain"
        second = rng.choice(COLOURS[colour].seconds) if pattern != "plain" or kind.accent else ""
        drawn: dict[str, Any] = {
            "super_category": super_category,
            "category": category,
            "colour": colour,
            "second_colour": second,
            "finish": finish,
            "pattern": pattern,
            "setting": rng.choice(SETTINGS),
            "light": _weighted(rng, LIGHTS),
            "count": count,
        }
        if objection(drawn) is None:
            break
    return Scene(
        **drawn,
        seed=seed,
        index=index,
        shape_seed=rng.randrange(2**31),
        azimuth=round(rng.uniform(-26, 26), 3),
        elevation=round(rng.uniform(12, 26), 3),
        backdrop=rng.randrange(5),
        turns=tuple(round(rng.uniform(-1, 1), 3) for _ in range(3)),
        swap=rng.choice((-1, 1)),
    )


def colour_fits_finish(colour: str, finish: str) -> bool:
    """Gold, silver and copper are metals only; orange, yellow, white and black never are."""
    if finish == "metal":
        return colour not in NEVER_METAL
    if COLOURS[colour].metal_only:
        return False
    return not (finish == "glass" and colour in ("white", "black"))


def objection(drawn: Mapping[str, object]) -> str | None:
    """Why this combination of attributes is never shown, or None: traps found by looking at renders."""
    entry = CATEGORIES[str(drawn["category"])]
    colour, finish, setting, light = drawn["colour"], drawn["finish"], drawn["setting"], drawn["light"]
    if finish not in entry.finishes:
        return f"{drawn['category']} is never made of {finish}"
    if not colour_fits_finish(str(colour), str(finish)):
        return f"{colour} is no {finish} colour"
    if drawn["pattern"] != "plain" and (not entry.patterned or finish not in ("matte", "glossy")):
        return "a pattern shows only on matte and glossy surfaces it suits"
    if finish == "glass" and light == "cool night":
        return "glass turns dark at night"
    if finish == "glass" and setting in ("grass", "wooden table"):
        return "glass turns dark on a dark ground"
    if finish == "wood" and drawn["super_category"] == "food":
        return "wooden food looks odd"
    if colour in ("white", "silver") and setting in ("snow", "paper", "marble table"):
        return "white disappears on white"
    if colour == "black" and (light == "cool night" or setting == "grass"):
        return "black disappears in the dark"
    if colour == "green" and setting == "grass":
        return "green disappears on grass"
    if colour in ("yellow", "gold") and setting == "sand":
        return "yellow disappears on sand"
    if colour in ("orange", "copper", "yellow") and finish in ("wood", "metal") and setting == "wooden table":
        return "warm wood disappears on wood"
    if finish == "metal" and light == "cool night":
        return "metal mirrors the dark"
    return None


def _weighted(rng: random.Random, shares: Mapping[T, float]) -> T:
    return rng.choices(list(shares), weights=list(shares.values()))[0]
