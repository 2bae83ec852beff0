"""What a search gives back: the hits, and what each stage kept, dropped and cost. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

FirstStage = Literal["exact", "hnsw"]
FIRST_STAGES: tuple[FirstStage, ...] = get_args(FirstStage)

Keys = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
AnyFloats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Stage:
    """One stage of a search.

    For a batch, `considered`, `kept` and `dropped` are a query's, and `seconds`, `bytes_touched` and
    `multiply_adds` the whole batch's.

    Attributes:
        dim: the prefix that was compared.
        first_stage: how: "exact" (every item), "hnsw" (the graph) or "rerank" (the shortlist).
        considered: items this stage chose from. `kept + dropped == considered`.
        seconds: wall time, selection and ordering included.
        bytes_touched: vectors and norms read: an estimate from shapes, not a hardware counter. For "hnsw",
            the vectors whose distances were computed and the links followed, as USearch reports them.
        multiply_adds: those of the dot products. For "hnsw", of the distances that USearch computed.
        keys: the survivors, best first: (kept,) or (q, kept) int64.
    """

    dim: int
    first_stage: Literal["exact", "hnsw", "rerank"]
    considered: int
    kept: int
    dropped: int
    seconds: float
    bytes_touched: int
    multiply_adds: int
    keys: Keys


@dataclass(frozen=True)
class Hits:
    """The best items, best first; equal scores are in order of key.

    Attributes:
        keys: row numbers in the collection, int64: (k,) for one query, (q, k) for a batch.
        scores: cosine at the cascade's last dim, float32, higher is better; same shape.
        stages: what happened on the way, first stage first.
    """

    keys: Keys
    scores: Floats
    stages: tuple[Stage, ...]

    def __len__(self) -> int:
        """How many hits a query got."""
        return int(self.keys.shape[-1])

    @property
    def seconds(self) -> float:
        """Wall time of all stages together."""
        return sum(stage.seconds for stage in self.stages)
