"""Chooses the cascade: the fastest one that holds a target recall on your vectors, with a stated confidence.

"It is hard to choose Ds and Dr" (MRL, section 4.3). So: some queries select. Matrix products tell what every
shortlist at every dim would keep; only the most promising graphs are built. The other queries, which chose
nothing, say what the candidates truly find, and a bound is kept for luck. Composes what `sample`, `ranks`,
`candidates`, `trials` and `confidence` know.
"""

from __future__ import annotations

from time import perf_counter
from typing import Protocol

import numpy as np
import numpy.typing as npt

from mrl_demo.collection.progress import Progress, ProgressFunction, reporter
from mrl_demo.errors import QueryError
from mrl_demo.search.candidates import Candidate, funnels, graph_order, longest, scans
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.confidence import check_share, lower_bound
from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import FirstStage, Floats, GraphDtype, Keys
from mrl_demo.search.plan import Option, Plan, within
from mrl_demo.search.query import check_k
from mrl_demo.search.ranks import ranks
from mrl_demo.search.rotation import prefix_losses
from mrl_demo.search.sample import Sample, answer, draw
from mrl_demo.search.trials import median_seconds, run, walks
from mrl_demo.search.why import explain, warn

SELECTING = 500  # queries that select
GRAPH_SECONDS = 8.0  # no further graph is begun when building has taken so long
FINALISTS = 10
AS_FAST = 1.05  # times the fastest: then fewer bytes decide
SURELY_FASTER = 1.15  # a few searches tell no smaller difference
_LEAST_DIM = 8
_LEAST_BITS = 64
_GRAPHS: tuple[tuple[int, GraphDtype], ...] = ((0, "i8"), (1, "i8"), (0, "bf16"))  # place in the order, dtype


class HasEngine(Protocol):
    """A collection or a store: something with an engine."""

    @property
    def engine(self) -> Engine: ...


def plan(
    collection: Engine | HasEngine,
    queries: npt.ArrayLike | None = None,
    target_recall: float = 0.99,
    k: int = 10,
    max_bytes: float | None = None,
    confidence: float = 0.95,
    progress: Progress = None,
    seed: int = 0,
) -> Plan:
    """Measure cascades on `collection` and choose the fastest whose recall@k holds `target_recall`.

    Graphs and sign codes that it builds stay in the engine.

    Args:
        queries: (q, full_dim), as they will be asked: half of them, 500 at most, select; the others (held
            out; 5,000 at most, by the target) certify. None takes rows of the collection, each left out of
            its own answer: evidence for searching by item, and only an indication for queries of another
            kind, such as text.
        max_bytes: the most that may be kept beside the matrix, in bytes a vector; None for no limit.
        confidence: with which the recall of all such queries lies above the plan's bound.
        progress: called with (per cent done, 100), or True for a bar.

    Raises:
        QueryError: queries that cannot be searched or fewer than two, `k` not below the number of items,
            or a share that is none; a store with changes since it was last compacted.
    """
    if not getattr(collection, "is_compact", True):
        raise QueryError(
            "items were added to this store or removed since it was last compacted, and a plan would be "
            "for other items than it holds: call its compact() first"
        )
    engine = collection if isinstance(collection, Engine) else collection.engine
    try:
        check_share("target_recall", target_recall)
        check_share("confidence", confidence)
    except ValueError as error:
        raise QueryError(str(error)) from None
    if max_bytes is not None and not max_bytes > 0:
        raise QueryError(f"max_bytes must be bytes a vector, above 0, got {max_bytes!r}")
    check_k(k, engine.n)
    report = reporter(progress, "planning", unit="%")
    report(0, 100)
    rotation = getattr(collection, "rotation", None)  # of a store, whose engine knows rotated rows only
    if queries is not None and rotation is not None:
        queries = _rotated(queries, rotation)
    select, certify = _halves(engine, queries, k, _enough(target_recall), seed)
    report(15, 100)
    planner = _Planner(engine, select, 1 - target_recall, max_bytes, report)
    finalists = planner.finalists()
    chosen, frontier = _judge(engine, certify, finalists, target_recall, confidence, max_bytes, report)
    losses = prefix_losses(engine.rows, [dim for dim in planner.dims if 16 <= dim <= engine.full_dim // 2])
    helps = any(loss.far_below for loss in losses)
    report(100, 100)
    return Plan(
        chosen,
        frontier,
        n=engine.n,
        full_dim=engine.full_dim,
        k=k,
        target_recall=target_recall,
        confidence=confidence,
        held_out=len(certify),
        why=explain(
            chosen,
            frontier,
            planner.prefix_ranks,
            longest(engine.n),
            certify,
            target_recall,
            confidence,
            max_bytes,
        ),
        warnings=warn(chosen, certify, target_recall, confidence, losses, max_bytes),
        rotation_helps=helps,
    )


def _enough(target_recall: float) -> int:
    """Held-out queries with which a bound is no further below the mean than a third of the allowed misses."""
    return int(np.clip(round(10 / (1 - target_recall)), 500, 5_000))


def _rotated(queries: npt.ArrayLike, rotation: Floats) -> Floats:
    given = np.atleast_2d(np.asarray(queries))
    if given.dtype.kind not in "fiu" or given.shape[-1] != len(rotation):
        raise QueryError(f"queries must be numbers of shape (q, {len(rotation)}), got shape {given.shape}")
    return given.astype(np.float32) @ rotation


def _halves(
    engine: Engine, queries: npt.ArrayLike | None, k: int, enough: int, seed: int
) -> tuple[Sample, Sample]:
    """The queries that select and those held out, with their exact answers."""
    own: Keys | None = None
    if queries is None:
        if k >= engine.n:
            raise QueryError(f"to plan, k must be below the number of items, {engine.n}, got {k}")
        asked, own = draw(engine, SELECTING + enough, seed)
    else:
        asked = np.atleast_2d(np.asarray(queries))
        asked = np.random.default_rng(seed).permutation(asked)[: SELECTING + enough]
    if len(asked) < 2:
        raise QueryError("a plan needs at least two queries: one to select, one to certify")
    sample = answer(engine, asked, own, k)
    first = min(SELECTING, len(sample) // 2)
    return sample.part(0, first), sample.part(first, None)


class _Planner:
    """What is known while candidates are gathered, on the selecting half."""

    def __init__(
        self,
        engine: Engine,
        sample: Sample,
        allowed: float,
        max_bytes: float | None,
        report: ProgressFunction,
    ) -> None:
        self.engine, self.sample, self.allowed = engine, sample, allowed
        self.max_bytes, self.report = max_bytes, report
        full_dim = engine.full_dim
        nested = engine.nested_dims or tuple(1 << bit for bit in range(full_dim.bit_length()))
        self.dims = sorted({dim for dim in nested if _LEAST_DIM <= dim <= full_dim} | {full_dim})
        most = longest(engine.n)
        self.prefix_ranks = ranks(engine.rows, sample, self.dims, "prefix", most, self._share(15, 25))
        bits = [dim for dim in self.dims if dim >= _LEAST_BITS]
        self.sign_ranks = ranks(engine.rows, sample, bits, "signs", most, self._share(25, 35)) if bits else {}

    def finalists(self) -> list[Candidate]:
        """Candidates that no other beats in all respects, and the exact search itself, last."""
        n, full_dim = self.engine.n, self.engine.full_dim
        shorter = {dim: found for dim, found in self.prefix_ranks.items() if dim < full_dim}
        found = list(scans(shorter, "exact", n, full_dim, self.allowed))
        found += scans(self.sign_ranks, "signs", n, full_dim, self.allowed)
        found += self._graphs()
        found = [each for each in found if self._fits(each.first_stage, each.cascade.dims[0])]
        best = self._best(found, 65)
        exact = Candidate(Cascade.flat(full_dim), FirstStage("exact"), 0)
        return [*self._best([*best, *self._funnels(best)], 70), exact]

    def _graphs(self) -> list[Candidate]:
        """Build graphs from the most promising on, as long as there is time, and walk them."""
        order = graph_order(self.prefix_ranks, self.engine.n, self.allowed)
        found: list[Candidate] = []
        started = perf_counter()
        for place, dtype in _GRAPHS:
            if place >= len(order) or perf_counter() - started > GRAPH_SECONDS:
                continue
            dim = order[place]
            if not self._fits(FirstStage("hnsw", dtype), dim):
                continue
            self.engine.index(dim, dtype, progress=self._share(35, 60))
            found += walks(self.engine, self.sample, dim, dtype, self.prefix_ranks[dim], self.allowed)
        return found

    def _funnels(self, candidates: list[Candidate]) -> list[Candidate]:
        found = []
        for candidate in candidates:
            if len(candidate.cascade.dims) == 2 and candidate.first_stage.kind != "hnsw":
                known = self.prefix_ranks if candidate.first_stage.kind == "exact" else self.sign_ranks
                first = known[candidate.cascade.dims[0]]
                found += funnels(candidate, first, self.prefix_ranks, self.engine.n, self.allowed)
        return list({(each.cascade, each.first_stage): each for each in found}.values())

    def _best(self, candidates: list[Candidate], done: int) -> list[Candidate]:
        """Those of which no other is as fast, keeps as few bytes and misses as little; by a few searches."""
        seconds = median_seconds(self.engine, self.sample, candidates, runs=7, budget=2)
        kept: list[tuple[float, float, float, Candidate]] = []
        for index in np.argsort(seconds, kind="stable").tolist():
            candidate = candidates[index]
            nbytes = self._nbytes(candidate.first_stage, candidate.cascade.dims[0])
            cost = (seconds[index] / SURELY_FASTER, nbytes, candidate.missed)
            if not any(all(a <= b for a, b in zip(other, cost, strict=False)) for other in kept):
                kept.append((seconds[index], nbytes, candidate.missed, candidate))
        self.report(done, 100)
        return [candidate for *_, candidate in kept[:FINALISTS]]

    def _nbytes(self, first_stage: FirstStage, dim: int) -> float:
        """Bytes a vector."""
        return self.engine.structure_bytes(first_stage, dim)[0] / self.engine.n

    def _fits(self, first_stage: FirstStage, dim: int) -> bool:
        return self.max_bytes is None or self._nbytes(first_stage, dim) <= self.max_bytes

    def _share(self, begin: int, end: int) -> ProgressFunction:
        return lambda done, total: self.report(begin + (end - begin) * done // max(total, 1), 100)


def _judge(
    engine: Engine,
    sample: Sample,
    finalists: list[Candidate],
    target: float,
    confidence: float,
    max_bytes: float | None,
    report: ProgressFunction,
) -> tuple[Option, tuple[Option, ...]]:
    """Measure the finalists on the held-out queries; the last of them is the exact search, which holds."""
    exact = finalists[-1]
    order = sorted(finalists, key=lambda candidate: (candidate is not exact, candidate.missed))
    seconds = median_seconds(engine, sample, order, runs=60, budget=3)
    holding, found = True, []
    for index, (candidate, took) in enumerate(zip(order, seconds, strict=True)):
        if candidate is exact:  # the answer by definition: nothing is estimated
            recall, bound, multiply_adds = 1.0, 1.0, candidate.cascade.multiply_adds(engine.n)
        else:
            recalls, multiply_adds = run(engine, sample, candidate)
            recall, bound = float(recalls.mean()), lower_bound(recalls, confidence)
        holding = holding and bound >= target
        nbytes, _ = engine.structure_bytes(candidate.first_stage, candidate.cascade.dims[0])
        found.append(
            Option(
                candidate.cascade,
                candidate.first_stage,
                recall=recall,
                recall_bound=bound,
                seconds_p50=took,
                bytes_per_vector=nbytes / engine.n,
                multiply_adds=multiply_adds,
                holds=holding,
            )
        )
        report(72 + 24 * (index + 1) // len(order), 100)
    chosen = _choose([option for option in found if option.holds], max_bytes)
    return chosen, tuple(sorted(found, key=lambda option: option.seconds_p50))


def _choose(holds: list[Option], max_bytes: float | None) -> Option:
    """The fastest within the limit, or of all where none is; of those as fast, the one of fewest bytes."""
    allowed = within(holds, max_bytes)
    quickest = min(option.seconds_p50 for option in allowed)
    return min(
        (option for option in allowed if option.seconds_p50 <= AS_FAST * quickest),
        key=lambda option: (option.bytes_per_vector, option.seconds_p50),
    )
