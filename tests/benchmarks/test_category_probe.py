"""The category probe: what it counts, by hand, and the whole of it on squares of three colours."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks import category_probe
from benchmarks.category_probe import SIZE, counted, halves, measure, packed, unpacked
from mrl_demo.collection.items import write_items
from mrl_demo.errors import CollectionError

KINDS = {"apple": (200, 40, 40), "bell": (40, 200, 40), "car": (40, 40, 200)}


def row(category: str, other: str = "", **more: Any) -> dict[str, Any]:
    about = {"finish": "matte", "pattern": "plain", "setting": "snow", "light": "hard spot", "size": "small"}
    return {"category": category, "other_category": other, **about, "count": 1, **more}


def picture(category: str, seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 56, (SIZE, SIZE, 3)) + np.array(KINDS[category])
    buffer = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(buffer, "WEBP")
    return buffer.getvalue()


def test_single_things_and_pairs_are_counted_apart() -> None:
    rows = [row("mug"), row("mug"), row("jug", finish="glass"), row("vase", "mug"), row("mug", "vase")]
    found = counted(rows, ["mug", "jug", "mug", "mug", "jug"])
    assert found["single"] == {"pictures": 3, "accuracy": 0.3333}
    assert found["pairs_main"] == {"pictures": 2, "accuracy": 0.0}
    assert found["pairs_either"] == {"pictures": 2, "accuracy": 0.5}
    assert found["all_main"]["accuracy"] == 0.2 and found["all_either"]["accuracy"] == 0.4
    assert found["confused"] == [["jug", "mug", 1, 1]]
    assert list(found["by"]["category"]) == ["jug", "mug"]  # the hardest first
    assert found["by"]["finish"] == {
        "glass": {"pictures": 1, "accuracy": 0.0},
        "matte": {"pictures": 2, "accuracy": 0.5},
    }


def test_no_pairs_is_no_accuracy_not_a_perfect_one() -> None:
    assert counted([row("mug")], ["mug"])["pairs_either"] == {"pictures": 0, "accuracy": None}


def test_the_halves_share_no_picture_and_leave_none_out() -> None:
    learned, rest = halves(101, 3)
    assert len(learned) == 50 and sorted([*learned, *rest]) == list(range(101))
    assert list(halves(101, 3)[0]) == list(learned) != list(halves(101, 4)[0])


def test_packed_and_unpacked_are_read_alike(tmp_path: Path) -> None:
    rows = [row(name, count=2) for name in KINDS for _ in range(2)]
    for k, one in enumerate(rows):
        (tmp_path / f"{k:05d}.webp").write_bytes(picture(one["category"], k))
        (tmp_path / f"{k:05d}.json").write_text(json.dumps({**one, "seed": 2, "turns": [0.1]}))
    data = [
        {"image": {"bytes": picture(one["category"], k), "path": ""}, **one} for k, one in enumerate(rows)
    ]
    write_items(tmp_path / "train.parquet", data)
    one, other = packed(tmp_path / "train.parquet"), unpacked(tmp_path)
    assert one.rows == other.rows == rows and np.array_equal(one.pixels, other.pixels)
    assert len(unpacked(tmp_path, limit=4).rows) == 4
    with pytest.raises(CollectionError, match="missing"):
        packed(tmp_path / "nothing.parquet")
    with pytest.raises(ValueError, match="two halves need some pictures, got 3"):
        unpacked(tmp_path, limit=3)


def test_what_can_be_seen_is_told_and_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(category_probe, "DIM", 96)  # the width of the smallest trunk
    names = [list(KINDS)[k % 3] for k in range(120)]
    data = [
        {"image": {"bytes": picture(name, k), "path": ""}, **row(name, "bell" if k % 4 == 0 else "")}
        for k, name in enumerate(names)
    ]
    write_items(tmp_path / "train.parquet", data)
    write_items(tmp_path / "validation.parquet", data[:30])
    asked = {
        "collection": tmp_path,
        "work": None,
        "limit": 0,
        "trunk": "test_resnet",
        "crop": 32,
        "epochs": 40,
    }
    more = {
        "seed": 0,
        "batch_size": 20,
        "threads": 1,
        "keep": tmp_path / "keep",
        "out": tmp_path / "probe.json",
    }
    result = measure(argparse.Namespace(**asked, **more))
    assert json.loads((tmp_path / "probe.json").read_text()) == result
    assert result["trained_on"] == 60 and result["categories"] == 3
    assert set(result["accuracy"]) == {"other half", "validation"}
    assert result["accuracy"]["other half"]["single"]["accuracy"] > 0.8  # by chance: a third
    assert {score["retrieval"] for score in result["scores"]} >= {"single things, validation"}
