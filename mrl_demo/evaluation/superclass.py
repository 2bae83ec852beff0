"""From coarse to fine: which confusions the first dims make (MRL, section 5.2).

Classes are gathered into superclasses by a rule over their hypernyms, not by hand. Knows answers and classes;
no models.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mrl_demo.evaluation.paper_figure import Figure, Ints, mean_figure

MOST, LEAST = 20, 5  # classes in a superclass: more are divided, fewer are left to what is above


@dataclass(frozen=True)
class Superclasses:
    """names: one a superclass; of: (classes,) int64, the superclass of each class."""

    names: tuple[str, ...]
    of: Ints

    def sizes(self) -> dict[str, int]:
        return dict(zip(self.names, np.bincount(self.of, minlength=len(self.names)).tolist(), strict=True))


def gather(hypernyms: Sequence[str], most: int = MOST, least: int = LEAST) -> Superclasses:
    """Descend from the root: what has more than `most` classes below it is divided into its hyponyms; of
    these, what has fewer than `least` stays with the other such of the node above ("other animal"), or rises
    further when they are too few even together.

    Args:
        hypernyms: of each class its chain up to the root, " > " between.

    Returns:
        Groups named after their node; after all the way from it to the root where names would be alike.

    Raises:
        ValueError: a class without hypernyms.
    """
    if not all(hypernyms):
        raise ValueError("superclasses need the hypernyms of every class")
    chains = [tuple(reversed(chain.split(" > "))) for chain in hypernyms]
    # By path, since nodes of one name may stand in several places: a crane is a bird, and a machine.
    groups: dict[tuple[str, tuple[str, ...]], list[int]] = {}

    def divide(node: tuple[str, ...], members: list[int]) -> list[int]:
        """Fills `groups` from below `node`; what is too little for a group is given back."""
        if len(members) <= most:
            groups["", node] = members
            return []
        below: dict[tuple[str, ...], list[int]] = {}
        for member in members:
            below.setdefault(chains[member][: len(node) + 1], []).append(member)
        rest = []
        for child, found in below.items():
            rest += divide(child, found) if len(found) >= least and child != node else found
        if len(rest) < least:
            return rest
        groups["other ", node] = rest
        return []

    left = divide((), list(range(len(chains)))) if len(chains) > most else list(range(len(chains)))
    if left:
        groups["other ", ()] = left
    of = np.full(len(chains), -1, np.int64)
    for place, members in enumerate(groups.values()):
        of[members] = place
    assert (of >= 0).all(), "every class is of one group"
    return Superclasses(_names(groups), of)


def _names(groups: Collection[tuple[str, tuple[str, ...]]]) -> tuple[str, ...]:
    """A name for each (prefix, path of a node), no two alike."""
    short = [(prefix + "".join(path[-1:])).strip() for prefix, path in groups]
    times = Counter(short)
    return tuple(
        name if times[name] == 1 else prefix + " > ".join(reversed(path))
        for name, (prefix, path) in zip(short, groups, strict=True)
    )


def by_dim(
    answers: Mapping[int, Ints], labels: Ints, superclasses: Superclasses, model: str, seed: int
) -> Iterator[Figure]:
    """At every dim the share of photos whose answer is of the right superclass, and the share of wrong
    answers that are; beside the latter, what it would be if mistakes were spread evenly over the classes.

    Args:
        answers: by dim the class that is said of each photo, (n,).
    """
    sizes = np.bincount(superclasses.of)
    for dim, said in answers.items():
        within, wrong = superclasses.of[said] == superclasses.of[labels], said != labels
        yield mean_figure(within, "superclass_accuracy", dim, model, seed=seed)
        if wrong.any():
            chance = (sizes[superclasses.of[labels[wrong]]] - 1) / (len(superclasses.of) - 1)
            yield mean_figure(within[wrong], "errors_within_superclass", dim, model, seed=seed)
            yield mean_figure(chance, "errors_within_superclass_by_chance", dim, model, seed=seed)


def confused(
    said: Ints, labels: Ints, names: Sequence[str], superclasses: Superclasses, count: int = 12
) -> list[dict[str, Any]]:
    """The commonest mistakes: what it is, what was said, how many of its photos, and whether both are of one
    superclass."""
    wrong = said != labels
    pairs = Counter(zip(labels[wrong].tolist(), said[wrong].tolist(), strict=True))
    photos = np.bincount(labels, minlength=len(names))
    return [
        {
            "is": names[truth],
            "said": names[other],
            "share": round(times / int(photos[truth]), 4),
            "same_superclass": bool(superclasses.of[truth] == superclasses.of[other]),
        }
        for (truth, other), times in sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))[:count]
    ]
