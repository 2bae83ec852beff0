"""A training set, a model and a config small enough for tests: flat coloured squares with the still life's
attributes."""

from __future__ import annotations

import io
import itertools
import json
from pathlib import Path
from typing import Any

from PIL import Image

from mrl_demo.collection.items import write_items
from mrl_demo.still_life.catalogue import COLOURS
from mrl_demo.still_life.scene import sample_scene
from mrl_demo.training.config import TrainConfig

MODEL = {
    "embed_dim": 32,
    "vision_cfg": {
        "timm_model_name": "test_resnet",
        "timm_pool": "avg",
        "timm_proj": "linear",
        "image_size": 32,
    },
    "text_cfg": {"context_length": 24, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
}


FOUR_COLOURS = ("red", "blue", "yellow", "black")


def picture(colour: str, size: int = 32) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (size, size), COLOURS[colour].hex).save(buffer, "WEBP", lossless=True)
    return buffer.getvalue()


def training_set(path: Path, count: int = 80) -> Path:
    """Writes `count` flat squares in four colours to `path`; only their colour shows what they are."""
    scenes = (sample_scene(7, index).attributes() for index in itertools.count())
    rows: list[dict[str, Any]] = [
        {
            "image": {"bytes": picture(str(attributes["colour"])), "path": ""},
            "caption_long": "x",
            **attributes,
        }
        for attributes in itertools.islice((one for one in scenes if one["colour"] in FOUR_COLOURS), count)
    ]
    write_items(path, rows)
    return path


def model_file(path: Path) -> str:
    path.write_text(json.dumps(MODEL))
    return str(path)


def config(folder: Path, **changed: Any) -> TrainConfig:
    """A run of about 12 steps in `folder`, where its data and model are made on first use."""
    data, model = folder / "train.parquet", folder / "tiny.json"
    if not data.exists():
        training_set(data)
        model_file(model)
    fields: dict[str, Any] = {
        "data": str(data),
        "out": folder / "out",
        "work": folder / "work",
        "log": folder / "LOG.md",
        "model": str(model),
        "nested_dims": (4, 8, 32),
        "epochs": 3,
        "batch_size": 16,
        "held_out": 0.2,
        "threads": 1,
        "device": "cpu",
        "save_every": 2,
    }
    return TrainConfig(**{**fields, **changed})
