"""All that changes while training, and its saving: a run that is killed goes on from its last save as if
nothing was.

Knows how weights, their running average, optimiser and step belong together; knows nothing of data, losses'
inputs or checkpoints to ship.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from mrl_demo.training.optimiser import Optimiser
from mrl_demo.whole import whole

_FILE = "state.pt"

Model = TypeVar("Model", bound=nn.Module)


class Session(Generic[Model]):
    """Model, running average, optimiser, and how far they have come.

    Attributes:
        step: how many steps are done.
        seconds: time spent training so far, over all runs.
        progress: share of the way done, from 0 to 1; what the learning rate follows.
        loss: running mean of the loss, None before the first step.
        commits: of the code of every run so far, each once.
    """

    def __init__(
        self,
        model: Model,
        learning_rate: float,
        weight_decay: float,
        average: float = 0.0,
        optimiser: str = "adamw",
    ) -> None:
        """A fresh start.

        Args:
            model: all that learns, on its device; changed in place.
            average: how much of the running average of the weights stays at each step (EMA), such as 0.999;
                0 keeps none.
            optimiser: one of OPTIMISERS; ValueError for another.
        """
        self.model = model
        self.optimiser = Optimiser(model, learning_rate, weight_decay, optimiser)
        self._average = average
        self._averaged = {name: value.clone() for name, value in _floats(model).items()} if average else {}
        self.step = 0
        self.seconds = 0.0
        self.progress = 0.0
        self.loss: float | None = None
        self.commits: list[str] = []

    def resume(self, work: Path, recipe: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> None:
        """Goes on where the unfinished run in `work` stopped, if there is one.

        Args:
            before: what the code did before there was a setting, for saves of then; of what is not in it, it
                did as `recipe` says.

        Raises:
            ValueError: the unfinished run has another recipe, or its save is damaged.
        """
        file = work / _FILE
        if not file.exists():
            return
        remedy = f"remove {work} to start afresh, or name another --work"
        try:
            state = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:  # torch.load raises many kinds
            raise ValueError(f"the unfinished run at {file} is damaged ({error}); {remedy}") from error
        saved = {**recipe, **(before or {}), **state["recipe"]}
        if saved != recipe:
            changed = [name for name, value in saved.items() if name not in recipe or recipe[name] != value]
            raise ValueError(
                f"the unfinished run in {work} has other settings ({', '.join(changed)}); {remedy}"
            )
        if not isinstance(state["optimiser"], list):
            raise ValueError(f"the unfinished run in {work} was saved by an older version; {remedy}")
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        for name, value in state["averaged"].items():
            self._averaged[name].copy_(value)
        self.step, self.seconds = state["step"], state["seconds"]
        self.progress, self.loss = state["progress"], state["loss"]
        self.commits = list(state.get("commits", ["not recorded"]))

    def save(self, work: Path, recipe: Mapping[str, Any]) -> None:
        """Whole or not at all: a kill while saving leaves the save before."""
        with whole(work / _FILE) as beside:
            torch.save(
                {
                    "recipe": dict(recipe),
                    "model": self.model.state_dict(),
                    "averaged": self._averaged,
                    "optimiser": self.optimiser.state_dict(),
                    "step": self.step,
                    "seconds": self.seconds,
                    "progress": self.progress,
                    "loss": self.loss,
                    "commits": self.commits,
                },
                beside,
            )

    def goes_on_at(self, commit: str) -> None:
        """Notes the commit whose code does the steps from here on."""
        self.commits = list(dict.fromkeys([*self.commits, commit]))

    def forget(self, work: Path) -> None:
        """Removes the save: the run is finished."""
        (work / _FILE).unlink(missing_ok=True)

    def descend(self, loss: Tensor, learning_rate: float) -> None:
        """One optimiser step down the gradient of `loss`."""
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step(learning_rate)
        value = float(loss.detach())
        self.loss = value if self.loss is None else 0.98 * self.loss + 0.02 * value
        self.step += 1
        if self._average:
            self._follow()

    def result(self) -> Model:
        """What the run comes to: a copy of the model with its averaged weights; without an average, the
        model itself."""
        if not self._average:
            return self.model
        averaged = copy.deepcopy(self.model)
        averaged.load_state_dict(self._averaged, strict=False)
        return averaged

    @torch.no_grad()
    def _follow(self) -> None:
        # Early on the average is short, or it would remember the random start.
        stay = min(self._average, (1 + self.step) / (10 + self.step))
        now = _floats(self.model)
        torch._foreach_lerp_(list(self._averaged.values()), [now[name] for name in self._averaged], 1 - stay)


def schedule(progress: float, warmup: float) -> float:
    """The share of the highest learning rate at `progress`: a straight rise, then half a cosine down to
    zero."""
    if progress < warmup:
        return (progress + 0.001) / (warmup + 0.001)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - warmup) / (1 - warmup))))


def _floats(model: nn.Module) -> dict[str, Tensor]:
    return {name: value for name, value in model.state_dict().items() if value.is_floating_point()}
