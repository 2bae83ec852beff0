"""How weights follow their gradients: AdamW for all of them, or Muon for the matrices and AdamW for the rest.

Muon moves a matrix by the nearest orthogonal one to its gradient's running mean (Jordan et al., 2024), here
torch's own. AdamW moves it mostly along the few directions that its inputs already use, which may be why the
512 dims of an encoder that it trained had little more than the rank of 32 (checkpoints/LOG.md). Knows nothing
of models beyond their parameters' names and shapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn
from torch.optim import AdamW, Muon, Optimizer

from mrl_demo.training.config import OPTIMISERS

# Rows and columns below which a matrix is left to AdamW: the image tower's first layers.
_FEWEST = 64


class Optimiser:
    """Steps of AdamW, and of Muon for the matrices among a model's parameters where `name` is "muon".

    Both go by one learning rate: Muon's steps are scaled to the size that AdamW's usually have (Liu et al.,
    "Muon is scalable for LLM training", 2025, section 2.2).
    """

    def __init__(self, model: nn.Module, learning_rate: float, weight_decay: float, name: str) -> None:
        """Raises ValueError for a name that is not one of OPTIMISERS, and for weights in an odd layout."""
        if name not in OPTIMISERS:
            raise ValueError(f"the optimiser must be one of {', '.join(OPTIMISERS)}, got {name!r}")
        learning = [(own, p) for own, p in model.named_parameters() if p.requires_grad]
        matrices = [p for own, p in learning if name == "muon" and _is_matrix(own, p)]
        taken = {id(p) for p in matrices}
        # No decay on biases, normalisation, embeddings and temperatures.
        decayed = [p for own, p in learning if id(p) not in taken and not _is_free(own, p)]
        free = [p for own, p in learning if _is_free(own, p)]
        groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]
        # Views of the same memory: torch's Muon takes matrices only, and a convolution's weights are four-
        # dimensional.
        self._matrices = [(p, _as_matrix(p.detach(), p)) for p in matrices]
        if any(view.data_ptr() != p.data_ptr() for p, view in self._matrices):
            raise ValueError("Muon needs weights that lie row by row or channels last in memory")
        self._parts: list[Optimizer] = [AdamW(groups, lr=learning_rate, betas=(0.9, 0.98), fused=True)]
        if matrices:
            views = [view for _, view in self._matrices]
            self._parts.append(
                Muon(views, lr=learning_rate, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw")
            )

    def zero_grad(self) -> None:
        """Forgets all gradients."""
        for part in self._parts:
            part.zero_grad(set_to_none=True)
        for parameter, _ in self._matrices:
            parameter.grad = None

    def step(self, learning_rate: float) -> None:
        """One step down the gradients, in place."""
        for parameter, view in self._matrices:
            view.grad = None if parameter.grad is None else _as_matrix(parameter.grad, parameter)
        for part in self._parts:
            for group in part.param_groups:
                group["lr"] = learning_rate
            part.step()

    def state_dict(self) -> list[dict[str, Any]]:
        """What `load_state_dict` takes."""
        return [part.state_dict() for part in self._parts]

    def load_state_dict(self, state: Sequence[dict[str, Any]]) -> None:
        """Goes on from another's `state_dict`. ValueError: it is of another model or optimiser."""
        for part, own in zip(self._parts, state, strict=True):
            part.load_state_dict(own)


def _is_free(name: str, parameter: Tensor) -> bool:
    return parameter.ndim < 2 or "embedding" in name


def _is_matrix(name: str, parameter: Tensor) -> bool:
    """Whether it maps many numbers to many; embeddings look up, they do not map."""
    rows = len(parameter) if parameter.ndim else 0
    return not _is_free(name, parameter) and rows >= _FEWEST and parameter[0].numel() >= _FEWEST


def _as_matrix(values: Tensor, like: Tensor) -> Tensor:
    """(out, ...) -> (out, rest), with columns in the order in which `like` lies in memory: of `like` itself a
    view. Orthogonalising does not depend on the order."""
    if like.ndim == 4 and not like.is_contiguous():  # channels last
        values = values.permute(0, 2, 3, 1)
    return values.flatten(1)
