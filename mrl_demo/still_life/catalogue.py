"""The one table of what a still life may hold: categories, colours, finishes, patterns, settings, lights.

Adding a category is one entry in `CATEGORIES` and one function of the same name in
objects/<super_category>.py. Plain data: this file knows nothing of sampling, wording rules or rendering.
"""

from __future__ import annotations

from dataclasses import dataclass

SMOOTH = ("matte", "glossy")
ALL_BUT_GLASS = ("matte", "glossy", "metal", "wood")
ALL = ("matte", "glossy", "metal", "glass", "wood")


@dataclass(frozen=True)
class Category:
    """How one category behaves.

    finishes: what it may be made of; patterned: whether a pattern reads well on it; accent: the visible part
    that takes the second colour; hollow: thin walls, so glass is tinted lightly; facing: degrees it is turned
    towards its best view, None when it looks alike from all sides; flat_top: another thing can stand on it;
    synonyms: other singular words for it.
    """

    super_category: str
    plural: str
    finishes: tuple[str, ...] = ALL_BUT_GLASS
    patterned: bool = True
    accent: str = ""
    hollow: bool = False
    facing: float | None = None
    flat_top: bool = False
    synonyms: tuple[str, ...] = ()


CATEGORIES: dict[str, Category] = {
    "mug": Category(
        "kitchenware", "mugs", ALL, hollow=True, facing=-20, synonyms=("cup", "coffee mug", "coffee cup")
    ),
    "bowl": Category("kitchenware", "bowls", ALL, hollow=True, synonyms=("dish",)),
    "bottle": Category("kitchenware", "bottles", ALL, hollow=True, synonyms=("flask",)),
    "teapot": Category("kitchenware", "teapots", ALL, accent="handle", facing=-12, synonyms=("tea pot",)),
    "goblet": Category(
        "kitchenware",
        "goblets",
        ("glossy", "metal", "glass", "wood"),
        hollow=True,
        synonyms=("wine glass", "chalice"),
    ),
    "jug": Category("kitchenware", "jugs", ALL, hollow=True, facing=-20, synonyms=("pitcher", "milk jug")),
    "cooking pot": Category(
        "kitchenware",
        "cooking pots",
        ("matte", "glossy", "metal"),
        accent="lid",
        facing=0,
        synonyms=("saucepan", "stew pot"),
    ),
    "apple": Category("food", "apples", ALL),
    "pear": Category("food", "pears", ALL),
    "cupcake": Category(
        "food", "cupcakes", SMOOTH, patterned=False, accent="wrapper", synonyms=("muffin", "fairy cake")
    ),
    "donut": Category("food", "donuts", SMOOTH, patterned=False, facing=0, synonyms=("doughnut",)),
    "ice cream cone": Category(
        "food",
        "ice cream cones",
        SMOOTH,
        patterned=False,
        accent="sauce",
        synonyms=("ice cream", "ice-cream cone"),
    ),
    "layer cake": Category(
        "food",
        "layer cakes",
        SMOOTH,
        patterned=False,
        accent="layers",
        facing=-20,
        synonyms=("cake", "cream cake"),
    ),
    "lollipop": Category(
        "food", "lollipops", SMOOTH, patterned=False, accent="swirl", facing=0, synonyms=("lolly", "sucker")
    ),
    "watermelon slice": Category(
        "food", "watermelon slices", SMOOTH, patterned=False, facing=0, synonyms=("melon slice", "watermelon")
    ),
    "chess pawn": Category("toy", "chess pawns", ALL, synonyms=("pawn",)),
    "chess rook": Category("toy", "chess rooks", ALL, synonyms=("rook", "chess castle")),
    "drum": Category("toy", "drums", accent="rim", facing=0, synonyms=("toy drum",)),
    "spinning top": Category("toy", "spinning tops", accent="handle", facing=0, synonyms=("toy top",)),
    "die": Category(
        "toy",
        "dice",
        ALL,
        patterned=False,
        accent="pips",
        facing=-28,
        flat_top=True,
        synonyms=("dice", "gaming die"),
    ),
    "skittle": Category(
        "toy",
        "skittles",
        ("matte", "glossy", "wood"),
        patterned=False,
        accent="collar",
        synonyms=("bowling pin", "ninepin"),
    ),
    "stacking toy": Category(
        "toy",
        "stacking toys",
        ("matte", "glossy", "wood"),
        patterned=False,
        accent="rings",
        synonyms=("ring stacker", "ring tower"),
    ),
    "teddy bear": Category(
        "toy", "teddy bears", SMOOTH, patterned=False, accent="bow", facing=-8, synonyms=("teddy", "toy bear")
    ),
    "chair": Category("furniture", "chairs", patterned=False, facing=-32, synonyms=("seat",)),
    "stool": Category(
        "furniture", "stools", patterned=False, facing=0, flat_top=True, synonyms=("bar stool",)
    ),
    "table": Category(
        "furniture", "tables", patterned=False, facing=-28, flat_top=True, synonyms=("coffee table", "desk")
    ),
    "sofa": Category(
        "furniture",
        "sofas",
        SMOOTH,
        patterned=False,
        accent="cushions",
        facing=-22,
        synonyms=("couch", "settee"),
    ),
    "bookcase": Category(
        "furniture",
        "bookcases",
        patterned=False,
        accent="books",
        facing=-18,
        flat_top=True,
        synonyms=("bookshelf",),
    ),
    "house": Category("building", "houses", accent="roof", facing=-26, synonyms=("cottage", "home")),
    "lighthouse": Category(
        "building", "lighthouses", patterned=False, accent="bands", facing=-15, synonyms=("light tower",)
    ),
    "castle tower": Category(
        "building", "castle towers", accent="roof", facing=-15, synonyms=("tower", "turret")
    ),
    "windmill": Category(
        "building", "windmills", patterned=False, accent="sails", facing=-15, synonyms=("mill", "wind mill")
    ),
    "tent": Category("building", "tents", SMOOTH, facing=-24, synonyms=("camping tent",)),
    "car": Category("vehicle", "cars", facing=-38, synonyms=("automobile", "toy car")),
    "rocket": Category("vehicle", "rockets", accent="fins", facing=0, synonyms=("space rocket", "spaceship")),
    "sailboat": Category(
        "vehicle",
        "sailboats",
        accent="hull",
        patterned=False,
        facing=-20,
        synonyms=("sailing boat", "boat", "yacht"),
    ),
    "hot-air balloon": Category(
        "vehicle", "hot-air balloons", SMOOTH, synonyms=("hot air balloon", "balloon")
    ),
    "train engine": Category(
        "vehicle",
        "train engines",
        patterned=False,
        accent="wheels",
        facing=-36,
        synonyms=("locomotive", "steam engine", "train"),
    ),
    "airplane": Category(
        "vehicle", "airplanes", patterned=False, accent="wings", facing=-30, synonyms=("aeroplane", "plane")
    ),
    "pine tree": Category(
        "plant", "pine trees", ALL, patterned=False, synonyms=("fir tree", "Christmas tree")
    ),
    "cactus": Category(
        "plant", "cacti", ALL_BUT_GLASS, patterned=False, accent="pot", facing=0, synonyms=("potted cactus",)
    ),
    "mushroom": Category("plant", "mushrooms", ALL, synonyms=("toadstool",)),
    "tulip": Category(
        "plant",
        "tulips",
        ("matte", "glossy", "metal"),
        patterned=False,
        accent="pot",
        facing=0,
        synonyms=("flower", "potted tulip"),
    ),
    "vase": Category("decoration", "vases", ALL, hollow=True, synonyms=("flower vase",)),
    "gift box": Category(
        "decoration", "gift boxes", accent="ribbon", facing=-28, synonyms=("present", "gift")
    ),
    "trophy": Category(
        "decoration",
        "trophies",
        ("glossy", "metal", "glass", "wood"),
        patterned=False,
        facing=-12,
        synonyms=("prize cup", "award"),
    ),
    "snowman": Category(
        "decoration", "snowmen", accent="scarf and hat", patterned=False, facing=-8, synonyms=("snow figure",)
    ),
    "bell": Category("decoration", "bells", ALL_BUT_GLASS, accent="handle", synonyms=("hand bell",)),
    "hourglass": Category(
        "decoration", "hourglasses", patterned=False, synonyms=("sand timer", "egg timer", "sandglass")
    ),
    "hat": Category(
        "clothing", "hats", ("matte", "glossy", "metal"), accent="band", synonyms=("brimmed hat",)
    ),
    "boot": Category(
        "clothing",
        "boots",
        ("matte", "glossy", "metal"),
        accent="sole",
        facing=-40,
        synonyms=("rubber boot", "welly"),
    ),
    "handbag": Category(
        "clothing", "handbags", SMOOTH, accent="handle", facing=-20, synonyms=("bag", "purse")
    ),
    "umbrella": Category("clothing", "umbrellas", SMOOTH, accent="handle", synonyms=("parasol", "brolly")),
    "hammer": Category(
        "tool", "hammers", patterned=False, accent="handle", facing=0, synonyms=("claw hammer",)
    ),
    "guitar": Category(
        "tool", "guitars", patterned=False, accent="neck", facing=0, synonyms=("acoustic guitar",)
    ),
    "padlock": Category("tool", "padlocks", ("matte", "glossy", "metal"), facing=-15, synonyms=("lock",)),
    "paintbrush": Category(
        "tool", "paintbrushes", patterned=False, accent="tip", facing=0, synonyms=("brush", "paint brush")
    ),
    "candle": Category(
        "light", "candles", SMOOTH, patterned=False, accent="holder", facing=-20, synonyms=("lit candle",)
    ),
    "table lamp": Category(
        "light", "table lamps", SMOOTH, accent="foot", synonyms=("lamp", "desk lamp", "bedside lamp")
    ),
    "lantern": Category(
        "light",
        "lanterns",
        ("matte", "glossy", "metal"),
        patterned=False,
        facing=-20,
        synonyms=("camping lantern", "storm lantern"),
    ),
    "light bulb": Category(
        "light",
        "light bulbs",
        ("matte", "glossy", "glass"),
        patterned=False,
        hollow=True,
        synonyms=("bulb", "lightbulb"),
    ),
}


@dataclass(frozen=True)
class Colour:
    """A colour as people name it: its sRGB value and the second colours that go with it."""

    hex: str
    seconds: tuple[str, ...]
    metal_only: bool = False


COLOURS: dict[str, Colour] = {
    "red": Colour("#c4241f", ("white", "yellow")),
    "orange": Colour("#ec6f12", ("white", "blue")),
    "yellow": Colour("#f5b70f", ("black", "blue")),
    "green": Colour("#2f8f3d", ("white", "yellow")),
    "teal": Colour("#0f9a97", ("white", "orange")),
    "blue": Colour("#1f55c4", ("white", "yellow")),
    "purple": Colour("#8a2a9e", ("white", "yellow")),
    "pink": Colour("#ee86b0", ("white", "blue")),
    "white": Colour("#efece4", ("red", "blue")),
    "black": Colour("#1c1c20", ("white", "yellow")),
    "gold": Colour("#e0a526", ("black", "white"), metal_only=True),
    "silver": Colour("#c9ced4", ("black", "blue"), metal_only=True),
    "copper": Colour("#c9683d", ("black", "white"), metal_only=True),
    "gunmetal": Colour("#6a717c", ("white", "yellow"), metal_only=True),
}
# Shiny orange, yellow, white and black look like copper, gold, silver and gunmetal: people name them so.
NEVER_METAL = ("orange", "yellow", "white", "black")

# Shares before the rules strike some out: glass, for one, suits fewer things and settings than the rest.
FINISHES: dict[str, float] = {"matte": 0.22, "glossy": 0.25, "metal": 0.2, "glass": 0.3, "wood": 0.16}
PATTERNS: dict[str, float] = {"plain": 0.25, "stripes": 0.25, "dots": 0.25, "checks": 0.25}
SETTINGS = ("wooden table", "marble table", "tiled floor", "window shelf", "paper", "grass", "sand", "snow")
OUTDOORS = ("grass", "sand", "snow")
LIGHTS: dict[str, float] = {"soft daylight": 0.36, "warm evening": 0.26, "cool night": 0.2, "hard spot": 0.18}
COUNTS: dict[int, float] = {1: 0.6, 2: 0.22, 3: 0.18}
# How much of the frame the things fill.
SIZES: dict[str, float] = {"small": 0.25, "medium": 0.45, "large": 0.3}
# Where the main object stands, seen from a second, different one beside it; "" when there is none.
PAIRS = 0.25
RELATIONS = ("left of", "right of", "in front of", "behind", "on top of")
