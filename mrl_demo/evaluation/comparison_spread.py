"""What the comparison's tables are made of: the spread of figures that agree in some fields, an empty table,
and one over dims. Values only; which tables there are is `comparison_tables`'.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
Table = dict[str, Any]

# The order of the columns: what the paper's tables have comes first.
MODELS = ("MRL", "MRL-E", "FF", "SVD", "MRL, c", "random dims", "FF cut")


@dataclass(frozen=True)
class Spread:
    """One number over seeds. Random draws within a seed, of dims or of halves, are averaged first: they tell
    nothing of what another training would give.

    Attributes:
        draws: of each seed its values, more than one where something was drawn.
    """

    draws: tuple[tuple[float, ...], ...]

    @property
    def values(self) -> tuple[float, ...]:
        """One a seed."""
        return tuple(statistics.fmean(each) for each in self.draws)

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @property
    def seeds(self) -> int:
        """How many."""
        return len(self.draws)

    @property
    def deviation(self) -> float | None:
        """The standard deviation over seeds; None of a single one."""
        return statistics.stdev(self.values) if self.seeds > 1 else None


def spreads(rows: Iterable[Row], *by: str) -> dict[tuple[Any, ...], Spread]:
    """The values of rows that agree in all of `by`, in the order in which they come."""
    found: dict[tuple[Any, ...], dict[Any, list[float]]] = {}
    for row in rows:
        seeds = found.setdefault(tuple(row.get(name) for name in by), {})
        seeds.setdefault(row.get("seed"), []).append(row["value"])
    return {key: Spread(tuple(map(tuple, seeds.values()))) for key, seeds in found.items()}


def blank(
    name: str, title: str, note: str, beside: Sequence[str], unit: str = "", over_dims: bool = False
) -> Table:
    """A table without columns and rows yet."""
    own = {"id": name, "title": title, "note": note, "unit": unit, "over_dims": over_dims}
    return {**own, "beside": list(beside)}


def over_dims(metric: str, title: str, note: str, beside: Sequence[str], rows: Iterable[Row]) -> Table:
    """A row a dim, a column a model: means over seeds in percent.

    The note says of how many seeds, and how far apart they are; where models differ in how many they have,
    their columns say it too.
    """
    cells = spreads(rows, "dim", "model")
    models = sorted({model for _, model in cells}, key=order)
    each = {model: [one for (_, other), one in cells.items() if other == model] for model in models}
    seeds = {model: seeds_of(found) for model, found in each.items()}
    alike = len(set(seeds.values())) == 1
    return {
        **blank(metric, title, f"{note} {over_seeds(each)}", beside, unit="%", over_dims=True),
        "columns": ["dim", *(model if alike else f"{model} ({seeds[model]})" for model in models)],
        "rows": [
            [dim, *(percent(cells.get((dim, model))) for model in models)]
            for dim in sorted({dim for dim, _ in cells})
        ],
    }


def over_seeds(found: Mapping[str, Sequence[Spread]]) -> str:
    """A sentence: of how many seeds each model's figures are means, and how far apart these are at most."""
    there = {model: each for model, each in found.items() if each}
    if there and all(one.seeds == 1 for each in there.values() for one in each):
        return "One seed of each model: how far apart seeds are is not known."
    said = []
    for model, each in there.items():
        most = max((one.deviation for one in each if one.deviation is not None), default=None)
        said.append(f"{model} {seeds_of(each)}" + ("" if most is None else f" (± {100 * most:.2f} at most)"))
    return f"Means over seeds, with their standard deviation: {', '.join(said)}." if said else ""


def seeds_of(found: Sequence[Spread]) -> str:
    """How many in words: "2 seeds", or "1 to 2 seeds" where some figures are of fewer."""
    least, most = min(one.seeds for one in found), max(one.seeds for one in found)
    return f"{most} seed{'s' if most > 1 else ''}" if least == most else f"{least} to {most} seeds"


def percent(one: Spread | None) -> float | None:
    """The mean in percent; None of nothing."""
    return None if one is None else round(100 * one.mean, 2)


def apart(one: Spread) -> float | None:
    """The standard deviation over seeds in percent; None of a single one."""
    return None if one.deviation is None else round(100 * one.deviation, 2)


def short(value: float | None) -> float | None:
    """Five digits."""
    return None if value is None else float(f"{value:.5g}")


def order(model: str) -> tuple[int, str]:
    """Where a model's column stands: by the longest of MODELS that its name begins with."""
    place = max(range(len(MODELS)), key=lambda each: len(MODELS[each]) * model.startswith(MODELS[each]))
    return (place, model)
