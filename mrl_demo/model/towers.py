"""The two towers, built by open_clip from our own model configs, and how each is run.

The only place that knows how open_clip lays a model out. Knows nothing of checkpoints, training or search.
"""

from __future__ import annotations

import functools
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import open_clip
import timm
import torch
from torch import Tensor, nn

CONFIGS = Path(__file__).parent / "configs"
_MANY, _LOTS = 64, 4  # from so many texts on, they are encoded in so many lots of like length


@functools.cache
def register_configs() -> None:
    """Makes the configs of this package known to open_clip, so that
    `open_clip.create_model("MRL-still-life")` works."""
    open_clip.add_model_config(CONFIGS)


def model_config(name: str) -> dict[str, Any]:
    """The open_clip config called `name`, or the one in the JSON file `name`.

    Raises:
        ValueError: there is no such config; the message lists this package's own.
    """
    if name.endswith(".json") and Path(name).is_file():
        config: dict[str, Any] = json.loads(Path(name).read_text())
        return config
    register_configs()
    found: dict[str, Any] | None = open_clip.get_model_config(name)
    if found is None:
        ours = ", ".join(sorted(file.stem for file in CONFIGS.glob("*.json")))
        raise ValueError(f"there is no model called {name!r}; this package's own are: {ours}")
    return found


def preprocess_config() -> dict[str, Any]:
    """How an image becomes the tensor that the image tower reads: open_clip's defaults, written out.

    The defaults and not figures of our own, so that every way of loading the weights with open_clip, with
    the config folder or by model name alone, prepares images alike.
    """
    return {
        "mean": list(open_clip.OPENAI_DATASET_MEAN),
        "std": list(open_clip.OPENAI_DATASET_STD),
        "interpolation": "bicubic",
        "resize_mode": "shortest",
    }


def pixel_statistics() -> tuple[list[float], list[float]]:
    """Mean and standard deviation of red, green and blue that images are normalised with, for pixels from 0
    to 1."""
    config = preprocess_config()
    return config["mean"], config["std"]


def build_towers(config: dict[str, Any]) -> nn.Module:
    """A new model with random weights. Seed torch first to get the same one again."""
    model: nn.Module = open_clip.CLIP(**config)
    return model


def build_trunk(name: str) -> tuple[nn.Module, int]:
    """A timm image model without its classifier, random weights, and the width of its pooled features.

    Raises:
        ValueError: timm knows no such model.
    """
    try:
        trunk: Any = timm.create_model(name, pretrained=False, num_classes=0)
    except RuntimeError as error:
        raise ValueError(f"timm knows no model called {name!r}") from error
    return trunk, int(trunk.num_features)


def load_towers(folder: Path) -> tuple[nn.Module, Any]:
    """The model stored in `folder` (open_clip's local-dir layout) in float32 on the CPU, and its image
    transform."""
    with _quiet():
        model, transform = open_clip.create_model_from_pretrained(f"local-dir:{folder}")
    return model.eval(), transform


def tokenizer(context_length: int) -> Any:
    """open_clip's own byte-pair tokenizer: texts -> (q, context_length) int64."""
    return open_clip.SimpleTokenizer(context_length=context_length)


def encode_text(model: nn.Module, tokens: Tensor) -> Tensor:
    """(q, context_length) int64 -> (q, full_dim), not normalised. Equal to open_clip's
    `model.encode_text(tokens)`.

    Attention is causal and the feature is read at the end-of-text token, so what lies behind a text's end
    changes nothing. It is left out: of many texts those of like length are encoded together, each lot only as
    far as its longest goes, which makes short captions several times cheaper.
    """
    ends = tokens.argmax(dim=-1)  # the end-of-text token has the highest id
    by_length = ends.argsort()
    lots = by_length.chunk(_LOTS if len(tokens) >= _MANY else 1)
    features = torch.cat([_encode_lot(model, tokens[rows], ends[rows]) for rows in lots])
    return features[by_length.argsort()]


def _encode_lot(model: Any, tokens: Tensor, ends: Tensor) -> Tensor:
    """Texts that end at `ends`, (q,), all read as far as the longest goes."""
    length = int(ends.max()) + 1
    x = model.token_embedding(tokens[:, :length]) + model.positional_embedding[:length]
    x = model.transformer(x, attn_mask=model.attn_mask[:length, :length])
    x = model.ln_final(x)[torch.arange(len(x), device=x.device), ends]
    features: Tensor = x @ model.text_projection
    return features


def encode_image(model: nn.Module, pixels: Tensor) -> Tensor:
    """(q, 3, size, size) normalised floats -> (q, full_dim), not normalised."""
    towers: Any = model
    features: Tensor = towers.encode_image(pixels)
    return features


def cpu_share() -> int:
    """How many cores this process may really use: a container often sees 16 and is given 2."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return max(1, min(cores, round(int(quota) / int(period))))
    except (OSError, ValueError):  # no cgroup, or "max": no quota
        return cores


@contextmanager
def cpu_threads(count: int) -> Iterator[None]:
    """Lets torch use `count` CPU threads for the calling thread's work, and as many as before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def choose_device(device: str | None) -> torch.device:
    """`device`, or CUDA when there is one and the CPU otherwise.

    Raises:
        ValueError: the device that was asked for does not exist here.
    """
    try:
        chosen = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    except RuntimeError as error:
        raise ValueError(f"device must be 'cpu' or 'cuda', got {device!r}") from error
    if chosen.type == "cuda" and not torch.cuda.is_available():
        raise ValueError(
            "device 'cuda' was asked for, but torch finds no CUDA device here; 'cpu' always works"
        )
    return chosen


@contextmanager
def _quiet() -> Iterator[None]:
    """Without open_clip's chatter on the root logger about a load that went well."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
