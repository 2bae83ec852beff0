"""The dataset card of the still-life collection and its contact sheet, made from the Parquet files.

What the card says of the pictures is counted in the files, what it says of the sampling is read from the
scene's rules. This file knows nothing of rendering.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

from PIL import Image

from mrl_demo.still_life.plots import bar_charts
from mrl_demo.still_life.scene import RESERVED_PERCENT
from mrl_demo.whole import whole

FILES = {
    "gallery": "items.parquet",
    "train": "train.parquet",
    "validation": "validation.parquet",
    "queries": "queries.parquet",
}
COUNTED = (
    "super_category",
    "category",
    "colour",
    "finish",
    "pattern",
    "setting",
    "light",
    "count",
    "size",
    "relation",
)
SHEET, PLOTS = "contact-sheet.webp", "distributions.svg"
SHEET_COLUMNS, SHEET_TILE = 11, 128

FRONT = """---
license: cc0-1.0
pretty_name: Still lifes for Matryoshka search
task_categories: [text-to-image, image-feature-extraction]
language: [en]
size_categories: [10K<n<100K]
configs:
- config_name: gallery
  data_files: items.parquet
- config_name: train
  data_files: train.parquet
- config_name: validation
  data_files: validation.parquet
- config_name: queries
  data_files: queries.parquet
---
# Still lifes

![One picture of each category](contact-sheet.webp)

Rendered still lifes of everyday things and toys, each with its attributes, three captions and the scene it
was rendered from. Nothing was downloaded or photographed: scenes are sampled, modelled and rendered by
`mrl_demo/still_life/`. The gallery is what the demo searches, the queries are more pictures like it; the
training set is what its encoder learns from. Validation holds combinations of category, colour, finish and
pattern that the training set never has: what a model makes of them it has not seen together. This card is
written by `python -m mrl_demo render`, which counts what is in the tables.
"""

COLUMNS = """
## Columns

| column | what it holds |
| --- | --- |
| `image` | WebP, square |
| `caption_short` | "a mug" |
| `caption_medium` | "a glossy red mug" |
| `caption_long` | "a large glossy red mug with white dots on a marble table in warm evening light" |
| `super_category`, `category` | what it is |
| `colour`, `second_colour` | the main colour; that of pattern or accent, empty when there is none |
| `finish`, `pattern` | surface |
| `setting`, `light`, `count` | where, in what light, how many |
| `size` | how much of the picture the things fill |
| `relation` | where it stands, seen from a second, different thing; empty when there is none |
| `other_category`, `other_colour`, `other_finish` | that second thing, which is plain |
| `scene` | the whole scene as JSON: attributes, camera, and the seeds of shapes and proportions |

Of two things the captions are "a mug and a vase", "a glossy red mug left of a matte blue vase" and the same
with setting, light and size.
"""

REST = """
## How it was made

Scene i of a seed is always the same (`mrl_demo/still_life/scene.py`, plain Python). Shapes are modelled in
NumPy with random proportions, rendered with Mitsuba (`scalar_rgb`, larger, then reduced) and denoised with
Intel Open Image Denoise, both in the versions of `requirements-dev.txt`. A picture that is near-empty, too
dark or burnt out is drawn again, up to four times. To render them all:

```
pip install -r requirements-dev.txt
for split in train gallery validation queries; do
    python -m mrl_demo render --split $split     # goes on where it stopped
done
```

Categories are drawn evenly, the rest by fixed shares; a quarter of the scenes gets a second thing.
Combinations that cannot be seen or look wrong are left out by rule: glass at night or on dark ground, white
on white, black in the dark, green on grass, patterns on metal, glass or wood, wooden food, a table, sofa or
bookcase on a table or shelf, a house on top of a stool. Orange, yellow, white and black metal do not occur;
metals are gold, silver, copper, gunmetal or a lacquer colour. So attributes are not independent: all gold
things are metal, no glass is seen at night.

Of the combinations that each category can have, the {reserved}% with the smallest SHA-256 of
"category|colour|finish|pattern" are reserved: training never shows them, of either thing, validation shows
nothing else of its main thing, gallery and queries show all. Packing refuses a split that breaks this.

## Limits

A toy-shop world: clean objects in mid-frame, at most two kinds of thing a picture, little hidden. A blue
wooden pine tree is as likely as a green one. Words come from templates, English only. A model trained on it
knows nothing of photographs.

## Licence

CC0 1.0: pictures, captions and attributes are in the public domain.
"""


def write_card(out: Path) -> None:
    """Write README.md and distributions.svg for the Parquet files in `out`, and a contact sheet when the
    gallery is among them.
    """
    from mrl_demo.collection.items import read_items

    tables = {
        split: list(read_items(out / file, ["image", "scene", "other_category", *COUNTED]))
        for split, file in FILES.items()
        if (out / file).exists()
    }
    if "gallery" in tables:
        with whole(out / SHEET) as beside:
            contact_sheet(tables["gallery"]).save(beside, "WEBP", quality=80, method=6)
    counts = {name: _counts(tables, name) for name in COUNTED}
    totals = {
        name.replace("_", "-"): {value: sum(each) for value, each in values.items()}
        for name, values in counts.items()
    }
    with whole(out / PLOTS) as beside:
        beside.write_text(bar_charts(totals))
    rest = REST.format(reserved=RESERVED_PERCENT)
    with whole(out / "README.md") as beside:
        beside.write_text(FRONT + _sizes(out, tables) + COLUMNS + _distributions(tables, counts) + rest)


def contact_sheet(rows: list[dict[str, Any]]) -> Image.Image:
    """One picture of each category, in the order of first appearance of super-category and category."""
    first: dict[tuple[str, str], bytes] = {}
    for row in rows:
        if row["count"] == 1 and not row.get("other_category"):
            first.setdefault((row["super_category"], row["category"]), row["image"]["bytes"])
    height = -(-len(first) // SHEET_COLUMNS)
    sheet = Image.new("RGB", (SHEET_COLUMNS * SHEET_TILE, height * SHEET_TILE), "white")
    for k, key in enumerate(sorted(first)):
        tile = Image.open(io.BytesIO(first[key])).resize((SHEET_TILE, SHEET_TILE), Image.Resampling.LANCZOS)
        sheet.paste(tile, (k % SHEET_COLUMNS * SHEET_TILE, k // SHEET_COLUMNS * SHEET_TILE))
    return sheet


def _sizes(out: Path, tables: dict[str, list[dict[str, Any]]]) -> str:
    lines = ["", "| split | file | pictures | pixels | seed | MB |", "| --- | --- | --: | --: | --: | --: |"]
    for split, rows in tables.items():
        side = Image.open(io.BytesIO(rows[0]["image"]["bytes"])).width
        seed = _seed(rows[0]["scene"])
        size = (out / FILES[split]).stat().st_size / 1e6
        lines.append(
            f"| {split} | `{FILES[split]}` | {len(rows):,} | {side} x {side} | {seed} | {size:.1f} |"
        )
    seeds = {split: _seed(rows[0]["scene"]) for split, rows in tables.items()}
    shared = len(set(seeds.values())) < len(seeds)
    said = "Splits of the same seed share scenes." if shared else "No scene is in two of them."
    return "\n".join([*lines, "", said, *_seen_before(tables), ""])


def _seen_before(tables: dict[str, list[dict[str, Any]]]) -> list[str]:
    """How new the combinations of validation are, once one leaves the pattern out."""
    if not {"train", "validation"} <= set(tables):
        return []
    three = ("category", "colour", "finish")
    trained = {tuple(row[name] for name in three) for row in tables["train"]}
    seen = sum(tuple(row[name] for name in three) in trained for row in tables["validation"])
    return [
        f"{seen:,} of the {len(tables['validation']):,} validation pictures have a category, colour and"
        " finish that training shows with another pattern; of the others it shows not even these three"
        " together."
    ]


def packed_seed(path: Path) -> int:
    """The seed of a split's scenes, from its Parquet file. CollectionError when it cannot be read."""
    from mrl_demo.collection.items import read_items

    return _seed(next(iter(read_items(path, ["scene"])))["scene"])


def _seed(scene: str) -> int:
    return int(json.loads(scene)["seed"])


def _counts(tables: dict[str, list[dict[str, Any]]], name: str) -> dict[str, list[int]]:
    """value -> how often it occurs in each split; the most frequent first. "none" stands for no value."""
    counts = [Counter(str(row.get(name, "")) or "none" for row in rows) for rows in tables.values()]
    values = sorted(set().union(*counts), key=lambda value: (-sum(one[value] for one in counts), value))
    return {value: [one[value] for one in counts] for value in values}


def _distributions(tables: dict[str, list[dict[str, Any]]], counts: dict[str, dict[str, list[int]]]) -> str:
    lines = ["", "## Distributions", "", f"![Shares of all pictures, as bars]({PLOTS})", ""]
    for name, values in counts.items():
        lines += [f"| {name} | {' | '.join(tables)} |", f"| --- |{' --: |' * len(tables)}"]
        lines += [f"| {value} | {' | '.join(map(str, each))} |" for value, each in values.items()] + [""]
    return "\n".join(lines)
