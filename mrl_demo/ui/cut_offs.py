"""From which cosine on a hit is shown as a match: what `python -m mrl_demo cut-off` measured, for the page.

Knows the result file; measures nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mrl_demo.prefix import truncate
from mrl_demo.search.hits import Floats
from mrl_demo.ui.figures import load_results

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection
    from mrl_demo.ui.queries import Query

log = logging.getLogger(__name__)

# What kind of question each query was, for the measurement. Words with a picture were not measured.
KINDS = {"text": "text", "example": "text", "image": "image", "item": "image"}
_BLOCK = 16_384


@dataclass(frozen=True, eq=False)
class CutOffs:
    """Cut-offs by kind of query ("text", "image") and dim.

    Attributes:
        table: kind -> "cosine", "right_pass" and "wrong_pass" at every dim from 1 up.
        lifts: kind -> how far a best hit is above the mean of all pictures at least, at full_dim.
        mean: the mean of the collection's unit vectors, (full_dim,).
    """

    table: Mapping[str, Mapping[str, Sequence[float]]]
    lifts: Mapping[str, float]
    mean: Floats

    @classmethod
    def load(cls, path: Path, collection: Collection) -> CutOffs | None:
        """What was measured on `collection`, as `load_results` reads it; None when nothing was."""
        result = load_results(path, collection)
        if result is None:
            return None
        try:
            table, lifts = result["cut_offs"], {kind: result["lift"][kind] for kind in result["cut_offs"]}
            if any(len(kind["cosine"]) != collection.full_dim for kind in table.values()):
                raise ValueError("it has not one cut-off a dim")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning(
                "%s holds no cut-offs (%s): write it again with python -m mrl_demo cut-off", path, error
            )
            return None
        return cls(table, lifts, mean_direction(collection))

    def at(self, query_kind: str, dim: int) -> list[float] | None:
        """The cosine below which a hit is no match at `dim`, and how often questions with and without an
        answer pass it, from 0 to 1; None for queries that were not measured.
        """
        kind = self.table.get(KINDS.get(query_kind, ""))
        if kind is None:
            return None
        return [kind[name][dim - 1] for name in ("cosine", "right_pass", "wrong_pass")]

    def lift(self, query: Query, best: float) -> list[float] | None:
        """How far the `best` cosine at full_dim of all pictures is above that of the mean picture, and how
        far it must be for the query to tell pictures apart; None for queries that were not measured.
        """
        kind = KINDS.get(query.kind, "")
        if kind not in self.lifts:
            return None
        mean = float(truncate(query.embedding, len(query.embedding)) @ self.mean)
        return [round(best - mean, 4), self.lifts[kind]]


def mean_direction(collection: Collection) -> Floats:
    """The mean of all unit vectors: its dot product with a query is the mean of all cosines."""
    total = np.zeros(collection.full_dim, np.float64)
    for start in range(0, len(collection), _BLOCK):
        rows = np.asarray(collection.embeddings[start : start + _BLOCK], np.float32)
        total += truncate(rows, collection.full_dim).sum(axis=0, dtype=np.float64)
    return (total / len(collection)).astype(np.float32)
