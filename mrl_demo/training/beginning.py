"""Where a run begins: what learns, with random weights or with those of a checkpoint.

A checkpoint that knows still lifes is a good start for one that is to know photos as well. Knows nothing of
data, losses' inputs or of how training goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from mrl_demo.model.checkpoint import Card, read_checkpoint
from mrl_demo.model.towers import build_towers
from mrl_demo.training.config import TrainConfig
from mrl_demo.training.losses import LOWEST_LOG_TEMPERATURE, start_log_temperatures
from mrl_demo.training.session import Session
from mrl_demo.training.small_maps import quicken

_WORDS = "token_embedding.weight"
_TEXT_PROJECTION, _IMAGE_PROJECTION = "text_projection", "visual.head.proj.weight"


class TwoTowers(nn.Module):
    """All that learns: open_clip's towers and a temperature for each nested dim."""

    def __init__(self, model_cfg: dict[str, Any], nested_dims: tuple[int, ...]) -> None:
        super().__init__()
        self.nested_dims = nested_dims
        self.towers = quicken(build_towers(model_cfg))
        # The temperatures stand in for it; it is written back at the end.
        self.towers.logit_scale.requires_grad_(False)
        self.log_temperatures = start_log_temperatures(nested_dims)

    @torch.no_grad()
    def bound_temperatures(self) -> None:
        """Brings temperatures that a step took below the lowest back to it. The loss alone would bound them,
        too, but for good: below, they have no gradient to rise by."""
        self.log_temperatures.clamp_(min=LOWEST_LOG_TEMPERATURE)

    @torch.no_grad()
    def take(self, first: First, keep_dims: int = 0) -> None:
        """Weights and temperatures of `first`; a token that it never met keeps its random embedding.

        With `keep_dims`, above 0, what projects both towers' features to the dims after it stays random, too:
        a way out for an encoder whose large dims say no more than its small ones.

        Raises ValueError when `first` is of another model or has other nested dims.
        """
        own, given = self.towers.state_dict(), dict(first.towers.state_dict())
        shapes, others = ({name: v.shape for name, v in state.items()} for state in (own, given))
        if shapes != others or first.card.nested_dims != self.nested_dims:
            raise ValueError(
                f"{first.card.name}, with nested dims {first.card.nested_dims}, is no start here: the "
                f"model must be the very same and its nested dims {self.nested_dims}"
            )
        met = given[_WORDS].any(dim=1, keepdim=True)  # a checkpoint holds zeros for what it never met
        given[_WORDS] = torch.where(met, given[_WORDS], own[_WORDS])
        if keep_dims:
            for name, dim in ((_TEXT_PROJECTION, 1), (_IMAGE_PROJECTION, 0)):
                dims = own[name].shape[dim]
                ends = (
                    given[name].narrow(dim, 0, keep_dims),
                    own[name].narrow(dim, keep_dims, dims - keep_dims),
                )
                given[name] = torch.cat(ends, dim)
        self.towers.load_state_dict(given)
        self.log_temperatures.copy_(torch.tensor(first.card.temperatures).log())


@dataclass(frozen=True)
class First:
    """A checkpoint to begin with."""

    towers: nn.Module
    card: Card


def open_first(folder: Path) -> First:
    """The checkpoint in `folder`; raises CheckpointError when it is missing or damaged."""
    towers, _, card = read_checkpoint(folder)
    return First(towers, card)


def start(
    config: TrainConfig, model_cfg: dict[str, Any], device: torch.device, first: First | None = None
) -> Session[TwoTowers]:
    """A session at its first step, with random weights or those of `first`; raises what `take` does."""
    torch.manual_seed(config.seed)
    learner = TwoTowers(model_cfg, config.nested_dims)
    if first:
        learner.take(first, config.keep_dims)
    # channels_last: the layout in which the CPU's and the GPU's bf16 convolutions are fast.
    learner.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Session(learner, config.learning_rate, config.weight_decay, config.average, config.optimiser)
