"""What each way to search keeps, as Score rows. The counting itself is `search/memory.py`'s."""

from __future__ import annotations

from collections.abc import Iterable

from mrl_demo.evaluation.score import Score
from mrl_demo.search.memory import MemoryRow

_MODES = {
    "flat": ("flat",),
    "hnsw": ("flat",),
    "signs": ("flat",),
    "cascade": ("adaptive", "funnel"),
    "separate": ("separate",),
}


def memory_scores(rows: Iterable[MemoryRow]) -> list[Score]:
    """Two scores a row, bytes a vector and in total, named as the retrievals they serve.

    A flat database in f32 is named "flat exact f32"; what goes by "flat exact" is in f16, as packs store it.
    """
    scores = []
    for row in rows:
        for mode in _MODES[row.retrieval]:
            retrieval = f"{mode} {row.kind}" + (" f32" if row.dtype == "f32" else "")
            scores += [
                Score("bytes_per_vector", row.dim, row.bytes_per_vector, "bytes", retrieval),
                Score("total_bytes", row.dim, row.total_bytes, "bytes", retrieval),
            ]
    return scores
