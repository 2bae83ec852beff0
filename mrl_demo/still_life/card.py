"""The dataset card of the still-life collection and its contact sheet, made from the Parquet files.

Every number on the card is counted, none is typed. This file knows nothing of sampling or rendering.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

from PIL import Image

FILES = {
    "gallery": "items.parquet",
    "train": "train.parquet",
    "validation": "validation.parquet",
    "queries": "queries.parquet",
}
COUNTED = ("super_category", "category", "colour", "finish", "pattern", "setting", "light", "count")
SHEET = "contact-sheet.webp"
SHEET_COLUMNS, SHEET_TILE = 11, 128

FRONT = """---
license: cc0-1.0
pretty_name: Still lifes for Matryoshka search
task_categories: [text-to-image, image-feature-extraction]
language: [en]
size_categories: [1K<n<10K]
configs:
- config_name: gallery
  data_files: items.parquet
- config_name: train
  data_files: train.parquet
---
# Still lifes

![One picture of each category](contact-sheet.webp)

Rendered still lifes of everyday things and toys, each with its attributes, three captions and the scene it
was rendered from. Nothing was downloaded or photographed: scenes are sampled, modelled and rendered by
`mrl_demo/still_life/`. The gallery is what the demo searches; the training set is what its encoder learns
from. This card is written by `python -m mrl_demo render`; every number on it is counted.
"""

COLUMNS = """
## Columns

| column | what it holds |
| --- | --- |
| `image` | WebP, square |
| `caption_short` | "a mug" |
| `caption_medium` | "a glossy red mug" |
| `caption_long` | "a glossy red mug with white dots on a marble table in warm evening light" |
| `super_category`, `category` | what it is |
| `colour`, `second_colour` | the main colour; that of pattern or accent, empty when there is none |
| `finish`, `pattern` | surface |
| `setting`, `light`, `count` | where, in what light, how many |
| `scene` | the whole scene as JSON: attributes, seed, camera, proportions |
"""

REST = """
## How it was made

Scene i of a seed is always the same (`mrl_demo/still_life/scene.py`, plain Python). Shapes are modelled in
NumPy with random proportions, rendered with Mitsuba 3.9 (`scalar_rgb`, 1.5 times larger, then reduced) and
denoised with Intel Open Image Denoise 2.5.1. A picture that is near-empty, too dark or burnt out is drawn
again. To render them all:

```
pip install -r requirements-dev.txt
python -m mrl_demo render --split train      # goes on where it stopped
python -m mrl_demo render --split gallery
```

Super-categories, and categories within them, are drawn evenly, the rest by fixed shares. Combinations that
cannot be seen or look wrong are left out by rule: glass at night or on dark ground, white on white, black at
night, green on grass, patterns on metal, glass or wood, wooden food. Orange, yellow, white and black metal do
not occur; metals are gold, silver, copper or a lacquer colour. So attributes are not independent: all gold
things are metal, no glass is seen at night.

## Limits

A toy-shop world: clean objects in mid-frame, one kind of thing a picture, hardly ever hidden. A blue wooden
pine tree is as likely as a green one. Words come from templates, English only. A model trained on it knows
nothing of photographs.

## Licence

CC0 1.0: pictures, captions and attributes are in the public domain.
"""


def write_card(out: Path) -> None:
    """Write README.md for the Parquet files in `out`, and a contact sheet when the gallery is among them."""
    from mrl_demo.collection.items import read_items

    tables = {
        split: list(read_items(out / file, ["image", "scene", *COUNTED]))
        for split, file in FILES.items()
        if (out / file).exists()
    }
    if "gallery" in tables:
        contact_sheet(tables["gallery"]).save(out / SHEET, "WEBP", quality=80, method=6)
    (out / "README.md").write_text(FRONT + _sizes(out, tables) + COLUMNS + _distributions(tables) + REST)


def contact_sheet(rows: list[dict[str, Any]]) -> Image.Image:
    """One picture of each category, in the order of first appearance of super-category and category."""
    first: dict[tuple[str, str], bytes] = {}
    for row in rows:
        if row["count"] == 1:
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
        seed = json.loads(rows[0]["scene"])["seed"]
        size = (out / FILES[split]).stat().st_size / 1e6
        lines.append(
            f"| {split} | `{FILES[split]}` | {len(rows):,} | {side} x {side} | {seed} | {size:.1f} |"
        )
    return "\n".join([*lines, "", "No scene is in both.", ""])


def _distributions(tables: dict[str, list[dict[str, Any]]]) -> str:
    lines = ["", "## Distributions", ""]
    for name in COUNTED:
        counts = {split: Counter(row[name] for row in rows) for split, rows in tables.items()}
        values = sorted(
            set().union(*counts.values()),
            key=lambda v: (-counts["train"][v] if "train" in counts else 0, str(v)),
        )
        lines += [f"| {name} | {' | '.join(counts)} |", f"| --- |{' --: |' * len(counts)}"]
        lines += [
            f"| {value} | {' | '.join(str(c[value]) for c in counts.values())} |" for value in values
        ] + [""]
    return "\n".join(lines)
