"""What a search is asked with and gives back: its first stage, the hits, and what each stage kept, dropped
and cost. Values only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from mrl_demo.errors import QueryError

Kind = Literal["exact", "hnsw", "signs"]
FIRST_STAGES: tuple[Kind, ...] = get_args(Kind)
GraphDtype = Literal["bf16", "f16", "i8"]
GRAPH_DTYPES: tuple[GraphDtype, ...] = get_args(GraphDtype)

Keys = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
AnyFloats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class FirstStage:
    """How the first stage of a cascade finds its candidates, at `dims[0]`.

    An approximate kind that is followed by another stage hands on its nearest in its own order; where it is
    the only stage it looks for more than k and ranks them by their exact cosine.

    Attributes:
        kind: "exact" (every prefix is compared), "hnsw" (a graph over the prefixes) or "signs" (one bit a
            dim: every code is compared by Hamming distance).
        dtype: what the graph holds its prefixes in; of no meaning to the other kinds.
        ef: how many candidates an approximate kind looks for at least; 0 for its default.

    Raises:
        QueryError: another kind or dtype, or an `ef` that is not a whole number from 0.
    """

    kind: Kind
    dtype: GraphDtype = "bf16"
    ef: int = 0

    def __post_init__(self) -> None:
        if self.kind not in FIRST_STAGES:
            raise QueryError(f"first_stage must be one of {FIRST_STAGES}, got {self.kind!r}")
        if self.dtype not in GRAPH_DTYPES:
            raise QueryError(f"the dtype of a graph must be one of {GRAPH_DTYPES}, got {self.dtype!r}")
        if isinstance(self.ef, bool) or not isinstance(self.ef, int | np.integer) or self.ef < 0:
            raise QueryError(f"ef must be a whole number from 0, got {self.ef!r}")

    def __str__(self) -> str:
        """Such as "hnsw i8 ef 100"."""
        words = [self.kind, self.dtype] if self.kind == "hnsw" else [self.kind]
        return " ".join([*words, *(["ef", str(self.ef)] if self.ef else [])])


def first_stage(value: FirstStage | str) -> FirstStage:
    """A `FirstStage` as it is, or the default one of a kind named. QueryError for anything else."""
    if isinstance(value, FirstStage):
        return value
    return FirstStage(value)  # type: ignore[arg-type]  # which it checks


@dataclass(frozen=True)
class Stage:
    """One stage of a search.

    For a batch, `considered`, `kept` and `dropped` are a query's, and `seconds`, `bytes_touched` and
    `multiply_adds` the whole batch's.

    Attributes:
        dim: the prefix that was compared.
        first_stage: how: "exact" (every item), "hnsw" (the graph), "signs" (every item's sign bits) or
            "rerank" (the shortlist).
        considered: items this stage chose from. `kept + dropped == considered`.
        seconds: wall time, selection and ordering included.
        bytes_touched: vectors and norms read: an estimate from shapes, not a hardware counter. For "hnsw",
            the vectors whose distances were computed and the links followed, as USearch reports them.
        multiply_adds: those of the dot products. For "hnsw", of the distances that USearch computed; sign
            bits are compared without any.
        keys: the survivors, best first: (kept,) or (q, kept) int64.
    """

    dim: int
    first_stage: Literal["exact", "hnsw", "signs", "rerank"]
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
