"""What a cascade keeps and costs, held against searches one by one."""

from __future__ import annotations

import numpy as np
import pytest

from mrl_demo.errors import QueryError
from mrl_demo.evaluation.effect import FEWEST, affordable, effect
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import FirstStage
from mrl_demo.search.sample import Sample, answer, draw

FULL = 64
N = 400


@pytest.fixture(scope="module")
def engine() -> Engine:
    rng = np.random.default_rng(3)
    return Engine((rng.standard_normal((N, FULL)) / np.sqrt(np.arange(1, FULL + 1))).astype(np.float32))


@pytest.fixture(scope="module")
def sample(engine: Engine) -> Sample:
    return answer(engine, *draw(engine, 60, 0), k=5)


def test_the_exact_search_keeps_everything(engine: Engine, sample: Sample) -> None:
    got = effect(engine, sample, Cascade.flat(FULL), FirstStage("exact"))
    assert got.recall == 1 and got.still_in == (1.0,) and got.questions == 60
    assert got.multiply_adds == N * FULL and got.bytes_touched == N * (4 * FULL + 4)
    assert got.seconds_p50 > 0 and got.exact_seconds_p50 > 0


@pytest.mark.parametrize("kind", ["exact", "signs", "hnsw"])
def test_recall_is_that_of_searches_one_by_one(engine: Engine, sample: Sample, kind: str) -> None:
    cascade = Cascade.funnel((8, 24, 64), (30, 10))
    first = FirstStage(kind)  # type: ignore[arg-type]
    got = effect(engine, sample, cascade, first)
    found = []
    for query, own, truth in zip(sample.queries, sample.own, sample.truth, strict=True):
        hits = engine.search(query, Cascade(cascade.dims, (31, 11)), 6, first)
        found.append(len((set(hits.keys.tolist()) - {int(own)}) & set(truth.tolist())) / 5)
    assert got.recall == pytest.approx(np.mean(found), abs=0.004)
    assert got.still_in[-1] == pytest.approx(got.recall, abs=0.004)


def test_each_stage_loses_but_never_wins_back(engine: Engine, sample: Sample) -> None:
    got = effect(engine, sample, Cascade.funnel((4, 16, 64), (20, 6)), FirstStage("exact"))
    assert 1 > got.still_in[0] > got.still_in[1] >= got.still_in[2] > 0


def test_costs_are_the_cascade_s_own(engine: Engine, sample: Sample) -> None:
    cascade = Cascade.funnel((8, 24, 64), (30, 10))
    got = effect(engine, sample, cascade, FirstStage("exact"))
    assert got.multiply_adds == cascade.multiply_adds(N)
    assert got.bytes_per_vector == engine.structure_bytes("exact", 8)[0] / N >= 4 * 8 + 4
    signs = effect(engine, sample, cascade, FirstStage("signs"))
    assert signs.multiply_adds == cascade.multiply_adds(N) - N * 8 and signs.bytes_per_vector == 8


def test_long_shortlists_are_measured_by_fewer_questions(engine: Engine) -> None:
    assert affordable(engine, Cascade.flat(FULL), 200) == 200
    big = Cascade.adaptive(8, FULL, 400)
    assert affordable(engine, big, 10_000) == 150_000_000 // (400 * FULL)
    assert affordable(engine, big, 20) == 20
    assert affordable(engine, big, 10**9) >= FEWEST


def test_a_shortlist_below_k_is_refused(engine: Engine, sample: Sample) -> None:
    with pytest.raises(QueryError, match="must not exceed the last shortlist"):
        effect(engine, sample, Cascade.adaptive(8, FULL, 3), FirstStage("exact"))
