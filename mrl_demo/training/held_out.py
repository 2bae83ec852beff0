"""What a model scores on the pictures that were held out of its training, set by set and dim by dim.

The end of a training run and anyone with a finished checkpoint ask the same function. Knows how towers are
run; what is measured is each subject's affair.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from mrl_demo.errors import CheckpointError
from mrl_demo.model.checkpoint import read_checkpoint
from mrl_demo.model.text import TextReader
from mrl_demo.model.towers import choose_device, encode_image, encode_text
from mrl_demo.training.data import chunks
from mrl_demo.training.precision import normaliser
from mrl_demo.training.sources import Part, open_parts

Measured = dict[str, dict[str, float]]  # measure -> dim -> value from 0 to 1
_AT_ONCE = 256


@torch.inference_mode()
def held_out_scores(
    towers: nn.Module, parts: Sequence[Part], reader: TextReader, dims: Sequence[int], device: torch.device
) -> Measured:
    """Every measure of every part's subject; with several parts, "part: measure". `towers` are put into eval
    mode."""
    towers.eval()
    normalise = normaliser(device)

    def texts(some: Sequence[str]) -> Tensor:
        tokens = torch.split(reader.tokens(some).to(device), _AT_ONCE)
        return torch.cat([encode_text(towers, few).float() for few in tokens])

    def pictures(part: Part, rows: npt.NDArray[np.int64]) -> Tensor:
        pixels = part.data.pixels[torch.from_numpy(rows)].to(device).float() / 255
        return encode_image(towers, normalise(pixels)).float()

    scores: Measured = {}
    for part in parts:
        images = torch.cat([pictures(part, rows) for rows in chunks(part.held_out, _AT_ONCE)])
        attributes = [part.data.attributes[row] for row in part.held_out]
        found = part.subject.scores(images, attributes, texts, dims)
        scores |= {name if len(parts) == 1 else f"{part.name}: {name}": by for name, by in found.items()}
    return scores


def score_checkpoint(path: Path, data: str = "", device: str | None = None) -> Measured:
    """The scores at its nested dims of the checkpoint folder `path`, on what its training held out of `data`.

    `data` as `train --data` takes it; what it was trained on when empty. Sets without a validation part are
    parted with the share and seed of that training: pictures it was trained on are never among those scored.

    Raises:
        CheckpointError: the checkpoint is missing or damaged, or does not say how it was trained.
        CollectionError: a set is missing or damaged.
    """
    chosen = choose_device(device)
    towers, _, card = read_checkpoint(path)
    try:
        trained = card.training["config"]
        named, share, seed = str(trained["data"]), float(trained["held_out"]), int(trained["seed"])
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path} does not say what its training held out: {error}") from error
    model: Any = towers.to(chosen)
    size, reader = int(model.visual.image_size[0]), TextReader(int(model.context_length))
    parts = open_parts(data or named, size, share, seed)
    return held_out_scores(model, parts, reader, card.nested_dims, chosen)
