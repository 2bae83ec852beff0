"""Captions of fashion products from their columns: "footwear", "a blue men's t-shirt", the shop's own name.

Three levels: what it is; with colour, for whom, season or use; the product's name. Each says which columns it
states, so that training knows of which other products it is true. Knows nothing of pictures.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence

from mrl_demo.collection.sources import Entry
from mrl_demo.still_life.phrase import Attributes
from mrl_demo.training.photo_captions import with_its_article

# Columns that a caption may state, as the public data set calls them.
COLUMNS = ("gender", "masterCategory", "subCategory", "articleType", "baseColour", "season", "usage")
NAME = "name"
# What a question asks for, and an answer must have.
ASKED = ("articleType", "baseColour", "gender")
_UNKNOWN = ("", "NA", "None")

_FOR_WHOM = {"Men": "men's", "Women": "women's", "Boys": "boys'", "Girls": "girls'", "Unisex": "unisex"}
_COLOURS = {"Multi": "multicoloured", "Skin": "skin-coloured", "Steel": "steel-coloured"}
_USES = {"Sports": "sports", "Smart Casual": "smart casual"}
_GROUPS = {
    "Apparel": "clothing",
    "Footwear": "footwear",
    "Accessories": "fashion accessory",
    "Home": "home furnishing",
}
# Types that are several by nature, or a stuff: said as they are, without an article.
_BARE = re.compile(
    r"(shoes|heels|flats|flops|sandals|socks|stockings|booties|jeans|jeggings|leggings|trousers|pants|shorts"
    r"|capris|tights|briefs|boxers|earrings|cufflinks|sunglasses|gloves|suspenders|laces|essentials"
    r"|accessories|swimwear|shapewear|innerwear|topwear|bottomwear|loungewear|nightwear|makeup|lipstick"
    r"|deodorant|perfume|mist|gloss|polish|jewellery|chains|eyeliner|eyeshadow|mascara|sunscreen|lotion"
    r"|cream|care|colour|salwar|churidar|patiala|footwear|clothing|eyewear|headwear|fragrance|nails|lips"
    r"|eyes|skin|hair|equipment|primer|blush|exfoliator|moisturisers|cleanser|gel|scrub|peel|remover|goods|body|furnishing)$"
)


def told(entry: Entry) -> Attributes:
    """The columns of a product, its item number and, as `name`, what the shop calls it."""
    columns = {key: str(entry.attributes.get(key, "")) for key in COLUMNS}
    return {**columns, NAME: entry.caption, "id": str(entry.attributes.get("id", entry.name))}


def readings(attributes: Attributes) -> list[Attributes]:
    """What is known of the product; what the shop left open is not false, but it is not said either."""
    known = {key: attributes[key] for key in (*COLUMNS, NAME) if attributes[key] not in _UNKNOWN}
    return [known]


def sample_statement(attributes: Attributes, rng: random.Random) -> tuple[str, Attributes]:
    """A caption and what it states, on one of the three levels, in one of many wordings."""
    known = readings(attributes)[0]
    dice = rng.random()
    if dice < 0.12 and NAME in known:
        return str(known[NAME]), {NAME: known[NAME]}
    stated = set()
    for column, share in (("baseColour", 0.7), ("gender", 0.6), ("usage", 0.15), ("season", 0.12)):
        if dice > 0.3 and column in known and rng.random() < share:
            stated.add(column)
    what = "articleType"
    if rng.random() < 0.12:
        what = rng.choice(("subCategory", "masterCategory"))
    facts = {column: known[column] for column in (*sorted(stated), what) if column in known}
    if not facts:
        return "a product", {}
    form = rng.random()
    text = phrase(facts, article=form > 0.2)
    return (f"a photo of {text}" if form > 0.85 else text), facts


def wordings(rows: Sequence[Attributes]) -> Iterator[str]:
    """Every name of the rows, and every value of a column that a caption may state, in words: together all
    that `sample_statement` may say of them."""
    known = {fact for row in rows for fact in readings(row)[0].items()}
    yield "a photo of a product"
    for column, value in sorted(known):
        yield str(value) if column == NAME else phrase({column: value})


def question(attributes: Attributes) -> str:
    """The caption that asks for ASKED of a product: "a blue men's t-shirt"."""
    return phrase({column: attributes[column] for column in ASKED})


def phrase(facts: Mapping[str, str | int], article: bool = True) -> str:
    """The noun phrase that states `facts`, columns and values: "a casual blue men's shirt for summer"."""
    what = next((key for key in ("articleType", "subCategory", "masterCategory") if key in facts), None)
    noun = _noun(str(facts[what])) if what else "product"
    use = _USES.get(str(facts.get("usage", "")), str(facts.get("usage", "")).lower())
    colour = str(facts.get("baseColour", ""))
    colour = _COLOURS.get(colour, colour.lower())
    gender = str(facts.get("gender", ""))
    words = (
        "" if use and use.split()[-1] in noun else use,
        colour,
        _FOR_WHOM.get(gender, gender.lower()),
        noun,
    )
    text = " ".join(word for word in words if word)
    if article and not _BARE.search(noun):
        text = with_its_article(text)
    return f"{text} for {str(facts['season']).lower()}" if "season" in facts else text


def _noun(value: str) -> str:
    """A type as one of its things is called: "Tshirts" -> "t-shirt", "Casual Shoes" -> "casual shoes"."""
    words = _GROUPS.get(value, value).lower()
    words = re.sub(r"\btshirt", "t-shirt", words)
    if _BARE.search(words) or words.endswith("ss"):
        return words
    if words.endswith(("sses", "shes", "ches")) and not words.endswith("aches"):
        return words[:-2]
    if words.endswith("rves"):
        return words[:-3] + "f"
    return words.removesuffix("s")
