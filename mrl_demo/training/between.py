"""One more dim a step, drawn anew between the nested ones, so that no dim a person may choose is a stranger.

The paper trains the nested dims alone and finds that those between interpolate (MRL, section 4.2 and fig. 5).
A small contrastive model does not always oblige: its answers at 48 dims were further from its own full ones
than at 32. Knows dims and temperatures; the loss itself is `losses.py`'s.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence

import torch
from torch import Tensor


def draw_between(nested_dims: Sequence[int], rng: random.Random) -> int | None:
    """A dim that is not nested: first a gap between neighbours by chance, then a dim in it; None without
    gaps."""
    gaps = [(low, high) for low, high in itertools.pairwise(nested_dims) if high - low > 1]
    if not gaps:
        return None
    low, high = rng.choice(gaps)
    return rng.randrange(low + 1, high)


def with_dim(
    dim: int, nested_dims: Sequence[int], log_temperatures: Tensor, weights: Tensor | None
) -> tuple[tuple[int, ...], Tensor, Tensor | None]:
    """The nested dims with `dim` in its place among them, and what goes with them.

    Args:
        dim: between two of `nested_dims`, and none of them.
        log_temperatures, weights: (len(nested_dims),); `weights` None means all 1.

    Returns:
        Dims, log-temperatures and weights of one more. The new dim's temperature and weight lie between its
        neighbours', by the logarithm of the dim; through them the neighbours' temperatures learn.
    """
    place = next(at for at, nested in enumerate(nested_dims) if nested > dim)
    low, high = nested_dims[place - 1], nested_dims[place]
    share = math.log(dim / low) / math.log(high / low)

    def inserted(values: Tensor) -> Tensor:
        own = torch.lerp(values[place - 1], values[place], share)
        return torch.cat([values[:place], own[None], values[place:]])

    dims = (*nested_dims[:place], dim, *nested_dims[place:])
    return dims, inserted(log_temperatures), None if weights is None else inserted(weights)
