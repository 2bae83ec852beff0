"""Labelled photos for classification: decoded once into bytes on disk, cropped and mirrored anew in every
batch.

A batch depends on nothing but the seed and its number. Knows nothing of models.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from mrl_demo.collection.items import open_table
from mrl_demo.errors import CollectionError
from mrl_demo.training.data import decode
from mrl_demo.training.digest import digest_of
from mrl_demo.whole import whole

_AT_ONCE = 4096  # pictures decoded before they are written


@dataclass(frozen=True)
class Photos:
    """pixels: (n, size, size, 3) uint8, memory-mapped; labels: (n,) int64 from 0 up."""

    pixels: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]

    @classmethod
    def open(cls, files: Sequence[Path], size: int, cache: Path) -> Photos:
        """Reads Parquet files with the columns `image` and `label`, as the Hub's `datasets` writes them.

        Args:
            files: in the order in which their rows are numbered.
            size: pixels a side; other sizes are brought to it, in a centred square.
            cache: the decoded pictures are kept in this .npy file, so that the next run need not decode; what
                they were decoded from is said beside it, and other photos are decoded in their place.

        Raises:
            CollectionError: a file is missing or damaged, has other columns, or holds a picture that cannot
                be decoded.
        """
        missing = [str(file) for file in files if not file.is_file()]
        if missing or not files:
            raise CollectionError(f"there are no photos to read at {', '.join(missing) or 'no file at all'}")
        tables = [open_table(file).read() for file in files]
        for file, table in zip(files, tables, strict=True):
            if not {"image", "label"} <= set(table.column_names):
                raise CollectionError(
                    f"{file} needs the columns image and label; it has {', '.join(table.column_names)}"
                )
        labels = np.concatenate([table["label"].to_numpy() for table in tables]).astype(np.int64)
        shape = (len(labels), size, size, 3)
        digest, decoded_from = digest_of(files), cache.with_suffix(".digest")
        if cache.exists() and decoded_from.exists() and decoded_from.read_text("utf-8") == digest:
            pixels = np.load(cache, mmap_mode="r")
            if pixels.shape == shape:
                return cls(pixels, labels)
        decoded_from.unlink(missing_ok=True)
        with whole(cache) as beside, ThreadPoolExecutor() as pool:
            out = np.lib.format.open_memmap(beside, "w+", np.uint8, shape)
            start = 0
            for file, table in zip(files, tables, strict=True):
                for first in range(0, table.num_rows, _AT_ONCE):
                    rows = table["image"].slice(first, _AT_ONCE).to_pylist()
                    try:
                        decoded = list(pool.map(lambda row: decode(row["bytes"], size), rows))
                    except (OSError, TypeError) as error:
                        raise CollectionError(
                            f"{file} holds a picture that cannot be decoded: {error}"
                        ) from error
                    out[start : start + len(rows)] = decoded
                    start += len(rows)
            out.flush()
        with whole(decoded_from) as beside:
            beside.write_text(digest, "utf-8")
        return cls(np.load(cache, mmap_mode="r"), labels)

    def __len__(self) -> int:
        return len(self.labels)

    def tensor(self, rows: npt.NDArray[np.int64]) -> Tensor:
        """(len(rows), 3, size, size) float32 from 0 to 1."""
        return torch.from_numpy(self.pixels[rows]).permute(0, 3, 1, 2).float() / 255


def crops(pixels: Tensor, size: int, generator: torch.Generator) -> Tensor:
    """(B, 3, S, S) -> (B, 3, size, size): of each picture a random part, perhaps mirrored.

    The part covers 35 to 100 % of the area at 3:4 to 4:3, the usual "random resized crop" of ImageNet
    training. `generator` lives on the CPU.
    """
    count = len(pixels)

    def uniform(low: float, high: float) -> Tensor:
        return torch.empty(count).uniform_(low, high, generator=generator)

    area, aspect = uniform(0.35, 1), uniform(-math.log(4 / 3), math.log(4 / 3)).exp()
    width, height = (area * aspect).sqrt().clamp_max(1), (area / aspect).sqrt().clamp_max(1)
    mirror = 1 - 2 * torch.randint(0, 2, (count,), generator=generator).float()
    affine = torch.zeros(count, 2, 3)
    affine[:, 0, 0], affine[:, 1, 1] = mirror * width, height
    affine[:, 0, 2], affine[:, 1, 2] = (1 - width) * uniform(-1, 1), (1 - height) * uniform(-1, 1)
    grid = F.affine_grid(affine.to(pixels.device), [count, 3, size, size], align_corners=False)
    return F.grid_sample(pixels, grid, padding_mode="reflection", align_corners=False)


def whole_pictures(pixels: Tensor, size: int) -> Tensor:
    """(B, 3, S, S) -> (B, 3, size, size): all of each picture, smoothed where it shrinks."""
    if pixels.shape[-1] == size:
        return pixels
    return F.interpolate(pixels, (size, size), mode="bilinear", antialias=True, align_corners=False)
