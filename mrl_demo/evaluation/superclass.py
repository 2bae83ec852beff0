"""From coarse to fine: which confusions the first dims make (MRL, section 5.2).

Classes are gathered into superclasses by a rule over their hypernyms, not by hand. Knows answers and classes;
no models.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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

    Raises:
        ValueError: a class without hypernyms.
    """
    if not all(hypernyms):
        raise ValueError("superclasses need the hypernyms of every class")
    chains = [tuple(reversed(chain.split(" > "))) for chain in hypernyms]
    groups: dict[str, list[int]] = {}

    def divide(node: tuple[str, ...], members: list[int]) -> list[int]:
        """Fills `groups` from below `node`; what is too little for a group is given back."""
        if len(members) <= most:
            groups[node[-1]] = members
            return []
        below: dict[tuple[str, ...], list[int]] = {}
        for member in members:
            below.setdefault(chains[member][: len(node) + 1], []).append(member)
        rest = []
        for child, found in below.items():
            rest += divide(child, found) if len(found) >= least and child != node else found
        if len(rest) < least:
            return rest
        groups[f"other {node[-1]}"] = rest
        return []

    left = divide((), list(range(len(chains)))) if len(chains) > most else list(range(len(chains)))
    if left:
        groups["other"] = left
    of = np.empty(len(chains), np.int64)
    for place, members in enumerate(groups.values()):
        of[members] = place
    return Superclasses(tuple(groups), of)


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
