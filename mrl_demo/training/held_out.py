"""What a model scores on the pictures that were held out of its training, set by set and dim by dim.

The end of a training run and anyone with a finished checkpoint ask the same function. Knows how towers are
run; what is measured is each subject's affair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from mrl_demo.errors import CollectionError
from mrl_demo.model.checkpoint import Card, read_checkpoint
from mrl_demo.model.text import TextReader
from mrl_demo.model.towers import choose_device, encode_image, encode_text
from mrl_demo.training.data import chunks
from mrl_demo.training.lineage import parting, sets_of
from mrl_demo.training.precision import normaliser
from mrl_demo.training.sources import Part, open_parts
from mrl_demo.training.validation import ByDim, EncodeTexts

Measured = dict[str, dict[str, float]]  # measure -> dim -> value from 0 to 1
_AT_ONCE = 256


@dataclass(frozen=True)
class HeldOut:
    """The held-out pictures of one part as a model sees them: images (n, D) float32 on the model's device,
    and how it encodes texts."""

    part: Part
    images: Tensor
    encode: EncodeTexts

    def named(self) -> tuple[list[str], list[str]]:
        """What each picture shows, (n,), by the usual name of its class, and the names of all classes.

        Raises CollectionError where pictures have no classes.
        """
        subject, attributes = self.part.subject, self.part.data.attributes
        if subject.usual_name is None:
            raise CollectionError(f"{self.part.source} has no classes: it holds {subject.name}")
        names = [subject.usual_name(row) for row in attributes]
        return [names[row] for row in self.part.held_out], sorted(set(names))

    def scores(self, dims: Sequence[int], turn: Tensor | None = None) -> dict[str, ByDim]:
        """Every measure of the part's subject at `dims`; of features @ `turn`, (D, E), where one is given."""
        turned = turn if turn is not None else torch.eye(self.images.shape[1], device=self.images.device)
        attributes = [self.part.data.attributes[row] for row in self.part.held_out]
        return self.part.subject.scores(
            self.images @ turned, attributes, lambda texts: self.encode(texts) @ turned, dims
        )


@torch.inference_mode()
def embed_held_out(
    towers: nn.Module, parts: Sequence[Part], reader: TextReader, device: torch.device
) -> list[HeldOut]:
    """One of each part. `towers` are put into eval mode; a text asked for often is encoded once."""
    towers.eval()
    normalise = normaliser(device)
    known: dict[str, Tensor] = {}

    @torch.inference_mode()
    def encode(texts: Sequence[str]) -> Tensor:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            tokens = torch.split(reader.tokens(new).to(device), _AT_ONCE)
            features = torch.cat([encode_text(towers, few).float() for few in tokens])
            known.update(zip(new, features, strict=True))
        return torch.stack([known[text] for text in texts])

    def pictures(part: Part, rows: npt.NDArray[np.int64]) -> Tensor:
        pixels = part.data.pixels[torch.from_numpy(rows)].to(device).float() / 255
        return encode_image(towers, normalise(pixels)).float()

    return [
        HeldOut(part, torch.cat([pictures(part, rows) for rows in chunks(part.held_out, _AT_ONCE)]), encode)
        for part in parts
    ]


def figures(unseen: HeldOut, dims: Sequence[int], turn: Tensor | None = None) -> Iterator[dict[str, Any]]:
    """`unseen.scores` as records: part, measure, dim, value from 0 to 1, n questions, stderr."""
    for measure, by_dim in unseen.scores(dims, turn).items():
        for dim, score in by_dim.items():
            yield {
                "part": unseen.part.name,
                "measure": measure,
                "dim": int(dim),
                "value": score.value,
                "n": score.n,
                "stderr": score.stderr,
            }


def held_out_scores(
    towers: nn.Module, parts: Sequence[Part], reader: TextReader, dims: Sequence[int], device: torch.device
) -> Measured:
    """The value of every measure of every part's subject; with several parts, "part: measure"."""
    found = [row for one in embed_held_out(towers, parts, reader, device) for row in figures(one, dims)]
    return as_measured(found)


def as_measured(found: Sequence[Mapping[str, Any]]) -> Measured:
    """Records of `figures` by measure and dim; with several parts, by "part: measure"."""
    several = len({row["part"] for row in found}) > 1
    scores: Measured = {}
    for row in found:
        told = f"{row['part']}: {row['measure']}" if several else row["measure"]
        scores.setdefault(told, {})[str(row["dim"])] = row["value"]
    return scores


def score_checkpoint(path: Path, data: str = "", device: str | None = None) -> list[dict[str, Any]]:
    """Records of `figures` at its nested dims of the checkpoint folder `path`, on what its training held out
    of `data`; `pictures` in them tells whether two were of the very same pictures. As `open_held_out`.
    """
    unseen, card = open_held_out(path, data, device)
    return [
        {**row, "pictures": one.part.held_out_digest}
        for one in unseen
        for row in figures(one, card.nested_dims)
    ]


def open_held_out(path: Path, data: str = "", device: str | None = None) -> tuple[list[HeldOut], Card]:
    """What the checkpoint folder `path` sees of the pictures that its training held out of `data`, and its
    card.

    `data` as `train --data` takes it; what it was trained on when empty. Sets of which a share is held out by
    chance are parted with the share and seed of that training, and must be what it was trained on: pictures
    it has seen are never among those scored.

    Raises:
        CheckpointError: the checkpoint is missing or damaged, or does not say how it was trained.
        CollectionError: a set is missing or damaged, or nobody knows which of its pictures training saw.
    """
    chosen = choose_device(device)
    towers, _, card = read_checkpoint(path)
    named, share, seed = parting(card.training, path)
    model: Any = towers.to(chosen)
    size, reader = int(model.visual.image_size[0]), TextReader(int(model.context_length))
    parts = open_parts(data or named, size, share, seed)
    _check_unseen(path, card, named, parts)
    return embed_held_out(model, parts, reader, chosen), card


def _check_unseen(path: Path, card: Card, named: str, parts: Sequence[Part]) -> None:
    """Raises CollectionError for a part held out by chance of what the checkpoint was not trained on."""
    drawn = [part for part in parts if part.by_chance]
    known = {digest for _, digest in sets_of(card.training)} if drawn else set()
    for part in drawn:
        if part.files.digest not in known:
            raise CollectionError(
                f"{path} was trained on {named}, not on {part.source} as it is now: nobody knows which of "
                "its pictures training saw. Score the very data it was trained on, or a set with a part of "
                "its own for validation (val*.parquet)"
            )
