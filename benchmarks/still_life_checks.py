"""Is every picture of the collection fit to be shown? Measured on the packed splits.

python benchmarks/still_life_checks.py [--every N] [--sheets FOLDER] [--out FILE] [--splits gallery ...]

Darkness, emptiness and near-duplicates are measured on all pictures; what needs to know where the things are
(clipping, contrast, colour) on every N-th, since an outline costs 0.1 s of CPU time. Colour agreement is
measured in soft daylight on plain things. --sheets writes one contact sheet a category, to be looked at.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mrl_demo.collection.items import read_items
from mrl_demo.evaluation.report import circumstances
from mrl_demo.still_life.checks import colour_agreement, measure, miniature, nearest_pairs
from mrl_demo.still_life.outline import outline
from mrl_demo.still_life.render import fault, single_thread
from mrl_demo.still_life.scene import Scene

HERE = Path(__file__).resolve().parents[1]
FILES = {
    "gallery": "items.parquet",
    "train": "train.parquet",
    "validation": "validation.parquet",
    "queries": "queries.parquet",
}
DUPLICATE = 3.0  # of 255, root mean square at 16 x 16: below it two pictures look the same


def check(path: Path, every: int, sheets: Path | None) -> dict[str, Any]:
    """Everything measured on one split."""
    scenes, measured, miniatures = [], [], []
    faulty: list[tuple[int, str]] = []
    shown: dict[str, list[tuple[str, Image.Image]]] = defaultdict(list)
    for index, row in enumerate(read_items(path, ("image", "scene", "caption_long"))):
        picture = Image.open(io.BytesIO(row["image"]["bytes"])).convert("RGB")
        scene = Scene.from_json(row["scene"])
        miniatures.append(miniature(picture))
        found = fault(picture)
        if found is not None:
            faulty.append((index, found))
        if sheets is not None and len(shown[scene.category]) < 20:
            shown[scene.category].append((row["caption_long"], picture))
        if index % every == 0:
            scenes.append(scene)
            measured.append(measure(scene, picture, outline(scene, picture.width)))
            faulty += [(index, words) for words in measured[-1].faults()]
    if sheets is not None:
        write_sheets(sheets, shown)
    pairs = nearest_pairs(np.stack(miniatures), closest=len(miniatures))
    return {
        "pictures": len(miniatures),
        "outlined": len(measured),
        "faults": dict(Counter(words.split(":")[0] for _, words in faulty)),
        "faulty": [[index, words] for index, words in faulty[:40]],
        "near_duplicates": sum(distance < DUPLICATE for distance, _, _ in pairs),
        "closest_pairs": [[round(distance, 2), a, b] for distance, a, b in pairs[:5]],
        "colour": colour_agreement(scenes, measured),
        "things_cover": np.percentile([m.covered for m in measured], (0, 5, 50, 95, 100)).round(4).tolist(),
        "contrast": np.percentile([m.contrast for m in measured], (0, 5, 50)).round(2).tolist(),
    }


def write_sheets(folder: Path, shown: dict[str, list[tuple[str, Image.Image]]]) -> None:
    """One sheet a category: up to 20 pictures, five in a row, each under its caption."""
    folder.mkdir(parents=True, exist_ok=True)
    for category, pictures in shown.items():
        size = pictures[0][1].width
        cell = size + 26
        sheet = Image.new("RGB", (5 * (size + 4), -(-len(pictures) // 5) * cell), "white")
        draw = ImageDraw.Draw(sheet)
        for k, (caption, picture) in enumerate(pictures):
            x, y = k % 5 * (size + 4), k // 5 * cell
            sheet.paste(picture, (x, y))
            middle = caption.rfind(" ", 0, size // 6) if len(caption) > size // 6 else len(caption)
            draw.text((x, y + size), caption[:middle], fill="black")
            draw.text((x, y + size + 11), caption[middle:].strip()[: size // 6], fill="black")
        sheet.save(folder / f"{category.replace(' ', '-')}.webp", quality=85)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--collection", type=Path, default=HERE / "assets/still-life")
    parser.add_argument("--splits", nargs="+", choices=list(FILES), default=list(FILES))
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--sheets", type=Path)
    parser.add_argument("--out", type=Path, default=HERE / "assets/results/still-life-checks.json")
    asked = parser.parse_args()
    single_thread()
    result: dict[str, Any] = {**circumstances(), "every": asked.every, "duplicate_below": DUPLICATE}
    for split in asked.splits:
        sheets = asked.sheets if split == asked.splits[0] else None
        result[split] = check(asked.collection / FILES[split], asked.every, sheets)
        print(split, json.dumps(result[split], indent=1))
    asked.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
