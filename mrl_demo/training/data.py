"""Captioned pictures for training: decoded once into bytes, captioned and augmented anew in every batch.

A batch depends on nothing but the seed and its number, so a run that was killed goes on with the very
batches it would have seen. Knows nothing of models; what a caption says is the caption source's affair.
"""

from __future__ import annotations

import functools
import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageOps
from torch import Tensor

from mrl_demo.collection.items import FIXED_COLUMNS
from mrl_demo.collection.parquet import ParquetSource
from mrl_demo.collection.sources import Entry
from mrl_demo.errors import CollectionError
from mrl_demo.training.losses import equal_captions

Attributes = Mapping[str, str | int]
# A caption and the attributes it states; what it does not state it leaves open.
CaptionSource = Callable[[Attributes, random.Random], tuple[str, Attributes]]
# The ways in which a picture's attributes can be told: two where it shows two things, each as the main one.
Readings = Callable[[Attributes], Sequence[Attributes]]
# A text that names the class of a picture with these attributes.
Naming = Callable[[Attributes, random.Random], str]
# What training wants to know of a row of the data.
Told = Callable[[Entry], Attributes]
UNSAID, UNKNOWN = -1, -2
_AT_ONCE = 4096  # pictures decoded before they are put with the others
# Of pictures told from the names of all classes so many have captions as well: one in
_CAPTIONED = 4


def own_attributes(entry: Entry) -> Attributes:
    """The attributes of a picture in a pack of our own, without its captions, its scene and measures."""
    return {
        name: value
        for name, value in entry.attributes.items()
        if name not in FIXED_COLUMNS and not isinstance(value, float)
    }


@dataclass(frozen=True)
class Texts:
    """What a batch's pictures are told from, and how much that counts.

    Attributes:
        texts: (T,).
        positives: (B, T) bool, whether text t is true of picture i.
        share: of the batch's loss; all shares together are 1.
    """

    texts: list[str]
    positives: Tensor
    share: float = 1.0


@dataclass(frozen=True)
class Batch:
    """One step's worth: `rows` (B,) of the pictures, and the texts they are told from: captions and, where
    pictures have classes, the names of all classes."""

    rows: npt.NDArray[np.int64]
    told: tuple[Texts, ...]

    @property
    def texts(self) -> list[str]:
        """All that are to be encoded, in order."""
        return [text for some in self.told for text in some.texts]


class TrainingSet:
    """All pictures in memory as bytes, with their attributes.

    Attributes:
        pixels: (n, 3, size, size) uint8.
        attributes: one mapping a picture.
    """

    def __init__(
        self,
        pixels: Tensor,
        attributes: Sequence[Attributes],
        caption: CaptionSource,
        readings: Readings = lambda attributes: [attributes],
        naming: Naming | None = None,
    ) -> None:
        self.pixels = pixels
        self.attributes = attributes
        self._caption = caption
        self._naming = naming
        # Many pictures of a set may have the very same attributes, as those of one class do.
        kinds = {tuple(row.items()): row for row in attributes}
        told = [readings(row) for row in kinds.values()]
        self._numbers = _numbers(told)
        most = max(map(len, told), default=1)
        # (kinds, readings, columns); where there are fewer readings the first is repeated
        codes = np.array([[self._coded(row[k % len(row)]) for k in range(most)] for row in told], np.int64)
        places = {key: place for place, key in enumerate(kinds)}
        self._kinds = list(kinds.values())
        self._kind = np.array([places[tuple(row.items())] for row in attributes], np.int64)  # (n,)
        self._codes = codes[self._kind]  # (n, readings, columns)

    @classmethod
    def open(
        cls,
        files: Path | Sequence[Path],
        size: int,
        caption: CaptionSource,
        readings: Readings = lambda attributes: [attributes],
        told: Told = own_attributes,
        naming: Naming | None = None,
    ) -> TrainingSet:
        """Reads a Parquet file, or the shards of a set in the order given, into one picture after the other.

        Args:
            size: pixels a side; pictures of another size are brought to it, in a centred square.
            told: what of a row becomes the picture's attributes.
            naming: names the classes, where pictures with the same attributes are of one class.

        Raises:
            CollectionError: a file is missing, damaged or holds no pictures with attributes.
        """
        paths = [files] if isinstance(files, Path) else list(files)
        root = Path(os.path.commonpath([path.parent for path in paths]))
        source = ParquetSource(root, paths, name="train")
        pixels = torch.empty((len(source), 3, size, size), dtype=torch.uint8)
        attributes: list[Attributes] = []
        entries = iter(source)
        with ThreadPoolExecutor() as pool:
            while some := list(islice(entries, _AT_ONCE)):
                try:
                    decoded = list(pool.map(lambda entry: decode(_encoded(entry), size), some))
                except (OSError, TypeError) as error:
                    raise CollectionError(
                        f"{paths[0]} holds a picture that cannot be decoded: {error}"
                    ) from error
                place = slice(len(attributes), len(attributes) + len(some))
                pixels[place] = torch.from_numpy(np.stack(decoded)).permute(0, 3, 1, 2)
                attributes += [told(entry) for entry in some]
        if not attributes[0]:
            raise CollectionError(f"{paths[0]} needs attributes beside its pictures, to make captions of")
        return cls(pixels, attributes, caption, readings, naming)

    def __len__(self) -> int:
        return len(self.pixels)

    def split(self, share: float, seed: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Row numbers to train on and to hold out; at least one of each."""
        order = np.random.default_rng([seed, 0]).permutation(len(self))
        held = min(max(1, round(share * len(self))), len(self) - 1)
        return np.sort(order[held:]), np.sort(order[:held])

    def captions(self, rows: Sequence[int], rng: random.Random) -> list[str]:
        """A newly drawn caption of each of `rows`."""
        return [self._caption(self.attributes[row], rng)[0] for row in rows]

    def batch(self, rows: npt.NDArray[np.int64], seed: int, step: int, names: float = 0.0) -> Batch:
        """The batch of step `step`, one of an endless sequence of shuffled epochs over `rows` cut to whole
        batches.

        Args:
            names: of pictures that have classes, the share of the loss that tells them from all classes'
                names. Few captions do then beside them: for one picture in four.
        """
        rng = random.Random(f"captions {seed}-{step}")
        names = names if self._naming else 0.0
        every = _CAPTIONED if names else 1
        told = []
        if names < 1:
            drawn = [self._caption(self.attributes[row], rng) for row in rows[::every]]
            captions = [text for text, _ in drawn]
            positives = self.positives(rows, captions, [stated for _, stated in drawn], every)
            told.append(Texts(captions, positives, 1 - names))
        if names:
            told.append(self.named(rows, rng, names))
        return Batch(rows, tuple(told))

    def named(self, rows: npt.NDArray[np.int64], rng: random.Random, share: float = 1.0) -> Texts:
        """A newly drawn name of every class of the set, and which is true of which picture of `rows`.

        Classes that happen to be called alike are each other's positives. Raises ValueError for a set without
        classes.
        """
        if not self._naming:
            raise ValueError("the pictures of this set have no classes to be named")
        texts = [self._naming(kind, rng) for kind in self._kinds]
        return Texts(texts, equal_captions(texts)[torch.from_numpy(self._kind[rows])], share)

    def positives(
        self,
        rows: npt.NDArray[np.int64],
        captions: Sequence[str],
        stated: Sequence[Attributes],
        every: int = 1,
    ) -> Tensor:
        """(B, T) bool: caption t is a positive of picture i when all it states is true of i, in one reading.

        "A mug" is as true of the red mug beside it as of the blue one it was drawn for, and of a vase with a
        mug behind it; to push it away from there would be to teach a falsehood. Equal captions are always
        each other's positives; caption t was drawn for picture t * every.
        """
        codes = self._codes[rows]  # (B, readings, columns)
        said = np.array([self._coded(one) for one in stated], np.int64)  # (T, columns)
        true = np.ones((len(rows), len(captions), codes.shape[1]), bool)
        for place in range(said.shape[1]):
            agrees = codes[:, None, :, place] == said[None, :, None, place]
            true &= agrees | (said[None, :, None, place] == UNSAID)
        positives = torch.from_numpy(true.any(axis=2))
        positives[::every] |= equal_captions(captions)
        return positives

    def _coded(self, attributes: Attributes) -> list[int]:
        """The attributes' values as numbers, column by column."""
        return [
            numbers.get(attributes[column], UNKNOWN) if column in attributes else UNSAID
            for column, numbers in self._numbers.items()
        ]


def epoch_rows(
    rows: npt.NDArray[np.int64], batch_size: int, seed: int
) -> Callable[[int], npt.NDArray[np.int64]]:
    """The rows of step 0, 1, 2, ...: each epoch shuffles `rows` anew and drops what does not fill a batch."""
    size = min(batch_size, len(rows))
    steps = len(rows) // size

    @functools.lru_cache(maxsize=1)
    def order(epoch: int) -> npt.NDArray[np.int64]:
        return np.random.default_rng([seed, 1, epoch]).permutation(rows)

    def at(step: int) -> npt.NDArray[np.int64]:
        epoch, place = divmod(step, steps)
        return order(epoch)[place * size : (place + 1) * size]

    return at


def chunks(rows: npt.NDArray[np.int64], size: int) -> Iterator[npt.NDArray[np.int64]]:
    """`rows` in order, `size` at a time."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def decode(data: bytes, size: int) -> npt.NDArray[np.uint8]:
    """An encoded picture as (size, size, 3); another size is brought to it, in a centred square."""
    with Image.open(BytesIO(data)) as image:
        rgb = image.convert("RGB")
    if rgb.size != (size, size):
        rgb = ImageOps.fit(rgb, (size, size), Image.Resampling.BICUBIC)
    return np.asarray(rgb)


def _encoded(entry: Entry) -> bytes:
    return entry.content if isinstance(entry.content, bytes) else entry.content.read_bytes()


def _numbers(told: Sequence[Sequence[Attributes]]) -> dict[str, dict[str | int, int]]:
    """column -> value -> its number, for comparing a batch with itself at once."""
    numbers: dict[str, dict[str | int, int]] = {}
    for readings in told:
        for reading in readings:
            for column, value in reading.items():
                values = numbers.setdefault(column, {})
                values.setdefault(value, len(values))
    return numbers
