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
    """Of one number over seeds and draws: mean, least, most and standard deviation (None of a single one)."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @property
    def deviation(self) -> float | None:
        return statistics.stdev(self.values) if len(self.values) > 1 else None


def spreads(rows: Iterable[Row], *by: str) -> dict[tuple[Any, ...], Spread]:
    """The values of rows that agree in all of `by`, in the order in which they come."""
    found: dict[tuple[Any, ...], list[float]] = {}
    for row in rows:
        found.setdefault(tuple(row.get(name) for name in by), []).append(row["value"])
    return {key: Spread(tuple(values)) for key, values in found.items()}


def blank(
    name: str, title: str, note: str, beside: Sequence[str], unit: str = "", over_dims: bool = False
) -> Table:
    """A table without columns and rows yet."""
    own = {"id": name, "title": title, "note": note, "unit": unit, "over_dims": over_dims}
    return {**own, "beside": list(beside)}


def over_dims(metric: str, title: str, note: str, beside: Sequence[str], rows: Iterable[Row]) -> Table:
    """A row a dim, a column a model: means in percent."""
    cells = spreads(rows, "dim", "model")
    models = sorted({model for _, model in cells}, key=order)
    return {
        **blank(metric, title, note, beside, unit="%", over_dims=True),
        "columns": ["dim", *models],
        "rows": [
            [dim, *(percent(cells.get((dim, model))) for model in models)]
            for dim in sorted({dim for dim, _ in cells})
        ],
    }


def percent(one: Spread | None) -> float | None:
    """The mean in percent; None of nothing."""
    return None if one is None else round(100 * one.mean, 2)


def short(value: float | None) -> float | None:
    """Five digits."""
    return None if value is None else float(f"{value:.5g}")


def order(model: str) -> tuple[int, str]:
    """Where a model's column stands: by the longest of MODELS that its name begins with."""
    place = max(range(len(MODELS)), key=lambda each: len(MODELS[each]) * model.startswith(MODELS[each]))
    return (place, model)
