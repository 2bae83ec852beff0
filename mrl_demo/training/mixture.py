"""Batches from several training sets at once, and their loss: each set's pictures against its own captions.

Every batch holds some of each set, because the image tower normalises by the batch: were a batch all of one
set, its statistics would be that set's in training and everybody's afterwards. But a picture meets only the
texts of its own set. Whether "something red" or "a vehicle" is true of another set's picture nobody wrote
down, so to push it away could teach a falsehood; and what is told from everything of another set is learned
from the style alone. A batch depends on the seed and its number only. Knows nothing of models.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from mrl_demo.training.data import Batch, epoch_rows
from mrl_demo.training.losses import matryoshka_contrastive_loss
from mrl_demo.training.sources import Part

_FEWEST = 2  # pictures of a set in a batch: one alone has nothing to be told from


@dataclass(frozen=True)
class MixedBatch:
    """One step's worth: of each part in turn a batch. Rows of tensors over all follow the same order."""

    parts: Sequence[Part]
    batches: Sequence[Batch]

    @property
    def texts(self) -> list[str]:
        """Of all parts, (T,)."""
        return [text for batch in self.batches for text in batch.texts]

    def pixels(self, generator: torch.Generator, device: torch.device) -> Tensor:
        """(B, 3, S, S) floats from 0 to 1 on `device`, each augmented as its part allows."""
        return torch.cat(
            [
                part.subject.augment(
                    part.data.pixels[torch.from_numpy(batch.rows)].to(device).float() / 255, generator
                )
                for part, batch in zip(self.parts, self.batches, strict=True)
            ]
        )

    def loss(
        self,
        image_features: Tensor,
        text_features: Tensor,
        nested_dims: Sequence[int],
        log_temperatures: Tensor,
        weights: Tensor | None = None,
    ) -> Tensor:
        """The Matryoshka loss of each part by itself, averaged over pictures: a scalar.

        image_features are (B, D), a row a picture; text_features (T, D), a row each of `texts`. One part told
        from captions alone gives `matryoshka_contrastive_loss` itself.
        """
        sizes = [len(batch.rows) for batch in self.batches]
        told = [some for batch in self.batches for some in batch.told]
        encoded = iter(torch.split(text_features, [len(some.texts) for some in told]))
        losses = [
            matryoshka_contrastive_loss(
                images,
                next(encoded),
                nested_dims,
                log_temperatures,
                weights,
                some.positives.to(images.device),
            )
            * (some.share * len(images) / sum(sizes))
            for images, batch in zip(torch.split(image_features, sizes), self.batches, strict=True)
            for some in batch.told
        ]
        return torch.stack(losses).sum()


class Mixture:
    """An endless sequence of batches over `parts`.

    Attributes:
        sizes: how many pictures of each part every batch holds.
        steps_an_epoch: batches that hold as many pictures as the parts have together, so that on average
            each is seen once; small sets are seen more often, since shares do not follow size.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        batch_size: int,
        shares: Sequence[float],
        seed: int,
        names: float = 0.0,
    ) -> None:
        """`shares`: how much of a batch is from each part; equal parts when empty. `names`: as
        `TrainingSet.batch`.

        Raises ValueError when shares do not fit the parts, or leave one fewer than two pictures.
        """
        self.parts = list(parts)
        self._names = names
        self.sizes = batch_sizes(batch_size, shares or [1.0] * len(parts))
        if len(self.sizes) != len(self.parts):
            raise ValueError(f"{len(parts)} data sets need as many shares, got {len(shares)}")
        # The first part is drawn as it would be alone; the others by seeds of their own.
        self._seeds = [seed + 1_000_003 * place for place in range(len(parts))]
        self._rows: list[Callable[[int], npt.NDArray[np.int64]]] = [
            epoch_rows(part.rows, size, own)
            for part, size, own in zip(self.parts, self.sizes, self._seeds, strict=True)
        ]
        self.steps_an_epoch = max(1, sum(len(part.rows) for part in parts) // batch_size)

    def batch(self, step: int) -> MixedBatch:
        """The batch of step `step`, from 0 up."""
        drawn = zip(self.parts, self._rows, self._seeds, strict=True)
        return MixedBatch(
            self.parts, [part.data.batch(rows(step), own, step, self._names) for part, rows, own in drawn]
        )


def batch_sizes(batch_size: int, shares: Sequence[float]) -> list[int]:
    """How many of `batch_size` fall to each share; they add up to it, and none is further off than one.

    Raises ValueError for shares that are not positive or leave one fewer than two.
    """
    if not shares or min(shares) <= 0:
        raise ValueError(f"shares must be positive numbers, got {tuple(shares)}")
    ends = np.rint(np.cumsum(shares) / sum(shares) * batch_size).astype(int)
    sizes: list[int] = np.diff(ends, prepend=0).tolist()
    if min(sizes) < _FEWEST:
        raise ValueError(
            f"a batch of {batch_size} parted by {tuple(shares)} leaves a data set {min(sizes)} pictures; "
            f"each needs at least {_FEWEST}: raise batch_size or the share"
        )
    return sizes
