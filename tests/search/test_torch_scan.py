"""The torch scan and re-rank against their NumPy siblings, on torch's CPU device."""

from __future__ import annotations

import numpy as np
import pytest

from mrl_demo.errors import QueryError
from mrl_demo.search import torch_scan
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import FIRST_STAGES
from mrl_demo.search.vectors import Vectors
from tests.search.conftest import NESTED


@pytest.fixture(scope="module")
def on_device(vectors):
    return Engine(vectors, NESTED, device="cpu")


def same(one, other):
    np.testing.assert_array_equal(one.keys, other.keys)
    np.testing.assert_allclose(one.scores, other.scores, atol=2e-6)


@pytest.mark.parametrize("first_stage", FIRST_STAGES)
@pytest.mark.parametrize("cascade", [Cascade.flat(20), Cascade.funnel((16, 64, 128), (200, 50))])
def test_a_search_finds_the_same(engine, on_device, queries, first_stage, cascade):
    where = np.arange(2000) % 3 > 0
    for asked in (queries, queries[0]):
        for mask in (None, where):
            one, other = (e.search(asked, cascade, 10, first_stage, mask) for e in (engine, on_device))
            same(one, other)


def test_all_nested_dims_in_one_pass_block_by_block(monkeypatch, engine, on_device, queries):
    monkeypatch.setattr(torch_scan, "_STEP", 300)
    for one, other in zip(
        engine.rank_at(queries, NESTED, 10), on_device.rank_at(queries, NESTED, 10), strict=True
    ):
        same(one, other)


def test_equal_items_come_in_order_of_key(monkeypatch, vectors):
    monkeypatch.setattr(torch_scan, "_STEP", 300)
    alike = vectors.copy()
    alike[1000:1100] = alike[17]  # more than there are spare candidates
    hits = Engine(alike, device="cpu").search(alike[17], Cascade.flat(64), 10)
    assert hits.keys.tolist() == [17, *range(1000, 1009)]


@pytest.mark.parametrize("few", [1, 6, 20, 25])
def test_where_few_are_allowed_no_other_is_found(monkeypatch, engine, on_device, queries, few):
    monkeypatch.setattr(torch_scan, "_STEP", 300)
    where = np.zeros(2000, bool)
    where[np.random.default_rng(3).choice(2000, few, replace=False)] = True
    one, other = (e.search(queries, Cascade.flat(64), 5, where=where) for e in (engine, on_device))
    same(one, other)
    assert where[other.keys].all()


def test_float16_stays_float16(vectors, queries):
    halves = Vectors.of(vectors, "f16")
    engine = Engine(halves, device="cpu")
    assert engine.scan.nbytes == vectors.size * 2
    same(Engine(halves).search(queries, Cascade.flat(64), 10), engine.search(queries, Cascade.flat(64), 10))


def test_a_device_that_is_not_there_is_refused(vectors):
    with pytest.raises(QueryError, match="device 'nowhere'"):
        Engine(vectors, device="nowhere")
