"""Trains the image-text models of the comparison, all by one recipe: MRL, MRL with c = [2, 1, 1 ...], and FF
for each dim; and measures each on the pictures held out of it.

Each run has a folder; a finished one is kept, a killed one goes on. What it scores lies beside it, so that
`evaluation` needs neither pictures nor torch. Knows what to train, not how (`trainer.py`).
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mrl_demo.model.checkpoint import read_card, read_checkpoint
from mrl_demo.model.text import TextReader
from mrl_demo.model.towers import choose_device, encode_image, encode_text, model_config
from mrl_demo.prefix import half_way_dims, truncate
from mrl_demo.still_life import captions as still_life_captions
from mrl_demo.still_life import phrase
from mrl_demo.training import held_out, photo_captions, product_captions, validation
from mrl_demo.training.compare import runs
from mrl_demo.training.config import TrainConfig, completed
from mrl_demo.training.data import chunks
from mrl_demo.training.held_out import HeldOut, embed_held_out
from mrl_demo.training.precision import normaliser
from mrl_demo.training.sources import Part, find, open_parts
from mrl_demo.training.trainer import run as train_one
from mrl_demo.whole import whole

FIGURES = "asked.json"
DRAWS = 3  # of random dims
_FITTED = 2048  # training pictures of a part, and as many captions, that principal directions are fitted to
_AT_ONCE = 256
# Beside this file, what the figures depend on when model and pictures stay the same.
_MEASURING = (held_out, validation, photo_captions, product_captions, still_life_captions, phrase)


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
    digests = [files.digest for files in find(base.data)]
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
            if not _is_done(file, config, digests):
                size = model_config(config.model)["vision_cfg"]["image_size"]
                parts = parts or open_parts(config.data, size, config.held_out, config.split_seed)
                dims = sorted([*base.nested_dims, *half_way_dims(base.nested_dims)])
                _finish(file, config, base.nested_dims[-1], dims, parts)
            done.append(file)
    return done


def _is_done(file: Path, config: TrainConfig, digests: Sequence[str]) -> bool:
    """Whether there are figures of this model, by the code that measures now. Raises ValueError when they are
    of another recipe."""
    if not file.exists():
        return False
    found = json.loads(file.read_text(encoding="utf-8"))
    _check_same(file.parent, config, digests, found["recipe"], found["recipe"].get("digests"))
    return config.out.exists() and found.get("of") == _stamp(read_card(config.out).fingerprint)


def _check_same(
    where: Path, config: TrainConfig, digests: Sequence[str], recipe: Mapping[str, Any], trained_on: Any
) -> None:
    """Raises ValueError when what is at `where` was trained by another recipe or on other data."""
    remedy = "remove it, or name another --work"
    if completed(recipe) != config.recipe():
        raise ValueError(f"{where} was trained with other settings: {remedy}")
    if trained_on != list(digests):
        raise ValueError(f"{where} was trained on other data than {config.data} holds now: {remedy}")


def _stamp(fingerprint: str) -> str:
    """What figures depend on: the weights, and the code that measures."""
    files = [Path(__file__), *(Path(str(module.__file__)) for module in _MEASURING)]
    code = b"".join(file.read_bytes() for file in files)
    return hashlib.sha256(fingerprint.encode() + code).hexdigest()


def _finish(
    file: Path, config: TrainConfig, largest: int, dims: Sequence[int], parts: Sequence[Part]
) -> None:
    """Trains what is not trained, measures, and writes the figures, whole or not at all."""
    if not config.out.exists():
        train_one(config, parts)
    towers, _, card = read_checkpoint(config.out)
    digests = [part.files.digest for part in parts]
    trained_on = [part.get("digest") for part in card.training.get("parts", [])]
    _check_same(config.out, config, digests, card.training["config"], trained_on)
    device = choose_device(config.device or None)
    model: Any = towers.to(device)
    reader = TextReader(int(model.context_length))
    figures: list[dict[str, Any]] = []
    for unseen in embed_held_out(model, parts, reader, device):
        own = dims if len(config.nested_dims) > 1 else config.nested_dims
        figures += _figures(unseen, own)
        if config.nested_dims == (largest,):
            for made, draw, turn in _turns(model, unseen.part, reader, device, config.seed):
                figures += _figures(unseen, dims, made=made, draw=draw, turn=turn)
    found = {
        "of": _stamp(card.fingerprint),
        "made": card.training.get("made", {}),
        "recipe": {**completed(card.training["config"]), "tied": False, "digests": digests},
        "trained": {
            "nested_dims": list(config.nested_dims),
            "seed": config.seed,
            "seconds": float(str(card.training["time"]).split()[0]),
        },
        "parts": [part.to_json() for part in parts],
        "figures": figures,
    }
    with whole(file) as beside:
        beside.write_text(json.dumps(found), encoding="utf-8")


def _figures(
    unseen: HeldOut,
    dims: Sequence[int],
    made: str = "",
    draw: int | None = None,
    turn: Tensor | None = None,
) -> Iterator[dict[str, Any]]:
    for row in held_out.figures(unseen, dims, turn):
        yield {**row, "made": made, "draw": draw}


def _turns(
    model: Any, part: Part, reader: TextReader, device: torch.device, seed: int
) -> Iterator[tuple[str, int | None, Tensor]]:
    """What can be made of one FF model's embeddings without training: (name, draw, directions (D, D)), of
    which the first d columns give d dims.

    Principal directions are fitted to this part's training pictures and captions together: to the embeddings
    as they are, and "centred", to how they differ from the mean picture and the mean caption. What is asked
    is turned and not moved either way, so that at full dim no cosine changes.
    """
    images, texts = _fitted(model, part, reader, device, seed)
    everything = torch.eye(images.shape[1], device=device)
    yield "SVD", None, principal(torch.cat([images, texts]))
    yield "SVD, centred", None, principal(torch.cat([images - images.mean(0), texts - texts.mean(0)]))
    yield "FF cut", None, everything
    for draw in range(DRAWS):
        order = np.random.default_rng((seed, draw)).permutation(images.shape[1])
        yield "random dims", draw, everything[:, torch.from_numpy(order).to(device)]


@torch.inference_mode()
def _fitted(
    model: Any, part: Part, reader: TextReader, device: torch.device, seed: int
) -> tuple[Tensor, Tensor]:
    """Embeddings (n, D) of unit length of some training pictures, and of a caption of each."""
    rows = np.random.default_rng(seed).permutation(part.rows)[:_FITTED]
    normalise = normaliser(device)
    images, texts = [], []
    for some in chunks(rows, _AT_ONCE):
        pixels = part.data.pixels[torch.from_numpy(some)].to(device).float() / 255
        captions = part.data.captions(some.tolist(), random.Random(f"fitted {seed}-{some[0]}"))
        images.append(encode_image(model, normalise(pixels)).float())
        texts.append(encode_text(model, reader.tokens(captions).to(device)).float())
    width = images[0].shape[1]
    return truncate(torch.cat(images), width), truncate(torch.cat(texts), width)


def principal(rows: Tensor) -> Tensor:
    """Directions (D, D) in the order of how much of `rows`, (n, D), they hold; the SVD baseline of MRL,
    section 4.2."""
    wide = rows.double()
    directions: Tensor = torch.linalg.eigh(wide.T @ wide).eigenvectors
    return directions.flip(1).float()
