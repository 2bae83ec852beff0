"""What a checkpoint was trained on, and what those were that it began with: as its card tells.

So that no picture which any of them saw is scored as held out. Knows cards and data sets; runs no model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mrl_demo.errors import CheckpointError, CollectionError
from mrl_demo.model.checkpoint import Card
from mrl_demo.training.sources import Part, find

Training = Mapping[str, Any]  # a card's `training`, or as much of it as `trainings` keeps


def trainings(card: Card) -> list[Training]:
    """All that a checkpoint went through, the first one first, as JSON: the config and the parts of each.

    A card from before cards told of earlier ones has but its own.
    """
    own = {name: card.training[name] for name in ("config", "parts") if name in card.training}
    return [*card.training.get("earlier", []), own]


def parting(training: Training, whose: str | Path) -> tuple[str, float, int]:
    """The data of a training, and share and seed of what it held out by chance.

    Raises:
        CheckpointError: it does not say; the message names `whose` it is.
    """
    try:
        config = training["config"]
        # Before there was a seed of its own for it, the one of the training parted the sets.
        seed = config["split_seed"] if "split_seed" in config else config["seed"]
        return str(config["data"]), float(config["held_out"]), int(seed)
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{whose} does not say what its training held out: {error}") from error


def sets_of(training: Training) -> set[tuple[str, str]]:
    """Name and digest of each set of a training.

    An older card names its sets and says nothing of what they held: they are taken as they are now. Raises
    what `find` does where one is missing.
    """
    if told := training.get("parts"):
        return {(one["name"], one["digest"]) for one in told}
    return {(files.name, files.digest) for files in find(str(training["config"]["data"]))}


def check_start(card: Card, parts: Sequence[Part], held_out: float, seed: int) -> None:
    """Refuses a run that begins with the checkpoint of `card` and would hold out what that has seen, of sets
    parted by chance: a share of `held_out`, drawn by `seed`.

    Raises:
        CollectionError: the checkpoint saw, or may have seen, some of those pictures.
        CheckpointError: it does not say what its training held out.
    """
    drawn = [part for part in parts if part.by_chance]
    remedy = f"or begin with another checkpoint than {card.name}"
    for training in trainings(card) if drawn else ():
        _, share, own = parting(training, card.name)
        seen = sets_of(training)
        for part in drawn:
            if part.files.digest in {digest for _, digest in seen}:
                if (share, own) != (held_out, seed):
                    raise CollectionError(
                        f"{card.name} saw pictures of {part.source} that this run would hold out: hold out "
                        f"those that it did, with --held-out {share} --split-seed {own}, {remedy}"
                    )
            elif part.name in {name for name, _ in seen}:
                raise CollectionError(
                    f"{card.name} was trained on another {part.name} than {part.source} holds now: nobody "
                    "knows which of its pictures it saw. Take the very data it was trained on, a set with a "
                    f"part of its own for validation (val*.parquet), {remedy}"
                )
