"""Augmentation on tensors: what may change in a picture while its caption stays true.

Mirrored, moved, a little nearer or farther, a little brighter or darker; never another hue, since captions
name colours, and never much brighter, since they name the light. Knows nothing of data sets or models.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def augment(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """(B, 3, S, S) floats from 0 to 1 -> a new tensor of the same shape, each picture changed on its own.

    `generator` lives on the CPU, so that CPU and GPU see the same changes.
    """

    def uniform(low: float, high: float) -> Tensor:
        return torch.empty(len(pixels)).uniform_(low, high, generator=generator)

    mirror = 1 - 2 * torch.randint(0, 2, (len(pixels),), generator=generator).float()
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
