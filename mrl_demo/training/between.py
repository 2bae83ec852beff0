"""More dims every step, drawn anew between the nested ones, so that no dim a person may choose is a stranger.

The paper trains the nested dims alone and finds that those between interpolate (MRL, section 4.2 and fig. 5).
A small contrastive model does not oblige: its answers at 48 dims were further from its own full ones than at
32; checkpoints/LOG.md has what this changed. Knows dims and temperatures; the loss itself is `losses.py`'s.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


def draw_between(nested_dims: Sequence[int], rng: random.Random) -> list[int]:
    """A dim of every gap between neighbours, growing; gaps that hold none are left out."""
    return [rng.randrange(low + 1, high) for low, high in itertools.pairwise(nested_dims) if high - low > 1]


def with_dims(
    drawn: Sequence[int], nested_dims: Sequence[int], log_temperatures: Tensor, weights: Tensor | None
) -> tuple[tuple[int, ...], Tensor, Tensor | None]:
    """The nested dims and the drawn ones in one order, and what goes with them.

    Args:
        drawn: each between two of `nested_dims`, and none of them.
        log_temperatures, weights: (len(nested_dims),); `weights` None means all 1.

    Returns:
        Dims, log-temperatures and weights. A drawn dim's temperature and weight lie between its neighbours',
        by the logarithm of the dim; through them the neighbours' temperatures learn.
    """
    dims = tuple(sorted([*nested_dims, *drawn]))
    places = np.interp(np.log(dims), np.log(nested_dims), np.arange(len(nested_dims)))
    low = torch.tensor(np.floor(places), dtype=torch.long, device=log_temperatures.device)
    share = torch.tensor(places % 1, dtype=log_temperatures.dtype, device=log_temperatures.device)

    def spread(values: Tensor) -> Tensor:
        return torch.lerp(values[low], values[(low + 1).clamp_max(len(values) - 1)], share)

    return dims, spread(log_temperatures), None if weights is None else spread(weights)
