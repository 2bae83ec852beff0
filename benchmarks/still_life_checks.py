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
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mrl_demo.circumstances import circumstances
from mrl_demo.collection.items import read_items
from mrl_demo.evaluation.report import write_result
from mrl_demo.still_life.card import FILES
from mrl_demo.still_life.checks import colour_agreement, measure, miniature, nearest_pairs
from mrl_demo.still_life.outline import outline
from mrl_demo.still_life.render import fault, single_thread
from mrl_demo.still_life.scene import Scene

HERE = Path(__file__).resolve().parents[1]
WHAT = (
    "faults as pixels show them, in all pictures (near-empty, too dark, burnt out) and in every N-th"
    " (clipped, too dark, does not stand out, against the outline of its scene); pictures that differ from"
    " another, of the same split or of another, by less than duplicate_below of 255 at 16 x 16 are"
    " near-duplicates; colour agreement: the name nearest to the"
    " pixels is the colour's own, for plain things in soft daylight"
)
DUPLICATE = 3.0  # of 255, root mean square at 16 x 16: below it two pictures look the same


def check(path: Path, every: int, sheets: Path | None) -> tuple[dict[str, Any], npt.NDArray[np.float32]]:
    """Everything measured on one split, and its miniatures to compare with those of the others."""
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
    found_in_it = {
        "pictures": len(miniatures),
        "outlined": len(measured),
        "faulty_pictures": len({index for index, _ in faulty}),
        "faults": dict(
            Counter(what for _, what in {(index, words.split(":")[0]) for index, words in faulty})
        ),
        "faulty": [[index, words] for index, words in faulty[:40]],
        "colour": colour_agreement(scenes, measured),
        "things_cover": np.percentile([m.covered for m in measured], (0, 5, 50, 95, 100)).round(4).tolist(),
        "contrast": np.percentile([m.contrast for m in measured], (0, 5, 50)).round(2).tolist(),
    }
    return found_in_it, np.stack(miniatures)


def duplicates(miniatures: Mapping[str, npt.NDArray[np.float32]]) -> list[dict[str, Any]]:
    """Of each two splits, and of each with itself: how many near-duplicates, and the closest pair."""
    names = [(split, row) for split, rows in miniatures.items() for row in range(len(rows))]
    pairs = nearest_pairs(np.concatenate(list(miniatures.values())), closest=len(names))
    by_splits: dict[tuple[str, str], list[tuple[float, int, int]]] = defaultdict(list)
    for distance, a, b in pairs:
        by_splits[names[a][0], names[b][0]].append((distance, names[a][1], names[b][1]))
    return [
        {
            "split": split,
            "other": other,
            "near_duplicates": sum(distance < DUPLICATE for distance, _, _ in found),
            "closest": round(found[0][0], 2),
            "picture": found[0][1],
            "of_other": found[0][2],
        }
        for (split, other), found in by_splits.items()
    ]


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


def tables(checked: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What `check` found in each split, as records: a row a split, and a row for each thing found."""
    colours = {split: found["colour"] for split, found in checked.items()}
    return {
        "splits": [
            {
                "split": split,
                **{name: found[name] for name in ("pictures", "outlined", "faulty_pictures")},
                "colour_tested": colours[split]["pictures"],
                "colour_agreement": colours[split]["agreement"],
                "cover_median": found["things_cover"][2],
                "contrast_median": found["contrast"][-1],
            }
            for split, found in checked.items()
        ],
        "faults": [
            {"split": split, "fault": words, "pictures": times}
            for split, found in checked.items()
            for words, times in found["faults"].items()
        ],
        "faulty_pictures": [
            {"split": split, "picture": index, "fault": words}
            for split, found in checked.items()
            for index, words in found["faulty"]
        ],
        "colour_agreement": [
            {"split": split, "of": value, **share}
            for split, found in colours.items()
            for kind in ("by_finish", "by_colour")
            for value, share in found[kind].items()
        ],
        "colours_confused": [
            {"split": split, "named": name, "looks": seen, "times": times}
            for split, found in colours.items()
            for name, seen, times in found["confused"]
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--collection", type=Path, default=HERE / "assets/still-life")
    parser.add_argument("--splits", nargs="+", choices=list(FILES), default=list(FILES))
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--sheets", type=Path)
    parser.add_argument("--out", type=Path, default=HERE / "assets/results/still-life-checks.json")
    asked = parser.parse_args()
    single_thread()
    checked, miniatures = {}, {}
    for split in asked.splits:
        sheets = asked.sheets if split == asked.splits[0] else None
        checked[split], miniatures[split] = check(asked.collection / FILES[split], asked.every, sheets)
        print(split, json.dumps(checked[split], indent=1))
    about = {"every": asked.every, "duplicate_below": DUPLICATE}
    alike = duplicates(miniatures)
    print(json.dumps(alike, indent=1))
    found = {**tables(checked), "near_duplicates": alike}
    write_result(asked.out, {**circumstances(), "what": WHAT, **about, **found}, [])


if __name__ == "__main__":
    main()
