"""Where answers fell: against sorting everything by hand, in every kind of cascade."""

from __future__ import annotations

import numpy as np
import pytest

from mrl_demo.prefix import truncate
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.falls import falls, standings

DIMS = (4, 8, 40, 128)


def ordered(vectors, query, dim, signs=False):
    """All keys by score at `dim`, best first, equal ones by key."""
    if signs:
        bits = [np.where(x[..., :dim] > 0, 1, -1) for x in (vectors, query)]
        return np.argsort(-(bits[0] @ bits[1]), kind="stable")
    cosines = truncate(vectors.astype(np.float64), dim) @ truncate(query.astype(np.float64), dim)
    return np.argsort(-cosines, kind="stable")


@pytest.mark.parametrize("compared", ["prefix", "signs"])
@pytest.mark.parametrize("filtered", [False, True])
def test_standings_are_those_of_a_full_sort(engine, vectors, queries, compared, filtered):
    where = np.arange(len(vectors)) % 3 == 0 if filtered else None
    keys = [3, 600, 1500, 1998]
    found = standings(engine, queries[0], keys, DIMS, compared, where)
    for dim in DIMS:
        order = ordered(vectors, queries[0], dim, compared == "signs")
        order = order if where is None else order[where[order]]
        assert found[dim].tolist() == [int(np.flatnonzero(order == key)[0]) + 1 for key in keys]


def test_an_answer_beyond_k_of_a_flat_search_is_told_with_its_rank(engine, vectors, queries):
    cascade = Cascade.flat(8)
    for query in queries[:10]:
        truth = engine.search(query, Cascade.flat(128), 10).keys
        hits = engine.search(query, cascade, 10)
        order = ordered(vectors, query, 8).tolist()
        fallen = falls(engine, query, hits, truth, standings(engine, query, truth, (8,))[8])
        assert [fall.key for fall in fallen] == [key for key in truth.tolist() if key not in hits.keys]
        for fall in fallen:
            assert fall.stage == 0 and not fall.overlooked
            assert fall.rank == order.index(fall.key) + 1 > 10


def test_a_funnel_tells_at_which_stage(engine, vectors, queries):
    cascade = Cascade.funnel((4, 8, 128), (40, 12))
    stages = set()
    for query in queries:
        truth = engine.search(query, Cascade.flat(128), 10).keys
        hits = engine.search(query, cascade, 10)
        for fall in falls(engine, query, hits, truth, standings(engine, query, truth, (4,))[4]):
            stages.add(fall.stage)
            stage = hits.stages[fall.stage]
            among = ordered(vectors, query, stage.dim).tolist()
            if fall.stage:
                passed = set(hits.stages[fall.stage - 1].keys.tolist())
                among = [key for key in among if key in passed]
            assert fall.rank == among.index(fall.key) + 1 > stage.kept
    assert stages == {0, 1}


def test_sign_bits_rank_by_agreement(engine, vectors, queries):
    query = queries[3]
    truth = engine.search(query, Cascade.flat(128), 10).keys
    hits = engine.search(query, Cascade.adaptive(40, 128, 20), 10, "signs")
    order = ordered(vectors, query, 40, signs=True).tolist()
    fallen = falls(engine, query, hits, truth, standings(engine, query, truth, (40,), "signs")[40])
    assert fallen and all(fall.rank == order.index(fall.key) + 1 > 20 for fall in fallen)


def test_what_an_approximate_stage_did_not_see_is_overlooked(engine, queries):
    truth = engine.search(queries[0], Cascade.flat(128), 3).keys
    hits = engine.search(queries[0], Cascade.flat(128), 10, "hnsw")
    without = hits.stages[0].keys[hits.stages[0].keys != truth[0]]
    blind = type(hits)(
        without, hits.scores[1:], (type(hits.stages[0])(**{**vars(hits.stages[0]), "keys": without}),)
    )
    (fall,) = falls(engine, queries[0], blind, truth[:1], [1])
    assert fall.overlooked and fall.rank == 1


def test_nothing_falls_where_everything_is_kept(engine, queries):
    truth = engine.search(queries[0], Cascade.flat(128), 10)
    assert falls(engine, queries[0], truth, truth.keys, range(1, 11)) == []
