"""What a cascade keeps and costs: measured over a sample of questions, and against the exact search in turns.

Knows an engine and questions with their exact answers (`search.sample`); neither pages nor plans.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import FirstStage, Hits
from mrl_demo.search.sample import Sample

TIMED = 30  # single searches
SECONDS = 0.25  # no further turn is begun when timing has taken so long, after FEWEST_TIMED
FEWEST_TIMED = 7
# Multiply-adds of re-ranking that all questions together may take, so that long shortlists, too, are
# measured in well under a second; then by fewer questions, but never by fewer than FEWEST.
AFFORDABLE = 150_000_000
FEWEST = 40


@dataclass(frozen=True)
class Effect:
    """What was measured of one way to search.

    Attributes:
        recall: mean recall@k over the questions; an item as good as an exact answer counts, too.
        still_in: the mean share of the exact answers themselves that each stage kept.
        multiply_adds, bytes_touched: of one query, on average; see `Stage`.
        bytes_per_vector: what the first stage keeps beside the matrix.
        seconds_p50, exact_seconds_p50: median wall time of one query, and of the exact search at full_dim,
            in turns, so that a slow moment hits both alike.
        questions: how many were asked.
    """

    recall: float
    still_in: tuple[float, ...]
    multiply_adds: int
    bytes_touched: int
    bytes_per_vector: float
    seconds_p50: float
    exact_seconds_p50: float
    questions: int


def effect(engine: Engine, sample: Sample, cascade: Cascade, first_stage: FirstStage) -> Effect:
    """Measure one way to search. Questions that are rows of the collection take one place in every shortlist,
    which is made longer by it for recall; costs and times are of the cascade as it is.

    Raises:
        QueryError: a cascade that cannot be searched with the sample's k.
    """
    asked = sample.part(0, affordable(engine, cascade, len(sample)))
    spare = asked.spare
    longer = Cascade(cascade.dims, tuple(keep + spare for keep in cascade.shortlists))
    hits = engine.search(asked.queries, longer, asked.k + spare, first_stage)
    recalls = asked.recalls(hits)
    costs, seconds, exact_seconds = _in_turns(engine, asked, cascade, first_stage)
    nbytes, _ = engine.structure_bytes(first_stage, cascade.dims[0])
    return Effect(
        recall=float(recalls.mean()),
        still_in=_still_in(asked, hits),
        multiply_adds=round(float(np.mean([cost[0] for cost in costs]))),
        bytes_touched=round(float(np.mean([cost[1] for cost in costs]))),
        bytes_per_vector=nbytes / engine.n,
        seconds_p50=seconds,
        exact_seconds_p50=exact_seconds,
        questions=len(asked),
    )


def affordable(engine: Engine, cascade: Cascade, most: int) -> int:
    """How many questions of `most` such a cascade is measured with."""
    reranked = cascade.multiply_adds(engine.n) - engine.n * cascade.dims[0]
    return min(most, max(FEWEST, AFFORDABLE // max(reranked, 1)))


def _still_in(sample: Sample, hits: Hits) -> tuple[float, ...]:
    shares = []
    for stage in hits.stages:
        most = sample.k if stage is hits.stages[-1] else stage.kept
        shares.append(float((sample.ranks(stage.keys) < most).mean()))
    return tuple(shares)


def _in_turns(
    engine: Engine, sample: Sample, cascade: Cascade, first_stage: FirstStage
) -> tuple[list[tuple[int, int]], float, float]:
    """What single queries cost, and the two medians in seconds."""
    exact = Cascade.flat(engine.full_dim)
    costs: list[tuple[int, int]] = []
    times: list[tuple[float, float]] = []
    started = perf_counter()
    for turn in range(-1, TIMED):
        if turn >= FEWEST_TIMED and perf_counter() - started > SECONDS:
            break
        query = sample.queries[turn % len(sample)]
        begun = perf_counter()
        hits = engine.search(query, cascade, sample.k, first_stage)
        between = perf_counter()
        engine.search(query, exact, sample.k)
        if turn >= 0:  # the first turn pays for cold caches
            times.append((between - begun, perf_counter() - between))
            adds = sum(stage.multiply_adds for stage in hits.stages)
            costs.append((adds, sum(stage.bytes_touched for stage in hits.stages)))
    own, other = np.median(times, axis=0)
    return costs, float(own), float(other)
