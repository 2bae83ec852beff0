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


CLASSES = {"n02123045": "red", "n02099601": "blue", "n02823428": "yellow", "n07753592": "black"}


def labelled_set(path: Path, count: int) -> Path:
    """Writes `count` squares to `path` as the Hub has Tiny ImageNet: class labels named by WordNet numbers,
    each of a colour of its own."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    labels = [index % len(CLASSES) for index in range(count)]
    colours = list(CLASSES.values())
    features = {"image": {"_type": "Image"}, "label": {"names": list(CLASSES), "_type": "ClassLabel"}}
    schema = pa.schema(
        [("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])), ("label", pa.int64())],
        metadata={"huggingface": json.dumps({"info": {"features": features}})},
    )
    rows = [{"image": {"bytes": picture(colours[label]), "path": ""}, "label": label} for label in labels]
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema), path)
    return path


def labelled_bytes(path: Path, count: int) -> bytes:
    return labelled_set(path, count).read_bytes()


def product(number: int) -> dict[str, Any]:
    """The columns of a fashion product: shirts and belts for men and women in four colours."""
    colour = FOUR_COLOURS[number % 4]
    kind, whole, part = (
        ("Shirts", "Apparel", "Topwear") if number // 4 % 2 else ("Belts", "Accessories", "Belts")
    )
    gender = ("Men", "Women")[number // 8 % 2]
    return {
        "id": 1000 + number,
        "gender": gender,
        "masterCategory": whole,
        "subCategory": part,
        "articleType": kind,
        "baseColour": colour.title(),
        "season": ("Summer", "")[number % 2],
        "usage": ("Casual", "NA")[number % 2],
        "productDisplayName": f"Maker {gender} {colour.title()} {kind} {number % 5}",
    }


def product_set(path: Path, count: int, **changed: str) -> Path:
    """Writes `count` fashion products to `path`, in the public data set's columns, some of them `changed`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{**product(number), **changed} for number in range(count)]
    images = [{"bytes": picture(row["baseColour"].lower()), "path": ""} for row in rows]
    table = pa.Table.from_pylist(rows).append_column(
        "image", pa.array(images, pa.struct([("bytes", pa.binary()), ("path", pa.string())]))
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
    return path
