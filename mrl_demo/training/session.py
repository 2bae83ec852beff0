"""All that changes while training, and its saving: a run that is killed goes on from its last save as if
nothing was.

Knows how weights, optimiser and step belong together; knows nothing of data, losses' inputs or checkpoints
to ship.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from mrl_demo.model.towers import build_towers, model_config
from mrl_demo.training.config import TrainConfig
from mrl_demo.training.losses import start_log_temperatures

_FILE = "state.pt"


class Session:
    """Model, temperatures, optimiser, and how far they have come.

    Attributes:
        step: how many steps are done.
        seconds: time spent training so far, over all runs.
        progress: share of the way done, from 0 to 1; what the learning rate follows.
        loss: running mean of the loss, None before the first step.
    """

    def __init__(self, config: TrainConfig, device: torch.device) -> None:
        """A fresh start from `config.seed`. Raises ValueError when the config does not fit the model."""
        self.model_cfg: dict[str, Any] = model_config(config.model)
        full_dim = self.model_cfg["embed_dim"]
        if config.nested_dims[-1] != full_dim:
            raise ValueError(
                f"the last nested dim must be the model's full dim {full_dim}, got {config.nested_dims[-1]}"
            )
        torch.manual_seed(config.seed)
        # channels_last: the layout in which the CPU's and the GPU's bf16 convolutions are fast.
        self.model: nn.Module = build_towers(self.model_cfg).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.log_temperatures = nn.Parameter(start_log_temperatures(config.nested_dims).detach().to(device))
        self.optimiser = torch.optim.AdamW(
            self._groups(config.weight_decay), lr=config.learning_rate, betas=(0.9, 0.98), fused=True
        )
        self.step = 0
        self.seconds = 0.0
        self.progress = 0.0
        self.loss: float | None = None

    @classmethod
    def resume(cls, config: TrainConfig, device: torch.device) -> Session:
        """Where the unfinished run in `config.work` stopped, or a fresh start when there is none.

        Raises:
            ValueError: the unfinished run has another recipe, or its save is damaged.
        """
        session = cls(config, device)
        file = config.work / _FILE
        if not file.exists():
            return session
        remedy = f"remove {config.work} to start afresh, or name another --work"
        try:
            state = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:  # torch.load raises many kinds
            raise ValueError(f"the unfinished run at {file} is damaged ({error}); {remedy}") from error
        if state["recipe"] != config.recipe():
            changed = [name for name, value in config.recipe().items() if state["recipe"].get(name) != value]
            raise ValueError(
                f"the unfinished run in {config.work} has other settings ({', '.join(changed)}); {remedy}"
            )
        session.model.load_state_dict(state["model"])
        session.optimiser.load_state_dict(state["optimiser"])
        with torch.no_grad():
            session.log_temperatures.copy_(state["log_temperatures"])
        session.step, session.seconds = state["step"], state["seconds"]
        session.progress, session.loss = state["progress"], state["loss"]
        return session

    def save(self, config: TrainConfig) -> None:
        """Whole or not at all: a kill while saving leaves the save before."""
        config.work.mkdir(parents=True, exist_ok=True)
        unfinished = config.work / (_FILE + ".unfinished")
        with unfinished.open("wb") as file:
            torch.save(
                {
                    "recipe": config.recipe(),
                    "model": self.model.state_dict(),
                    "optimiser": self.optimiser.state_dict(),
                    "log_temperatures": self.log_temperatures.detach(),
                    "step": self.step,
                    "seconds": self.seconds,
                    "progress": self.progress,
                    "loss": self.loss,
                },
                file,
            )
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, config.work / _FILE)

    def forget(self, work: Path) -> None:
        """Removes the save: the run is finished."""
        (work / _FILE).unlink(missing_ok=True)

    def descend(self, loss: Tensor, learning_rate: float) -> None:
        """One optimiser step down the gradient of `loss`."""
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        value = float(loss.detach())
        self.loss = value if self.loss is None else 0.98 * self.loss + 0.02 * value
        self.step += 1

    def _groups(self, weight_decay: float) -> list[dict[str, Any]]:
        """Weight decay on matrices; none on biases, normalisation, embeddings and temperatures."""
        decayed: list[nn.Parameter] = []
        free = [self.log_temperatures]
        for name, parameter in self.model.named_parameters():
            if name == "logit_scale":  # the temperatures stand in for it; written back at the end
                continue
            (free if parameter.ndim < 2 or "embedding" in name else decayed).append(parameter)
        return [{"params": decayed, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]
