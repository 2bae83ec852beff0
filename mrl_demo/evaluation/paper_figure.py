"""A number of the comparison: a Score that also names the model and, of a cascade, its stages.

Values only; measures nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mrl_demo.evaluation.score import Score

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

BY_CAPTION = "by_caption"  # the metric of captions; `truth` says what is counted, `data` of which set


@dataclass(frozen=True)
class Figure(Score):
    """One number of one trained model.

    Attributes:
        metric: "top_1" (of a linear head), "discriminant_top_1", "one_nn", "map_at_k", "oracle_map_at_k",
            BY_CAPTION, or one of those of `superclass`, `paper_adaptive` and `zero_shot_result`.
        model: "MRL", "MRL-E", "FF", "SVD" ... (see `paper_runs`, `paper_linear` and `paper_neighbours`).
        cascade: the stages of a retrieval of more than one, such as "16 → (200) → 512".
        mflops: millions of multiply-adds a query of a cascade, as the paper counts.
        draw: which of several random draws: of dims, or of a split of the held-out photos.
    """

    model: str = ""
    cascade: str = ""
    mflops: float | None = None
    draw: int | None = None


def mean_figure(
    values: npt.NDArray[np.floating[Any] | np.bool_], metric: str, dim: int, model: str, **fields: Any
) -> Figure:
    """The mean of one value a photo, with its standard error: a Figure in fractions.

    Args:
        fields: any other field of a Figure; `retrieval` is "" where it is left out.
    """
    array = np.asarray(values, np.float64)
    stderr = float(array.std(ddof=1) / np.sqrt(len(array))) if len(array) > 1 else None
    return Figure(
        metric=metric,
        dim=dim,
        value=float(array.mean()),
        unit="fraction",
        model=model,
        n=len(array),
        stderr=stderr,
        **{"retrieval": "", **fields},
    )
