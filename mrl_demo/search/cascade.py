"""A cascade: which prefixes a search looks at, and how many candidates pass from each to the next.

Flat, adaptive and funnel retrieval (MRL, section 4.3) are cascades of one, two and more stages. A cascade is
a value: it holds no vectors, and `k` belongs to the query.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Cascade:
    """The dims a search climbs and the shortlists it carries up.

    `shortlists[i]` candidates pass from `dims[i]` to `dims[i + 1]`, so there is one dim more than shortlists.

    Raises:
        ValueError: no dims, dims that do not grow strictly, shortlists that grow, or anything but whole
            numbers from 1. A dim beyond full_dim is refused by the engine, which knows full_dim.
    """

    dims: tuple[int, ...]
    shortlists: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "dims", _whole_numbers("dims", self.dims))
        object.__setattr__(self, "shortlists", _whole_numbers("shortlists", self.shortlists))
        if not self.dims:
            raise ValueError("a cascade needs at least one dim")
        if len(self.shortlists) != len(self.dims) - 1:
            raise ValueError(
                f"a cascade of {len(self.dims)} dims needs {len(self.dims) - 1} shortlists, "
                f"got {len(self.shortlists)}"
            )
        if any(later <= earlier for earlier, later in zip(self.dims, self.dims[1:], strict=False)):
            raise ValueError(f"the dims of a cascade must grow at each stage, got {self.dims}")
        if any(later > earlier for earlier, later in zip(self.shortlists, self.shortlists[1:], strict=False)):
            raise ValueError(f"the shortlists of a cascade must not grow, got {self.shortlists}")

    @classmethod
    def flat(cls, dim: int) -> Cascade:
        """One stage: rank everything at `dim`."""
        return cls((dim,))

    @classmethod
    def adaptive(cls, ds: int, dr: int, shortlist: int = 200) -> Cascade:
        """Shortlist at `ds`, re-rank at `dr` (the paper's D_s and D_r). With ds == dr there is nothing to
        re-rank."""
        return cls((ds,)) if ds == dr else cls((ds, dr), (shortlist,))

    @classmethod
    def funnel(cls, dims: Sequence[int], shortlists: Sequence[int]) -> Cascade:
        """As many stages as there are dims."""
        return cls(tuple(dims), tuple(shortlists))

    @classmethod
    def halving(
        cls, dim: int, nested_dims: Sequence[int], shortlist: int = 200, at_least: int = 10
    ) -> Cascade:
        """The paper's funnel: from `dim` through every nested dim above it, shortlists halved on the way.

        Args:
            dim: the first stage's dim, nested or not.
            nested_dims: the dims to climb; those not above `dim` are skipped.
            shortlist: how many pass the first stage.
            at_least: no shortlist falls below this; give it the largest k to be asked for.
        """
        dims = (dim, *(nested for nested in sorted(nested_dims) if nested > dim))
        return cls(dims, tuple(max(shortlist >> step, at_least) for step in range(len(dims) - 1)))

    @property
    def kind(self) -> str:
        """ "flat", "adaptive" or "funnel", by the number of stages."""
        return ("flat", "adaptive", "funnel")[min(len(self.dims), 3) - 1]

    def multiply_adds(self, n: int) -> int:
        """Multiply-adds a query costs over `n` items with an exact first stage: n*d0 + sum(shortlist_i *
        d_(i+1)).

        Counts dot products only, as the paper does: neither selection nor norms. Shortlists longer than
        `n` count as `n`.
        """
        reranked = zip(self.shortlists, self.dims[1:], strict=True)
        return n * self.dims[0] + sum(min(shortlist, n) * dim for shortlist, dim in reranked)

    def __str__(self) -> str:
        """Such as "16 → (200) → 64 → (50) → 512": dims, and in brackets how many pass to the next."""
        parts = [str(self.dims[0])]
        for shortlist, dim in zip(self.shortlists, self.dims[1:], strict=True):
            parts += [f"({shortlist})", str(dim)]
        return " → ".join(parts)


def _whole_numbers(what: str, numbers: object) -> tuple[int, ...]:
    if isinstance(numbers, str | bytes) or not isinstance(numbers, Sequence | np.ndarray):
        raise ValueError(f"{what} must be a sequence of whole numbers, got {numbers!r}")
    for number in numbers:
        if isinstance(number, bool | np.bool_) or not isinstance(number, int | np.integer) or number < 1:
            raise ValueError(f"{what} must be whole numbers from 1, got {number!r}")
    return tuple(int(number) for number in numbers)
