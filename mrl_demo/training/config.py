"""Every dial of training, in one frozen dataclass; it is saved beside the weights it made.

Knows nothing of models or data.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

OPTIMISERS = ("adamw", "muon")


@dataclasses.dataclass(frozen=True)
class TrainConfig:
    """`train`: an encoder from scratch on captioned pictures. The same config gives the same batches in the
    same order."""

    data: str = field(
        default="still-life",
        metadata={
            "help": "what to train on, parted by commas: still-life, tiny-imagenet, fashion, a Parquet "
            "file or folder, hub:owner/name or hub:owner/name@revision"
        },
    )
    shares: tuple[float, ...] = field(
        default=(),
        metadata={"help": "how much of every batch comes from each data set; none given: as much from each"},
    )
    out: Path = field(default=Path("checkpoints/still-life"), metadata={"help": "the checkpoint's folder"})
    work: Path = field(default=Path(".work/train"), metadata={"help": "where an unfinished run is kept"})
    log: Path = field(
        default=Path("checkpoints/LOG.md"), metadata={"help": "the log that gets an entry at the end"}
    )
    name: str = field(default="MRL still life", metadata={"help": "what people will call the model"})
    model: str = field(
        default="MRL-still-life", metadata={"help": "an open_clip model config: its name, or a JSON file"}
    )
    start_from: Path | None = field(
        default=None,
        metadata={"help": "a checkpoint of the same model whose weights to begin with; else random ones"},
    )
    keep_dims: int = field(
        default=0,
        metadata={
            "help": "with start_from: dims whose projections are kept, the others begin at random; 0: all. "
            "For a start whose large dims repeat its small ones"
        },
    )
    nested_dims: tuple[int, ...] = field(
        default=(8, 16, 32, 64, 128, 256, 512),
        metadata={"help": "dims to train; the last is the model's full dim"},
    )
    weights: tuple[float, ...] = field(
        default=(), metadata={"help": "c_m, the loss's weight of each nested dim; none given: all 1"}
    )
    between: bool = field(
        default=True,
        metadata={
            "help": "also train a dim of every gap between nested ones, drawn anew each step (not the paper)"
        },
    )
    names: float = field(
        default=0.8,
        metadata={
            "help": "of labelled photos: the share of their loss that tells each from the names of all "
            "classes; the rest is of captions, of which some name a kind"
        },
    )
    epochs: int = field(
        default=40, metadata={"help": "times every picture is seen, on average over the data sets"}
    )
    early_pixels: int = field(
        default=0,
        metadata={
            "help": "pixels a side to which pictures are shrunk in the first half of the way, to save time; "
            "0: never"
        },
    )
    batch_size: int = field(
        default=128, metadata={"help": "pictures a step; each is every other's counterexample"}
    )
    optimiser: str = field(
        default="adamw",
        metadata={"help": "adamw, or muon: Muon for the towers' matrices, AdamW for the rest"},
    )
    learning_rate: float = field(default=2e-3, metadata={"help": "the highest learning rate"})
    weight_decay: float = field(default=0.05, metadata={"help": "weight decay, on matrices only"})
    warmup: float = field(
        default=0.05, metadata={"help": "share of the steps in which the learning rate rises"}
    )
    average: float = field(
        default=0.998,
        metadata={"help": "share of the weights' running average (EMA) that stays at each step; 0: none"},
    )
    noise_words: float = field(
        default=0.1,
        metadata={"help": "share of captions with unknown words put in, so that such words do little harm"},
    )
    held_out: float = field(
        default=0.05,
        metadata={"help": "share of the pictures kept for validation, of sets without a validation part"},
    )
    seed: int = field(default=0, metadata={"help": "seed of weights, order, captions and augmentation"})
    split_seed: int = field(
        default=0,
        metadata={"help": "seed of what is held out by chance: whatever `seed` is, the same pictures are"},
    )
    max_minutes: float = field(
        default=0.0,
        metadata={"help": "anneal so as to end within this time, however far that gets; 0: no limit"},
    )
    save_every: int = field(default=100, metadata={"help": "steps between saves of the unfinished run"})
    threads: int = field(default=0, metadata={"help": "CPU threads; 0: all this process may use"})
    device: str = field(default="", metadata={"help": "cpu or cuda; empty: cuda when there is one"})

    def __post_init__(self) -> None:
        """Raises ValueError, saying what is allowed."""
        dims = self.nested_dims
        if not dims or list(dims) != sorted(set(dims)) or dims[0] < 1:
            raise ValueError(f"nested_dims must be growing positive integers, got {dims}")
        if self.weights and (
            len(self.weights) != len(dims) or min(self.weights) < 0 or not sum(self.weights)
        ):
            raise ValueError(
                f"weights must be {len(dims)} numbers from 0 up, one for each nested dim, not all 0, "
                f"got {self.weights}"
            )
        if min(self.shares, default=1.0) <= 0:
            raise ValueError(f"shares must be positive numbers, one for each data set, got {self.shares}")
        for name in ("epochs", "batch_size", "save_every"):
            if getattr(self, name) < (2 if name == "batch_size" else 1):
                raise ValueError(f"{name} is too small: {getattr(self, name)}")
        if not 0 < self.held_out < 1 or not 0 <= self.noise_words <= 1 or not 0 <= self.warmup < 1:
            raise ValueError(
                "held_out, noise_words and warmup are shares: numbers from 0 to below 1, held_out above 0"
            )
        if not 0 <= self.names <= 1:
            raise ValueError(f"names must be a share from 0 to 1, got {self.names}")
        if not 0 <= self.keep_dims <= dims[-1] or (self.keep_dims and not self.start_from):
            raise ValueError(
                f"keep_dims must be from 0 to {dims[-1]}, above 0 only with start_from, got {self.keep_dims}"
            )
        if self.optimiser not in OPTIMISERS:
            raise ValueError(f"optimiser must be one of {', '.join(OPTIMISERS)}, got {self.optimiser!r}")
        if self.early_pixels < 0:
            raise ValueError(f"early_pixels must be 0 or a number of pixels, got {self.early_pixels}")
        if not 0 <= self.average < 1:
            raise ValueError(f"average must be a share from 0 to below 1, got {self.average}")
        if not self.learning_rate > 0 or self.weight_decay < 0 or self.max_minutes < 0 or self.threads < 0:
            raise ValueError(
                "learning_rate must be above 0; weight_decay, max_minutes and threads must not be negative"
            )

    def to_json(self) -> dict[str, Any]:
        """All fields, as JSON can hold them."""
        return {
            name: str(value)
            if isinstance(value, Path)
            else list(value)
            if isinstance(value, tuple)
            else value
            for name, value in dataclasses.asdict(self).items()
        }

    def recipe(self) -> dict[str, Any]:
        """The fields that decide what is learned; a run goes on only with the recipe it was started with."""
        aside = {"out", "work", "log", "threads", "device", "save_every", "max_minutes", "name"}
        return {name: value for name, value in self.to_json().items() if name not in aside}


def completed(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe of an older run as it would be written now; what is none of a recipe's fields is left out.

    Before there was a setting the code did what its default does, but that `seed` parted the sets before
    there was `split_seed`. (Nor was there `names`, which only photos have to do with.)
    """
    known = {**TrainConfig().recipe(), "split_seed": recipe.get("seed", 0)}
    return {name: recipe.get(name, before) for name, before in known.items()}
