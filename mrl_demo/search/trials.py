"""Candidates at work on the real engine: what they find, and how long a single query takes.

Knows engine, sample and candidates; decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np
import numpy.typing as npt

from mrl_demo.search.candidates import SHARES, Candidate, shortlist, walk
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import FirstStage, GraphDtype, Hits, Keys
from mrl_demo.search.sample import Sample

BEAMS = (24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536)
_AT_ONCE = 250  # queries searched together
_WARM_UP = 2


def run(engine: Engine, sample: Sample, candidate: Candidate) -> tuple[npt.NDArray[np.float64], int]:
    """Every query of the sample by one candidate: recalls (q,), and multiply-adds a query.

    Queries that are rows of the collection take one place in every shortlist, which is made longer by it.
    """
    recalls, multiply_adds = [], 0
    for part, hits in _searches(engine, sample, candidate.cascade, candidate.first_stage):
        recalls.append(part.recalls(hits))
        multiply_adds += sum(stage.multiply_adds for stage in hits.stages)
    return np.concatenate(recalls), round(multiply_adds / len(sample))


def walks(
    engine: Engine,
    sample: Sample,
    dim: int,
    dtype: GraphDtype,
    prefix_ranks: Keys,
    allowed: float,
) -> list[Candidate]:
    """The graph at `dim`, built by now, with the narrowest beam for each share of the allowed misses.

    Args:
        prefix_ranks: (q, k) of the exact comparison at `dim`: no beam narrower than these ask for is tried.
    """
    full_dim, found = engine.full_dim, []
    shares = list(SHARES)
    least = shortlist(prefix_ranks, SHARES[0] * allowed)
    for beam in BEAMS:
        if beam <= sample.k or beam < least or beam >= engine.n:
            continue
        first_stage = FirstStage("hnsw", dtype, beam)
        cascade = Cascade.adaptive(dim, full_dim, beam)
        ranks = [
            part.ranks(hits.stages[0].keys) if dim < full_dim else _flat_ranks(part, hits)
            for part, hits in _searches(engine, sample, cascade, first_stage)
        ]
        places = np.concatenate(ranks)
        for share in tuple(shares):
            candidate = walk(first_stage, dim, full_dim, places, share * allowed)
            if candidate is not None:
                found.append(candidate)
                shares.remove(share)
        if not shares:
            break
    return found


def _flat_ranks(sample: Sample, hits: Hits) -> Keys:
    """Without a second stage only what was found can be told, not in which order the graph had it."""
    places = sample.ranks(hits.keys)
    return np.where(places < sample.k, 0, np.iinfo(np.int64).max - 1)


def median_seconds(
    engine: Engine,
    sample: Sample,
    candidates: Sequence[Candidate],
    runs: int,
    budget: float,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[float]:
    """Median wall time of one query by each candidate, in turns, so that a slow moment hits all alike.

    Args:
        runs: counted searches of each, another query every time.
        budget: seconds; when they are spent no further round is begun, after three at least.
    """
    taken: list[list[float]] = [[] for _ in candidates]
    started = perf_counter()
    for turn in range(-_WARM_UP, runs):
        if turn >= 3 and perf_counter() - started > budget:
            break
        query = sample.queries[turn % len(sample)]
        for candidate, times in zip(candidates, taken, strict=True):
            begun = perf_counter()
            engine.search(query, candidate.cascade, sample.k, candidate.first_stage)
            if turn >= 0:
                times.append(perf_counter() - begun)
        progress(turn + 1, runs)
    return [float(np.median(times)) for times in taken]


def _searches(
    engine: Engine, sample: Sample, cascade: Cascade, first_stage: FirstStage
) -> Iterator[tuple[Sample, Hits]]:
    longer = tuple(keep + sample.spare for keep in cascade.shortlists)
    cascade = Cascade(cascade.dims, longer)
    if first_stage.ef:
        first_stage = replace(first_stage, ef=first_stage.ef + sample.spare)
    for start in range(0, len(sample), _AT_ONCE):
        part = sample.part(start, start + _AT_ONCE)
        yield part, engine.search(part.queries, cascade, sample.k + sample.spare, first_stage)
