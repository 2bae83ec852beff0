"""The Matryoshka loss: the sum over nested dims m of c_m times the loss of the first m numbers (MRL,
section 3, eq. 1).

Pure functions of tensors; knows nothing of models, captions or training. One nested dim with weight 1 is the
ordinary loss, so "fixed feature" baselines (the paper's FF) are the same code with one dim.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mrl_demo.prefix import truncate

START_TEMPERATURE = 0.07
# Below 0.01 the softmax is a maximum and its gradient noise (CLIP clamps at the same place, after each step).
# A number that float32 holds: a parameter at the bound must not count as below it.
LOWEST_LOG_TEMPERATURE = torch.tensor(0.01).log().item()


def start_log_temperatures(nested_dims: Sequence[int]) -> nn.Parameter:
    """The learned log-temperatures at the start, one a nested dim, (len(nested_dims),) float32."""
    return nn.Parameter(torch.full((len(nested_dims),), math.log(START_TEMPERATURE)))


def temperatures(log_temperatures: Tensor) -> Tensor:
    """The temperatures the loss uses, bounded from below.

    A logarithm below the bound has no gradient; training keeps them at LOWEST_LOG_TEMPERATURE or above, where
    they have one.
    """
    # Not `clamp_min`, which has no gradient at the bound itself, either.
    low = log_temperatures < LOWEST_LOG_TEMPERATURE
    return torch.where(low, LOWEST_LOG_TEMPERATURE, log_temperatures).exp()


def matryoshka_contrastive_loss(
    image_features: Tensor,
    text_features: Tensor,
    nested_dims: Sequence[int],
    log_temperatures: Tensor,
    weights: Tensor | None = None,
    positives: Tensor | None = None,
) -> Tensor:
    """Sum over nested dims of weight times the symmetric image-text loss on renormalised prefixes of both
    towers.

    The paper's contrastive setting (MRL, section 4.1, ALIGN-MRL): the loss is applied to prefixes of both
    towers, each normalised on its own.

    Args:
        image_features: (B, D) float, row i of picture i; need not be normalised.
        text_features: (T, D) float, T = B when `positives` is left out.
        nested_dims: growing dims, each from 1 to D.
        log_temperatures: (len(nested_dims),).
        weights: c_m, (len(nested_dims),); all 1 when left out.
        positives: (B, T) bool, whether text t is true of picture i. The target of a row or column is uniform
            over its positives; one that has none is asked nothing, it is only a counterexample to the others.
            The identity when left out: plain InfoNCE.

    Returns:
        A scalar.

    Raises:
        ValueError: the shapes do not fit together.
    """
    losses = contrastive_losses(image_features, text_features, nested_dims, log_temperatures, positives)
    if weights is None:
        return losses.sum()
    if weights.shape != losses.shape:
        raise ValueError(f"{len(losses)} nested dims need as many weights, got shape {tuple(weights.shape)}")
    return (weights.to(losses) * losses).sum()


def contrastive_losses(
    image_features: Tensor,
    text_features: Tensor,
    nested_dims: Sequence[int],
    log_temperatures: Tensor,
    positives: Tensor | None = None,
) -> Tensor:
    """The losses of `matryoshka_contrastive_loss` before they are weighted and summed:
    (len(nested_dims),)."""
    if log_temperatures.shape != (len(nested_dims),):
        raise ValueError(
            f"{len(nested_dims)} nested dims need as many temperatures, "
            f"got shape {tuple(log_temperatures.shape)}"
        )
    if positives is None:
        positives = torch.eye(len(image_features), dtype=torch.bool, device=image_features.device)
    if positives.shape != (len(image_features), len(text_features)):
        raise ValueError(
            f"positives must be (pictures, texts) = {(len(image_features), len(text_features))}, "
            f"got {tuple(positives.shape)}"
        )
    if not positives.any():
        raise ValueError("positives must hold at least one true pair of picture and text")
    share = positives.float()
    rows, columns = share.sum(dim=1), share.sum(dim=0)
    of_text = share / rows.clamp_min(1)[:, None] / rows.count_nonzero()  # for each picture: its texts
    of_image = share / columns.clamp_min(1) / columns.count_nonzero()  # for each text: its pictures
    losses = []
    for dim, temperature in zip(nested_dims, temperatures(log_temperatures), strict=True):
        cosines = truncate(image_features.float(), dim) @ truncate(text_features.float(), dim).T
        logits = cosines / temperature
        picture_to_text = -(of_text * logits.log_softmax(dim=1)).sum()
        text_to_picture = -(of_image * logits.log_softmax(dim=0)).sum()
        losses.append((picture_to_text + text_to_picture) / 2)
    return torch.stack(losses)


def equal_captions(captions: Sequence[str]) -> Tensor:
    """(B, B) bool: captions that are equal are each other's positives, the least that `positives` has to
    hold."""
    numbers = {caption: number for number, caption in enumerate(dict.fromkeys(captions))}
    codes = torch.tensor([numbers[caption] for caption in captions])
    return codes[:, None] == codes[None, :]
