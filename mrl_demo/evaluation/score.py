"""A measured number and what it is a number of: the rows of every result file, chart and table.

Values only; measures nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Score:
    """One number.

    Attributes:
        metric: "recall_at_k", "precision_at_k", "map_at_k", "latency_p50", "latency_p95", "cpu_p50",
            "bytes_per_vector", "total_bytes" or, of a classifier, "accuracy".
        dim: of the first stage.
        value: in `unit`: "fraction", "ms" or "bytes".
        k: hits a query; None where the metric has none.
        retrieval: mode and first stage, such as "flat exact", "adaptive hnsw" or "funnel exact"; "linear
            probe" where an attribute is read off the prefix (probes.py).
        truth: what counts as found: "full" (the exact answer at full_dim) or the attributes that must agree,
            such as "category+colour"; the attribute that is read by a probe; "" for latency and memory.
        queries: what was asked: "short", "colour", "medium" or "long" captions (see questions.py), "captions"
            (all of them) or "images".
        n: how many queries (or searches, for latency) the value is over; 0 where it was counted, not sampled.
        data: the collection's name.
        seed: of the sample of queries.
        stderr: standard error of `value` over the queries; None where it is no mean.
    """

    metric: str
    dim: int
    value: float
    unit: str
    retrieval: str
    truth: str = ""
    queries: str = ""
    k: int | None = None
    n: int = 0
    data: str = ""
    seed: int | None = None
    stderr: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Fields that say something, numbers rounded to what can be meant."""
        row = {name: value for name, value in asdict(self).items() if value is not None and value != ""}
        return {name: _short(value) if isinstance(value, float) else value for name, value in row.items()}


def mean_score(values: npt.NDArray[np.floating[Any] | np.bool_] | Sequence[float], **fields: Any) -> Score:
    """The mean of one value a query, with its standard error: a Score in fractions."""
    array = np.asarray(values, np.float64)
    spread = float(array.std(ddof=1) / np.sqrt(len(array))) if len(array) > 1 else None
    return Score(value=float(array.mean()), unit="fraction", n=len(array), stderr=spread, **fields)


def _short(value: float) -> float:
    return float(f"{value:.5g}")
