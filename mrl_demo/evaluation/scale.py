"""How each way to search grows: recall, latency, bytes and building time over one set of vectors, measured.

Builds what each way needs, one structure after another, then asks all of them in turns. Knows an engine and
queries; not where the vectors came from, and no page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import numpy as np

from mrl_demo.evaluation.latency import Latency, measure
from mrl_demo.evaluation.metrics import found_in, recall_at_k
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import FirstStage, Floats, Hits, Keys
from mrl_demo.search.memory import MemoryRow, memory_rows
from mrl_demo.search.tiles import RESIDENT_BYTES
from mrl_demo.search.usearch_index import GRAPH_BYTES, VECTOR_BYTES

K = 10
SHORTLIST = 200  # that the first stage hands on at every size, the paper's K
GRAPH_MOST = 200_000  # rows up to which graphs are built for comparison only: at all dims, and in bf16
RUNS = (30, 100)  # searches that are timed: fewest and most
_AT_ONCE = 50  # queries searched together where only the answers count

Phase = Callable[[str, int, int], None]  # (what is being done, done, of how many)


@dataclass(frozen=True)
class Way:
    """One way to search, under the name that people know it by."""

    name: str
    cascade: Cascade
    first: FirstStage

    @property
    def needs_matrix(self) -> bool:
        """Whether rows are looked up after the first stage (an approximate one's own answer, too, is scored
        by them)."""
        return len(self.cascade.dims) > 1 or self.first.kind != "exact"

    @property
    def how(self) -> str:
        """Such as "hnsw bf16, 64 → (200) → 512"."""
        return f"{'sign bits' if self.first.kind == 'signs' else self.first}, {self.cascade}"


@dataclass(frozen=True)
class ScaleRow:
    """What was measured of one way.

    Attributes:
        name: of the way.
        how: its first stage and cascade in words.
        recall: mean recall@k against the exact answer at full dim.
        p50_ms, p95_ms: wall time of one query.
        cpu_ms: the median of CPU time of one query, all threads together.
        index_bytes: a vector, of what the first stage keeps in memory.
        matrix_bytes: a vector, of the rows that are looked up afterwards; 0 where none are.
        build_s: wall time of building what the first stage keeps; 0 where it looks at rows as they lie.
        multiply_adds: of one query, on average.
    """

    name: str
    how: str
    recall: float
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    index_bytes: float
    matrix_bytes: float
    build_s: float
    multiply_adds: int


@dataclass(frozen=True)
class Database:
    """What serves every nested dim: bytes a vector and in total; `measured` is False for an estimate."""

    name: str
    bytes_per_vector: float
    total_bytes: int
    measured: bool


def ways(full_dim: int, nested_dims: Sequence[int], n: int) -> list[Way]:
    """What is compared among `n` vectors: exact search first, the answer that all others are held against.

    The short prefix is the nested dim nearest to an eighth of full_dim; the funnel begins at half of it.
    """
    nested = sorted({*nested_dims, full_dim})
    short = _short(full_dim, nested)
    start = min(nested, key=lambda dim: (abs(dim - short / 2), dim))
    shortlist = min(SHORTLIST, n)
    again = Cascade.adaptive(short, full_dim, shortlist)
    bits = Cascade.adaptive(max(short, full_dim // 2), full_dim, shortlist)
    exact = FirstStage("exact")
    found = [
        Way("Flat", Cascade.flat(full_dim), exact),
        Way("Flat, prefix only", Cascade.flat(short), exact),
        Way("Adaptive", again, exact),
        Way("Funnel", Cascade.halving(start, nested, shortlist, at_least=K), exact),
        Way("Sign bits, re-ranked", bits, FirstStage("signs")),
        Way("HNSW on int8, re-ranked", again, FirstStage("hnsw", "i8")),
        Way("HNSW, re-ranked", again, FirstStage("hnsw")),
        Way("HNSW at all dims", Cascade.flat(full_dim), FirstStage("hnsw")),
    ]
    return found if n <= GRAPH_MOST else found[:6]


def bytes_needed(full_dim: int, nested_dims: Sequence[int], n: int) -> int:
    """About what measuring `n` vectors takes: the matrix, prefixes laid out to scan, graphs and codes."""
    graphs = [way for way in ways(full_dim, nested_dims, n) if way.first.kind == "hnsw"]
    graph_bytes = sum(VECTOR_BYTES[way.first.dtype] * way.cascade.dims[0] + GRAPH_BYTES for way in graphs)
    scanned = min(4 * full_dim * n, RESIDENT_BYTES)
    return n * (2 * full_dim + full_dim // 8 + graph_bytes + 100) + scanned


def measure_scale(
    engine: Engine, queries: Floats, phase: Phase = lambda what, done, total: None, threads: int | None = None
) -> dict[str, Any]:
    """Build, ask and time every way over the vectors of `engine`, which should be new: with nothing built.

    Args:
        queries: (q, full_dim), asked one by one for time and all for recall.
        phase: told what is being done and how far it is; what it raises ends the work.
        threads: for building graphs; None as `PrefixIndex` chooses.

    Returns:
        k, runs, queries, rows (`ScaleRow`) and databases (`Database`) as plain values.
    """
    compared = ways(engine.full_dim, engine.nested_dims, engine.n)
    built: dict[int, tuple[float, float]] = {}
    laid_out = 0.0
    # Prefixes are laid out once for all dims, as far as was asked for: the shorter first, so each is seen.
    for at in sorted(range(len(compared)), key=lambda at: compared[at].cascade.dims):
        seconds, nbytes = _build(engine, queries[0], compared[at], phase, threads)
        if compared[at].first.kind == "exact":
            laid_out += seconds
            seconds = laid_out
        built[at] = seconds, nbytes
    exact = _answers(engine, queries, compared[0], phase, "Asking flat search for the exact answers")
    truth = exact[0]
    found = {0: exact}
    for at, way in enumerate(compared[1:], start=1):
        found[at] = _answers(engine, queries, way, phase, f"Counting recall: {way.name}")
    runs = int(np.clip(4_000_000 // engine.n, *RUNS))

    def call(way: Way) -> Callable[[int], Hits]:
        return lambda run: engine.search(queries[run % len(queries)], way.cascade, K, way.first)

    times = measure(
        {at: call(way) for at, way in enumerate(compared)},
        runs,
        progress=lambda done, total: phase("Timing all in turns", done, total),
    )
    rows = [_row(engine, way, found[at], truth, times[at], *built[at]) for at, way in enumerate(compared)]
    return {
        "k": K,
        "runs": runs,
        "queries": len(queries),
        "rows": [asdict(row) for row in rows],
        "databases": [asdict(database) for database in databases(engine)],
    }


def databases(engine: Engine) -> list[Database]:
    """One matrix whose prefixes serve every nested dim, against a database for each: flat, and with HNSW."""
    nested = sorted({*engine.nested_dims, engine.full_dim})
    short = _short(engine.full_dim, nested)
    names = {
        ("flat", "exact", engine.full_dim, "f16"): "One matrix, flat at every dim",
        ("separate", "exact", engine.full_dim, "f16"): f"A matrix for each of {len(nested)} dims",
        ("cascade", "hnsw", short, "bf16 + f16"): f"One matrix and one graph, at {short}",
        ("separate", "hnsw", engine.full_dim, "bf16"): f"A graph for each of {len(nested)} dims",
    }
    kept: dict[tuple[str, str, int, str], MemoryRow] = {
        (row.retrieval, row.kind, row.dim, row.dtype): row
        for row in memory_rows(engine, sorted({short, engine.full_dim}))
    }
    return [
        Database(name, kept[key].bytes_per_vector, kept[key].total_bytes, kept[key].measured)
        for key, name in names.items()
    ]


def _short(full_dim: int, nested: Sequence[int]) -> int:
    return min(nested, key=lambda dim: (abs(dim - full_dim / 8), dim))


def _build(engine: Engine, query: Floats, way: Way, phase: Phase, threads: int | None) -> tuple[float, float]:
    """Build what the first stage of `way` looks into: (wall seconds, bytes a vector). The exact stage
    compares prefixes that are laid out: of these, the seconds are for what was not there before."""
    dim, first = way.cascade.dims[0], way.first
    what = f"Preparing: {way.name}"
    phase(what, 0, engine.n)
    started = perf_counter()
    if first.kind == "exact":
        engine.search(query, Cascade.flat(dim), 1)
        again = perf_counter()
        engine.search(query, Cascade.flat(dim), 1)
        seconds = max(0.0, 2 * again - started - perf_counter())
        return seconds, engine.scan.nbytes / engine.n + 4
    if first.kind == "signs":
        engine.signs(dim)
    else:
        engine.index(dim, first.dtype, threads, lambda done, total: phase(what, done, total))
    return perf_counter() - started, engine.structure_bytes(first, dim)[0] / engine.n


def _answers(engine: Engine, queries: Floats, way: Way, phase: Phase, what: str) -> tuple[Keys, int]:
    """(q, K) keys, and multiply-adds a query."""
    keys, multiply_adds = [], 0
    for start in range(0, len(queries), _AT_ONCE):
        phase(what, start, len(queries))
        hits = engine.search(queries[start : start + _AT_ONCE], way.cascade, K, way.first)
        keys.append(hits.keys)
        multiply_adds += sum(stage.multiply_adds for stage in hits.stages)
    return np.concatenate(keys), round(multiply_adds / len(queries))


def _row(
    engine: Engine,
    way: Way,
    found: tuple[Keys, int],
    truth: Keys,
    time: Latency,
    build_s: float,
    index_bytes: float,
) -> ScaleRow:
    matrix = engine.full_dim * engine.rows.vectors.itemsize if way.needs_matrix else 0
    return ScaleRow(
        name=way.name,
        how=way.how,
        recall=round(float(recall_at_k(found_in(found[0], truth), K).mean()), 4),
        p50_ms=round(time.p50, 4),
        p95_ms=round(time.p95, 4),
        cpu_ms=round(time.cpu_p50, 4),
        index_bytes=round(index_bytes, 1),
        matrix_bytes=matrix,
        build_s=round(build_s, 4),
        multiply_adds=found[1],
    )
