"""Text and images to Matryoshka embeddings: what the page, the command line and the collections use of the
model.

Knows nothing of search; a prefix of what it returns is taken by `mrl_demo.truncate`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor, nn

from mrl_demo.collection.images import load_image
from mrl_demo.model.checkpoint import Card, read_checkpoint
from mrl_demo.model.text import TextReader
from mrl_demo.model.towers import choose_device, cpu_share, cpu_threads, encode_image, encode_text
from mrl_demo.prefix import truncate

ImageSource = str | Path | bytes | Image.Image
Float32 = npt.NDArray[np.float32]

_BATCH = 256
_FEW = 4


class Encoder:
    """A two-tower encoder. Every prefix of its embeddings is an embedding; the nested dims were trained to
    be.

    Attributes:
        card: what the checkpoint says of itself.
        image_size: side of the square that the image tower reads, in pixels.
        device: "cpu" or "cuda".
    """

    def __init__(
        self, model: nn.Module, transform: Callable[[Image.Image], Tensor], card: Card, device: torch.device
    ) -> None:
        towers: Any = model
        self.card = card
        self.device = str(device)
        self.image_size: int = towers.visual.image_size[0]
        self._model = model.to(device).eval()
        self._transform = transform
        self._reader = TextReader(towers.context_length, card.known_words)

    @classmethod
    def load(cls, path: str | Path = "checkpoints/still-life", device: str | None = None) -> Encoder:
        """The encoder stored in the folder `path`, on CUDA when there is one and `device` does not say
        otherwise.

        Raises:
            CheckpointError: the checkpoint is missing or damaged.
            ValueError: there is no such device.
        """
        chosen = choose_device(device)
        return cls(*read_checkpoint(path), chosen)

    @property
    def name(self) -> str:
        """What people call the model."""
        return self.card.name

    @property
    def full_dim(self) -> int:
        """Width of the embeddings."""
        return self.card.full_dim

    @property
    def nested_dims(self) -> tuple[int, ...]:
        """The dims that were trained, growing; the last is full_dim."""
        return self.card.nested_dims

    @property
    def temperatures(self) -> tuple[float, ...]:
        """The softmax temperature learned for each nested dim: cosines divided by it are logits."""
        return self.card.temperatures

    @property
    def fingerprint(self) -> str:
        """sha256 of the weights: embeddings of encoders with another fingerprint do not compare with
        these."""
        return self.card.fingerprint

    def encode_text(self, text: str | Sequence[str]) -> Float32:
        """One text -> (full_dim,); q texts -> (q, full_dim). float32 rows of unit length.

        A text longer than is read is cut; `check_text` says so.

        Raises:
            QueryError: a text is empty or not a string.
        """
        texts = [text] if isinstance(text, str) else list(text)
        rows = [
            self._unit(encode_text, self._reader.tokens(texts[start : start + _BATCH]))
            for start in range(0, len(texts), _BATCH)
        ]
        return self._shaped(rows, one=isinstance(text, str))

    def encode_image(self, image: ImageSource | Sequence[ImageSource]) -> Float32:
        """One image -> (full_dim,); q images -> (q, full_dim). float32 rows of unit length.

        An image is a path, the bytes of a file or a PIL image; the middle square of it is read.

        Raises:
            ImageError: an image cannot be read or is too large.
        """
        one = isinstance(image, ImageSource)
        images: list[Any] = [image] if one else list(image)  # type: ignore[arg-type]
        rows = []
        for start in range(0, len(images), _BATCH):
            pixels = torch.stack(
                [self._transform(load_image(source)) for source in images[start : start + _BATCH]]
            )
            rows.append(self._unit(encode_image, pixels))
        return self._shaped(rows, one=one)

    def check_text(self, text: str) -> list[str]:
        """Plain-word warnings: more text than is read, words never met in training. Empty when there are
        none.

        Raises:
            QueryError: the text is empty or not a string.
        """
        return self._reader.check(text)

    def _unit(self, encode: Callable[[nn.Module, Tensor], Tensor], inputs: Tensor) -> Float32:
        # One query is faster on one thread, and a hundred times faster when the machine is busy: threads that
        # wait for each other at every layer wait for the slowest.
        threads = 1 if len(inputs) <= _FEW else cpu_share()
        with torch.inference_mode(), cpu_threads(threads):
            features = encode(self._model, inputs.to(self.device)).float()
            rows: Float32 = truncate(features, features.shape[-1]).cpu().numpy()
            return rows

    def _shaped(self, rows: list[Float32], *, one: bool) -> Float32:
        stacked = np.concatenate(rows) if rows else np.empty((0, self.full_dim), np.float32)
        row: Float32 = stacked[0] if one else stacked
        return row
