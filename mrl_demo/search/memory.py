"""What each way to search has to keep: bytes a vector and in total.

Counts stored numbers, graphs and codes. The engine's exact stage lays out a float32 copy of the prefixes it
is asked for (`Engine.structure_bytes`), for speed; that is not what is compared here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import Kind


@dataclass(frozen=True)
class MemoryRow:
    """One way to search at one dim.

    Attributes:
        retrieval: "flat" (the prefix alone), "hnsw" (prefix and graph), "signs" (the prefix's sign bits),
            "cascade" (one of these and the one full-dim matrix to re-rank with), "separate" (a database of
            its own for each nested dim).
        kind: "exact", "hnsw" or "signs": what the database is.
        dim: the prefix; full_dim for "separate", which holds them all.
        dtype: of the stored numbers.
        measured: False where a graph's size is estimated from its parameters because it was not built.
    """

    retrieval: Literal["flat", "hnsw", "signs", "cascade", "separate"]
    kind: Kind
    dim: int
    dtype: str
    bytes_per_vector: float
    total_bytes: int
    measured: bool


def memory_rows(engine: Engine, dims: Sequence[int] | None = None) -> list[MemoryRow]:
    """The rows for `dims` (the nested ones if None). Builds nothing."""
    n, full_dim = engine.n, engine.full_dim
    nested = engine.nested_dims or (full_dim,)
    rows = []

    def add(retrieval: str, kind: str, dim: int, dtype: str, total: int, measured: bool) -> None:
        rows.append(MemoryRow(retrieval, kind, dim, dtype, total / n, total, measured))  # type: ignore[arg-type]

    for dim in nested if dims is None else dims:
        index, built = engine.structure_bytes("hnsw", dim)
        add("flat", "exact", dim, "f32", n * dim * 4, True)
        add("flat", "exact", dim, "f16", n * dim * 2, True)
        add("hnsw", "hnsw", dim, "bf16", index, built)
        codes, _ = engine.structure_bytes("signs", dim)
        add("signs", "signs", dim, "b1", codes, True)
        # The matrix may as well stay on disk; counted here as resident in f16.
        add("cascade", "exact", dim, "f16", n * full_dim * 2, True)  # the prefix is part of the matrix
        add("cascade", "hnsw", dim, "bf16 + f16", index + n * full_dim * 2, built)
        add("cascade", "signs", dim, "b1 + f16", codes + n * full_dim * 2, True)
    graphs = [engine.structure_bytes("hnsw", dim) for dim in nested]
    add("separate", "exact", full_dim, "f16", n * sum(nested) * 2, True)
    add("separate", "hnsw", full_dim, "bf16", sum(size for size, _ in graphs), all(b for _, b in graphs))
    return rows
