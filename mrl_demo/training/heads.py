"""Classifiers on every nested dim of one embedding, and their loss (MRL, section 3, eq. 1).

MRL has a linear classifier for each nested dim; MRL-E ties them: one matrix, of which each dim uses its first
columns ("efficient": no extra parameters). FF, the fixed-feature baseline, is either with one dim. Knows
nothing of images, encoders or data.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class MatryoshkaClassifier(nn.Module):
    """Linear classifiers on the prefixes of (B, full_dim) features; features are not normalised, as in the
    paper.

    Args:
        nested_dims: growing dims; the last is full_dim.
        classes: how many.
        tied: MRL-E: one weight matrix (classes, full_dim) and one bias serve all dims, W(m) = W[:, :m].

    Raises:
        ValueError: dims that do not grow, or fewer than two classes.
    """

    def __init__(self, nested_dims: Sequence[int], classes: int, tied: bool = False) -> None:
        super().__init__()
        dims = tuple(nested_dims)
        if not dims or list(dims) != sorted(set(dims)) or dims[0] < 1:
            raise ValueError(f"nested_dims must be growing positive integers, got {dims}")
        if classes < 2:
            raise ValueError(f"at least two classes are needed, got {classes}")
        self.nested_dims = dims
        self.tied = tied
        widths = dims[-1:] if tied else dims
        self.linears = nn.ModuleList(nn.Linear(width, classes) for width in widths)

    def weight(self, dim: int) -> Tensor:
        """(classes, dim): of a tied classifier a view of the one matrix. ValueError for a dim not nested."""
        return self._linear(dim).weight[:, :dim]

    def bias(self, dim: int) -> Tensor:
        """(classes,). ValueError for a dim that is not nested."""
        return self._linear(dim).bias

    def forward(self, features: Tensor) -> list[Tensor]:
        """(B, full_dim) -> one (B, classes) of logits a nested dim, in their order."""
        return [F.linear(features[:, :dim], self.weight(dim), self.bias(dim)) for dim in self.nested_dims]

    def _linear(self, dim: int) -> nn.Linear:
        if dim not in self.nested_dims:
            raise ValueError(f"dim must be one of {self.nested_dims}, got {dim}")
        linear = self.linears[0 if self.tied else self.nested_dims.index(dim)]
        assert isinstance(linear, nn.Linear)
        return linear


def matryoshka_softmax_loss(
    logits: Sequence[Tensor], labels: Tensor, weights: Sequence[float] = ()
) -> Tensor:
    """Sum over nested dims of c_m times the mean cross-entropy of its logits: a scalar.

    Args:
        logits: one (B, classes) a nested dim.
        labels: (B,) int64.
        weights: c_m; all 1 when left out. The paper's appendix also tries [2, 1, 1, ...].

    Raises:
        ValueError: not as many weights as nested dims.
    """
    if weights and len(weights) != len(logits):
        raise ValueError(f"{len(logits)} nested dims need as many weights, got {len(weights)}")
    losses = [F.cross_entropy(part.float(), labels) for part in logits]
    scale = torch.tensor(list(weights) or [1.0] * len(losses), device=losses[0].device)
    return (torch.stack(losses) * scale).sum()
