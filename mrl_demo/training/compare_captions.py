"""Trains the image-text models of the comparison, all by one recipe: MRL, MRL with c = [2, 1, 1 ...], and FF
for each dim; and measures each on the pictures held out of it.

Each run has a folder; a finished one is kept, a killed one goes on. What it scores lies beside it, so that
`evaluation` needs neither pictures nor torch. Knows what to train, not how (`trainer.py`).
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mrl_demo.model.checkpoint import read_checkpoint
from mrl_demo.model.text import TextReader
from mrl_demo.model.towers import choose_device, encode_image, encode_text, model_config
from mrl_demo.prefix import truncate
from mrl_demo.training.compare import runs
from mrl_demo.training.config import TrainConfig
from mrl_demo.training.data import chunks
from mrl_demo.training.held_out import HeldOut, embed_held_out
from mrl_demo.training.precision import normaliser
from mrl_demo.training.sources import Part, open_parts
from mrl_demo.training.trainer import run as train_one
from mrl_demo.whole import whole

FIGURES = "asked.json"
DRAWS = 3  # of random dims
_FITTED = 2048  # training pictures of a part, and as many captions, that principal directions are fitted to
_AT_ONCE = 256


def caption_runs(nested_dims: Sequence[int]) -> dict[str, dict[str, Any]]:
    """As `runs`, without MRL-E: there are no classifiers whose weights could be tied."""
    return {name: own for name, own in runs(nested_dims).items() if "tied" not in own}


def train_all(base: TrainConfig, work: Path, seeds: Sequence[int], only: Sequence[str] = ()) -> list[Path]:
    """Trains and measures each run for each seed, in `work/<name>-seed<seed>`; returns the files of figures.

    Args:
        base: the recipe, with all nested dims; its folders and name are overridden.
        only: names of `caption_runs`; all when empty.

    Raises:
        ValueError: an unknown name, or an unfinished or finished run of another recipe.
        CollectionError: a set is missing or damaged.
    """
    known = caption_runs(base.nested_dims)
    unknown = [name for name in only if name not in known]
    if unknown:
        raise ValueError(f"there is no run {', '.join(unknown)}; there are {', '.join(known)}")
    parts: list[Part] = []
    done = []
    for seed in seeds:
        for name, own in known.items():
            if only and name not in only:
                continue
            folder = work / f"{name}-seed{seed}"
            kept: dict[str, Any] = {"out": folder / "checkpoint", "work": folder, "log": work / "LOG.md"}
            config = replace(base, seed=seed, name=name, **own, **kept)
            file = folder / FIGURES
            if not _is_done(file, config):
                size = model_config(config.model)["vision_cfg"]["image_size"]
                parts = parts or open_parts(config.data, size, config.held_out, base.seed)
                _finish(file, config, base.nested_dims[-1], all_dims(base.nested_dims), parts)
            done.append(file)
    return done


def all_dims(nested_dims: Sequence[int]) -> list[int]:
    """The nested dims and those half-way between neighbours, which were never trained."""
    between = [(low + high) // 2 for low, high in itertools.pairwise(nested_dims)]
    return sorted([*nested_dims, *between])


def _is_done(file: Path, config: TrainConfig) -> bool:
    """Raises ValueError when there are figures of another recipe."""
    if not file.exists():
        return False
    recipe = json.loads(file.read_text(encoding="utf-8"))["recipe"]
    if recipe != _recipe(config):
        raise ValueError(f"{file} was made with other settings: remove its folder, or name another --work")
    return True


def _recipe(config: TrainConfig) -> dict[str, Any]:
    return {**config.recipe(), "tied": False}


def _finish(
    file: Path, config: TrainConfig, largest: int, dims: Sequence[int], parts: Sequence[Part]
) -> None:
    """Trains what is not trained, measures, and writes the figures, whole or not at all."""
    if not config.out.exists():
        train_one(config, parts)
    towers, _, card = read_checkpoint(config.out)
    trained = {name: card.training["config"].get(name) for name in config.recipe()}
    if trained != config.recipe():
        raise ValueError(f"{config.out} was trained with other settings: remove it, or name another --work")
    device = choose_device(config.device or None)
    model: Any = towers.to(device)
    reader = TextReader(int(model.context_length))
    figures: list[dict[str, Any]] = []
    for held_out in embed_held_out(model, parts, reader, device):
        own = dims if len(config.nested_dims) > 1 else config.nested_dims
        figures += _figures(held_out, own)
        if config.nested_dims == (largest,):
            for made, draw, turn in _turns(model, held_out.part, reader, device, config.seed):
                figures += _figures(held_out, dims, made=made, draw=draw, turn=turn)
    found = {
        "recipe": _recipe(config),
        "trained": {
            "nested_dims": list(config.nested_dims),
            "seed": config.seed,
            "seconds": float(str(card.training["time"]).split()[0]),
        },
        "parts": [
            {"name": part.name, "train": len(part.rows), "held_out": len(part.held_out)} for part in parts
        ],
        "figures": figures,
    }
    with whole(file) as beside:
        beside.write_text(json.dumps(found), encoding="utf-8")


def _figures(
    held_out: HeldOut,
    dims: Sequence[int],
    made: str = "",
    draw: int | None = None,
    turn: Tensor | None = None,
) -> Iterator[dict[str, Any]]:
    for measure, by_dim in held_out.scores(dims, turn).items():
        for dim, value in by_dim.items():
            yield {
                "part": held_out.part.name,
                "measure": measure,
                "dim": int(dim),
                "value": value,
                "made": made,
                "draw": draw,
            }


def _turns(
    model: Any, part: Part, reader: TextReader, device: torch.device, seed: int
) -> Iterator[tuple[str, int | None, Tensor]]:
    """What can be made of one FF model's embeddings without training: (name, draw, directions (D, D)), of
    which the first d columns give d dims."""
    features = _fitted(model, part, reader, device, seed)
    everything = torch.eye(features.shape[1], device=device)
    yield "SVD", None, principal(features)
    yield "FF cut", None, everything
    for draw in range(DRAWS):
        order = np.random.default_rng((seed, draw)).permutation(features.shape[1])
        yield "random dims", draw, everything[:, torch.from_numpy(order).to(device)]


@torch.inference_mode()
def _fitted(model: Any, part: Part, reader: TextReader, device: torch.device, seed: int) -> Tensor:
    """Embeddings (n, D) of some training pictures and of a caption of each."""
    rows = np.random.default_rng(seed).permutation(part.rows)[:_FITTED]
    normalise = normaliser(device)
    features = []
    for some in chunks(rows, _AT_ONCE):
        pixels = part.data.pixels[torch.from_numpy(some)].to(device).float() / 255
        captions = part.data.captions(some.tolist(), random.Random(f"fitted {seed}-{some[0]}"))
        features += [
            encode_image(model, normalise(pixels)),
            encode_text(model, reader.tokens(captions).to(device)),
        ]
    return torch.cat(features).float()


def principal(features: Tensor) -> Tensor:
    """Directions (D, D) in the order of how much of the unit-length rows of `features`, (n, D), they hold.

    Not centred, so that at full dim no cosine changes; the SVD baseline of MRL, section 4.2.
    """
    unit = truncate(features, features.shape[1]).double()
    directions: Tensor = torch.linalg.eigh(unit.T @ unit).eigenvectors
    return directions.flip(1).float()
