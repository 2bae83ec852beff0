"""Is every category recognisable? A small classifier, trained on half of the renders, tells the other half's.

python benchmarks/category_probe.py [--work FOLDER] [--epochs N] [--limit N] [--out FILE]

Half of the training split (seeded) is trained on; the other half, and all of the validation split, whose
combinations training never has, are told. Resumes. Of two things the main one is taught and counts, but
nothing in the picture says which that is: "a mug left of a vase" looks as "a vase right of a mug". So the
goal is for pictures of one kind of thing; of pairs it is also counted how often either was named.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mrl_demo.circumstances import circumstances
from mrl_demo.collection.items import read_items
from mrl_demo.evaluation.report import write_result
from mrl_demo.evaluation.score import Score, mean_score
from mrl_demo.training.classify import ClassifyConfig, run
from mrl_demo.training.photos import Photos

HERE = Path(__file__).resolve().parents[1]
GOAL = 0.95
SIZE, DIM = 64, 512
TOLD = ("category", "other_category", "finish", "pattern", "setting", "light", "size", "count")
BY = ("category", "finish", "pattern", "setting", "light", "size", "count")
PAIRS_LISTED = 20

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Renders:
    """Pictures (n, 64, 64, 3) uint8, and of each the attributes in TOLD."""

    pixels: npt.NDArray[np.uint8]
    rows: Sequence[Row]

    def part(self, of: npt.NDArray[np.int64]) -> Renders:
        return Renders(self.pixels[of], [self.rows[k] for k in of])

    def photos(self, names: Sequence[str]) -> Photos:
        """With the number of its main category in `names` as each picture's label."""
        number = {name: k for k, name in enumerate(names)}
        return Photos(self.pixels, np.array([number[row["category"]] for row in self.rows], np.int64))


def packed(path: Path, limit: int = 0) -> Renders:
    """The first `limit` pictures (0: all) of a packed split. CollectionError when there is none."""
    found = ((row["image"]["bytes"], row) for row in read_items(path, ("image", *TOLD)))
    return _decoded(found, limit)


def unpacked(folder: Path, limit: int = 0) -> Renders:
    """The first `limit` pictures (0: all) that are finished in a split's work folder."""
    files = sorted(folder.glob("*.webp"))
    return _decoded(((f.read_bytes(), json.loads(f.with_suffix(".json").read_text())) for f in files), limit)


def _decoded(found: Iterator[tuple[bytes, Row]], limit: int) -> Renders:
    pixels, rows = [], []
    for data, row in found:
        picture = Image.open(io.BytesIO(data)).convert("RGB")
        if picture.size != (SIZE, SIZE):
            raise ValueError(f"the probe looks at {SIZE} x {SIZE} pixels, got {picture.width}")
        pixels.append(np.asarray(picture))
        rows.append({name: row[name] for name in TOLD})
        if len(rows) == limit:
            break
    if len(rows) < 4:
        raise ValueError(f"two halves need some pictures, got {len(rows)}")
    return Renders(np.stack(pixels), rows)


def halves(count: int, seed: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Row numbers to train on and to be told, as many of each; they share none."""
    order = np.random.default_rng(seed).permutation(count)
    return np.sort(order[: count // 2]), np.sort(order[count // 2 :])


def counted(rows: Sequence[Row], said: Sequence[str]) -> dict[str, Any]:
    """How often what was said of each picture is right: overall, by attribute, and what is taken for what.

    `by` and `confused` are of pictures of one kind of thing; `confused` lists pairs of categories, with how
    often the first was taken for the second and the second for the first.
    """
    right = np.array([row["category"] == word for row, word in zip(rows, said, strict=True)])
    named = right | np.array([row["other_category"] == word for row, word in zip(rows, said, strict=True)])
    single = np.array([not row["other_category"] for row in rows])
    wrong = Counter((rows[k]["category"], said[k]) for k in np.flatnonzero(single & ~right))
    pairs = {tuple(sorted(pair)) for pair in wrong}
    listed = sorted(pairs, key=lambda pair: (-wrong[pair] - wrong[pair[::-1]], pair))[:PAIRS_LISTED]
    return {
        "single": _share(right[single]),
        "pairs_main": _share(right[~single]),
        "pairs_either": _share(named[~single]),
        "all_main": _share(right),
        "all_either": _share(named),
        "by": {name: _by([row[name] for row in rows], right, single) for name in BY},
        "confused": [[*pair, wrong[pair], wrong[pair[::-1]]] for pair in listed],
    }


def _share(right: npt.NDArray[np.bool_]) -> dict[str, float | int | None]:
    return {"pictures": len(right), "accuracy": round(float(right.mean()), 4) if len(right) else None}


def _by(
    values: Sequence[Any], right: npt.NDArray[np.bool_], single: npt.NDArray[np.bool_]
) -> dict[str, dict[str, float | int | None]]:
    """Accuracy of each value of an attribute, the lowest first."""
    column = np.array([str(value) for value in values])
    found = {str(value): _share(right[single & (column == value)]) for value in np.unique(column[single])}
    return dict(sorted(found.items(), key=lambda item: item[1]["accuracy"] or 0))


def told(features: Mapping[str, npt.NDArray[Any]], names: Sequence[str]) -> list[str]:
    """The category that the classifier's head gives to each held-out picture."""
    logits = features["held_out"].astype(np.float32) @ features[f"weight_{DIM}"].T + features[f"bias_{DIM}"]
    return [names[k] for k in logits.argmax(axis=1)]


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Train or go on, tell the held-out pictures, and write the result file."""
    train = (
        unpacked(asked.work, asked.limit)
        if asked.work
        else packed(asked.collection / "train.parquet", asked.limit)
    )
    learned, rest = (train.part(rows) for rows in halves(len(train.rows), asked.seed))
    held_out = {"other half": rest}
    validation = asked.collection / "validation.parquet"
    if not asked.work and validation.is_file():
        held_out["validation"] = packed(validation)
    names = sorted({row["category"] for row in train.rows})
    pixels = np.concatenate([one.pixels for one in held_out.values()])
    everything = Renders(pixels, [row for one in held_out.values() for row in one.rows])
    shown = hashlib.sha256(learned.pixels.tobytes() + pixels.tobytes()).hexdigest()[:10]
    config = ClassifyConfig(
        out=asked.keep / f"{len(learned.rows)}-{shown}",
        nested_dims=(DIM,),
        trunk=asked.trunk,
        classes=len(names),
        size=SIZE,
        crop=asked.crop,
        epochs=asked.epochs,
        batch_size=asked.batch_size,
        seed=asked.seed,
        threads=asked.threads,
    )
    config.out.mkdir(parents=True, exist_ok=True)
    features = np.load(run(config, learned.photos(names), everything.photos(names), "cpu"))
    words = told(features, names)
    accuracy, scores, start = {}, [], 0
    for name, one in held_out.items():
        said = words[start : start + len(one.rows)]
        start += len(said)
        accuracy[name] = counted(one.rows, said)
        scores += list(_scores(one.rows, said, name, asked.seed))
    return write_result(
        asked.out,
        {
            **circumstances(),
            "seed": asked.seed,
            "what": "how often a classifier trained on half of the training split names the main category;"
            " goal: 0.95 for pictures of one kind of thing. Nothing in a picture of two things says which is"
            " the main one: pairs_either counts either; by and confused are of single things",
            "goal": {"single": GOAL},
            "data": {"name": str(asked.work or asked.collection), "count": len(train.rows)},
            "trained_on": len(learned.rows),
            "categories": len(names),
            "recipe": config.recipe(),
            "training_seconds": round(float(features["seconds"]), 1),
            "loss": round(float(features["loss"]), 4),
            "accuracy": accuracy,
        },
        scores,
    )


def _scores(rows: Sequence[Row], said: Sequence[str], name: str, seed: int) -> Iterator[Score]:
    """The same for the page's tables: one kind of thing, and either of two."""
    named = np.array([w in (r["category"], r["other_category"]) for r, w in zip(rows, said, strict=True)])
    single = np.array([not row["other_category"] for row in rows])
    for kind, kept in (("single things", single), ("either of two", ~single)):
        if kept.any():
            about = {"dim": DIM, "retrieval": f"{kind}, {name}", "truth": "category", "data": "still-life"}
            yield mean_score(named[kept], metric="accuracy", seed=seed, **about)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--collection", type=Path, default=HERE / "assets/still-life")
    parser.add_argument("--work", type=Path, help="a split's work folder instead, for a first look")
    parser.add_argument("--limit", type=int, default=0, help="so many pictures only; 0: all")
    parser.add_argument("--trunk", default="resnet10t")
    parser.add_argument("--crop", type=int, default=56)
    parser.add_argument("--epochs", type=int, default=18)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=HERE / ".work/category-probe")
    parser.add_argument("--out", type=Path, default=HERE / "assets/results/category-probe.json")
    result = measure(parser.parse_args())
    for name, found in result["accuracy"].items():
        print(name, json.dumps({key: value for key, value in found.items() if key != "by"}, indent=1))
        print("hardest", json.dumps(dict(list(found["by"]["category"].items())[:10])))


if __name__ == "__main__":
    main()
