"""How to search, as the page or a program asks for it: checked once, said in plain words, made into a
Cascade.

Knows dims, modes and stops of the slider; knows no pixels and no Gradio.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mrl_demo.errors import QueryError
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.hits import FIRST_STAGES, Kind

MODES = ("flat", "adaptive", "funnel")
MAX_K = 60  # tiles that a page still shows well
# Candidates that the first stage of adaptive and funnel search hands on. The paper takes 200 of 1.28
# million; on a collection of thousands 200 would hide what a short prefix loses, so the page takes fewer.
SHORTLIST = 64


@dataclass(frozen=True)
class Settings:
    """One way to search: `mode` of MODES, `first_stage` of FIRST_STAGES, how many results, and the dim
    looked at.
    """

    mode: str = "flat"
    first_stage: Kind = "exact"
    k: int = 12
    dim: int = 64

    @classmethod
    def checked(cls, mode: Any, first_stage: Any, k: Any, dim: Any, full_dim: int) -> Settings:
        """Settings of what was asked for. Raises QueryError with the value and what is allowed."""
        if mode not in MODES:
            raise QueryError(f"mode must be one of {', '.join(MODES)}, got {mode!r}")
        if first_stage not in FIRST_STAGES:
            raise QueryError(f"first stage must be one of {', '.join(FIRST_STAGES)}, got {first_stage!r}")
        return cls(mode, first_stage, whole_number("k", k, None), whole_number("dim", dim, full_dim))


def whole_number(name: str, value: Any, most: int | None) -> int:
    """`value` as an int from 1 to `most`. Raises QueryError in plain words; 12.0 and "12" count as whole."""
    allowed = f"a whole number from 1 to {most}" if most is not None else "a whole number from 1 up"
    shown = repr(value) if not isinstance(value, str) or value.strip() else "nothing"
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise QueryError(f"{name} must be {allowed}, got {shown}") from None
    if isinstance(value, bool) or number != number or number in (float("inf"), float("-inf")) or number % 1:
        raise QueryError(f"{name} must be {allowed}, got {shown}")
    if number < 1 or (most is not None and number > most):
        raise QueryError(f"{name} must be {allowed}, got {shown}")
    return int(number)


def slider_stops(full_dim: int, nested_dims: Sequence[int]) -> list[int]:
    """The dims the slider stops at: every trained dim, and three between each of them and the next octave.

    Below 8 every dim is a stop: there the picture changes with every number.
    """
    stops = {dim for dim in range(1, min(8, full_dim) + 1)}
    octave = 8
    while octave < full_dim:
        stops |= {octave + octave * quarter // 4 for quarter in range(5)}
        octave *= 2
    return sorted(stop for stop in stops | set(nested_dims) | {full_dim} if stop <= full_dim)


def cascade_at(mode: str, dim: int, k: int, count: int, full_dim: int, nested_dims: Sequence[int]) -> Cascade:
    """The cascade that `mode` stands for when its first stage looks at `dim` numbers.

    adaptive: a shortlist at `dim`, re-ranked at full dimension (the paper's AR). funnel: from `dim` through
    every longer trained dim, the shortlist halved at each (the paper's FR). At full dimension both are flat
    search.
    """
    shortlist = min(count, max(SHORTLIST, 2 * k))
    if mode == "flat" or dim >= full_dim:
        return Cascade.flat(min(dim, full_dim))
    if mode == "adaptive":
        return Cascade.adaptive(dim, full_dim, shortlist=shortlist)
    return Cascade.halving(dim, sorted({*nested_dims, full_dim}), shortlist=shortlist, at_least=k)
