"""Filters by attribute: which columns a visitor can choose from, and what was chosen as a mask.

Knows a collection's columns; knows nothing of search or pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from mrl_demo.errors import QueryError

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection
    from mrl_demo.search.hits import Mask

MOST_VALUES = 100  # a column with more is no menu


@dataclass(frozen=True, eq=False)
class Filter:
    """What only is searched: `values` by column, and the items that have them all; none leaves all.

    Attributes:
        values: column -> the value chosen.
        mask: (n,) bool, None where nothing was chosen.
        count: how many items are left.
    """

    count: int
    values: Mapping[str, str | int] = field(default_factory=dict)
    mask: Mask | None = None

    @classmethod
    def checked(cls, collection: Collection, asked: Any) -> Filter:
        """The filter of `asked`, column -> value; values may be given as text. None and {} leave all.

        Raises:
            QueryError: no such column or value, or nothing that has them all, in plain words.
        """
        if not asked:
            return cls(len(collection))
        if not isinstance(asked, Mapping):
            raise QueryError(f"a filter names columns and values, such as colour and red; got {asked!r}")
        offered = {entry["column"]: [value for value, _ in entry["values"]] for entry in choices(collection)}
        values: dict[str, str | int] = {}
        for column, wanted in asked.items():
            if column not in offered:
                known = ", ".join(offered) or "none: this collection has no attributes"
                raise QueryError(f"there is no filter {column!r}; the filters are {known}")
            value = next((value for value in offered[column] if str(value) == str(wanted)), None)
            if value is None:
                raise QueryError(f"no picture has {said(column)} {wanted!r}; {few(offered[column])}")
            values[column] = value
        mask = collection.where(**values)
        if not mask.any():
            both = " and ".join(f"{said(column)} {value}" for column, value in values.items())
            raise QueryError(f"No picture has {both} at once: take a filter off.")
        return cls(int(np.count_nonzero(mask)), values, mask)


@lru_cache(maxsize=1)  # of the page's collection: every filtered query asks, and a collection never changes
def choices(collection: Collection) -> list[dict[str, Any]]:
    """The columns worth a menu: `{column, label, values: [[value, how many], ...]}`, values in order."""
    found = []
    for column, values in collection.attributes.items():
        values = np.asarray(values)
        if values.dtype.kind == "f":
            continue
        distinct, counts = np.unique(values, return_counts=True)
        if 2 <= len(distinct) <= MOST_VALUES:
            pairs = [[value.item(), int(count)] for value, count in zip(distinct, counts, strict=True)]
            found.append({"column": column, "label": said(column), "values": pairs})
    return found


def said(column: str) -> str:
    """A column's name as people read it."""
    return column.replace("_", " ")


def few(values: list[str | int]) -> str:
    """Which values there are, in a few words."""
    shown = ", ".join(str(value) or "none" for value in values[:8])
    return f"there are {shown}" + (f" and {len(values) - 8} more" if len(values) > 8 else "")
