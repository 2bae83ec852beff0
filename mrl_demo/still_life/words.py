"""The wordings of every attribute but the category: plain data, the first of each list is the canonical one.

Knows nothing of grammar; category names and their synonyms are in the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    "tiled floor": ("on floor tiles", "on a tiled floor", "on tiles", "on a floor with tiles"),
    "window shelf": ("on a window shelf", "on a shelf by a window", "on a windowsill", "by a window"),
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
    "cool night": ("in cool night light", "at night", "by lamplight", "in the dark"),
    "hard spot": (
        "under a hard spotlight",
        "in a spotlight",
        "under a spotlight",
        "with hard shadows",
        "in dramatic light",
    ),
}
SIZES: dict[str, Sequence[str]] = {
    "small": ("small", "little", "tiny"),
    "medium": ("medium-sized", "medium"),
    "large": ("large", "big"),
}
RELATIONS: dict[str, Sequence[str]] = {
    "left of": ("left of", "to the left of", "on the left of"),
    "right of": ("right of", "to the right of", "on the right of"),
    "in front of": ("in front of", "standing in front of"),
    "behind": ("behind", "standing behind"),
    # "on a wooden table" is a setting, so a bare "on" would say two things.
    "on top of": ("on top of", "standing on top of", "placed on top of"),
    "under": ("under", "below", "beneath"),
}
BESIDE = ("beside", "next to", "by")
GROUPS: dict[str, Sequence[str]] = {
    "kitchenware": ("kitchenware", "something for the kitchen", "tableware"),
    "food": ("food", "something to eat", "something tasty"),
    "toy": ("a toy", "a game piece or toy", "something to play with"),
    "furniture": ("furniture", "a piece of furniture", "something for the living room"),
    "building": ("a building", "something built", "a small building"),
    "vehicle": ("a vehicle", "something to travel in", "transport"),
    "plant": ("a plant", "something that grows", "nature"),
    "decoration": ("a decoration", "an ornament", "something to give or put on a shelf"),
    "clothing": ("something to wear or carry", "clothing or accessories", "an accessory"),
    "tool": ("a tool or an instrument", "something to work or make music with"),
    "light": ("a light source", "a light", "something that gives light"),
}
COLOURS: dict[str, Sequence[str]] = {
    "purple": ("violet",),
    "teal": ("turquoise", "blue-green"),
    "pink": ("rose",),
    "gold": ("golden",),
    "silver": ("silvery", "grey"),
    "copper": ("coppery",),
    "gunmetal": ("dark grey",),
    "white": ("cream white",),
    "green": ("dark green",),
}
FINISHES: dict[str, Sequence[str]] = {
    "matte": ("matte", "dull"),
    "glossy": ("glossy", "shiny"),
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
    "stripes": ("stripes",),
    "dots": ("dots", "polka dots", "spots"),
    "checks": ("checks", "squares"),
}
PATTERN_ADJECTIVES: dict[str, Sequence[str]] = {
    "stripes": ("striped",),
    "dots": ("dotted", "polka-dot", "spotted"),
    "checks": ("checked", "chequered"),
}
OPENINGS = ("a photo of ", "a picture of ", "an image of ", "a still life with ")
