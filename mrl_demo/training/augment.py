"""Augmentation on tensors: what may change in a picture while its caption stays true.

Where captions name colours and light: moved, a little nearer or farther, a little brighter or darker, never
another hue; mirrored only where none says what stands left of what. Where they name only the thing: a part of
the picture, perhaps mirrored, and its colours vary more. Knows nothing of data sets or models.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from mrl_demo.training.photos import crops


def augment_still_lifes(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """(B, 3, S, S) floats from 0 to 1 -> a new tensor of the same shape, each picture changed on its own;
    what is on the left stays there.

    `generator` lives on the CPU, so that CPU and GPU see the same changes.
    """
    return _moved(pixels, torch.ones(len(pixels)), generator)


def augment_products(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """As `augment_still_lifes`, half of the pictures mirrored."""
    return _moved(pixels, 1 - 2 * torch.randint(0, 2, (len(pixels),), generator=generator).float(), generator)


def _moved(pixels: Tensor, mirror: Tensor, generator: torch.Generator) -> Tensor:
    """What the two above do; `mirror` is (B,), -1 for pictures to be mirrored, else 1."""

    def uniform(low: float, high: float) -> Tensor:
        return torch.empty(len(pixels)).uniform_(low, high, generator=generator)

    zoom = uniform(0.85, 1.08)  # below 1: nearer
    affine = torch.zeros(len(pixels), 2, 3)
    affine[:, 0, 0] = mirror * zoom
    affine[:, 1, 1] = zoom
    affine[:, 0, 2] = uniform(-0.12, 0.12)
    affine[:, 1, 2] = uniform(-0.12, 0.12)
    # Bilinear sampling softens a picture slightly, as shrinking a larger one does: uploads come that way.
    grid = F.affine_grid(affine.to(pixels.device), list(pixels.shape), align_corners=False)
    moved = F.grid_sample(pixels, grid, padding_mode="reflection", align_corners=False)
    brightness = uniform(0.92, 1.08).to(pixels.device)
    return (moved * brightness[:, None, None, None]).clamp(0, 1)


def augment_photos(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """(B, 3, S, S) floats from 0 to 1 -> a new tensor of the same shape: of each photo a random part, perhaps
    mirrored, with brightness, contrast and colourfulness changed by up to a quarter. Hues stay.
    """
    changed = crops(pixels, pixels.shape[-1], generator)

    def factor() -> Tensor:
        drawn = torch.empty(len(pixels), 1, 1, 1).uniform_(0.75, 1.25, generator=generator)
        return drawn.to(pixels.device)

    changed = changed * factor()
    middle = changed.mean(dim=(1, 2, 3), keepdim=True)
    changed = middle + (changed - middle) * factor()
    grey = changed.mean(dim=1, keepdim=True)
    return (grey + (changed - grey) * factor()).clamp(0, 1)
