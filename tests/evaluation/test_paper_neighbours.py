"""Retrieval of many cascades at once, against plain definitions."""

from __future__ import annotations

import numpy as np
import pytest

from mrl_demo.evaluation import paper_neighbours
from mrl_demo.evaluation.metrics import map_at_k
from mrl_demo.evaluation.paper_neighbours import prefix_scores, retrieve
from mrl_demo.prefix import truncate
from mrl_demo.search.cascade import Cascade
from tests.evaluation.made_runs import data, run

DIMS = (4, 8, 32)


def plain(dim: int) -> np.ndarray:
    """The ten nearest by cosine, one query after the other."""
    made = run()
    database, queries = truncate(made.train, dim), truncate(made.held_out, dim)
    return np.array([np.argsort(-(database @ query), kind="stable")[:10] for query in queries])


def found(*cascades: Cascade, oracles: tuple[int, ...] = ()) -> paper_neighbours.Retrieved:
    made, of = run(), data()
    return retrieve(made.train, of.train, made.held_out, of.held_out, cascades, oracles)


@pytest.mark.parametrize("at_once", [2**26, 500])
def test_flat_is_the_plain_ranking_at_every_dim(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper_neighbours, "_SCORES_AT_ONCE", at_once)
    of = data()
    got = found(*(Cascade.flat(dim) for dim in DIMS))
    for dim in DIMS:
        relevant = of.train[plain(dim)] == of.held_out[:, None]
        assert np.array_equal(got.nearest[dim], relevant[:, 0])
        assert np.allclose(got.precision[Cascade.flat(dim)], map_at_k(relevant))


def test_scores_order_as_cosines_and_an_empty_prefix_scores_nothing() -> None:
    made = run()
    database = made.train.copy()
    database[5, :8] = 0
    (scores,) = prefix_scores(database, made.held_out, (8, 32))
    lengths = np.linalg.norm(made.held_out[:, :8], axis=1, keepdims=True)
    cosines = truncate(made.held_out, 8) @ truncate(database, 8).T
    assert np.allclose(scores[8] / lengths, cosines, atol=1e-5)
    assert (scores[8][:, 5] == 0).all() and np.isfinite(scores[32]).all()


def test_a_shortlist_of_everything_is_flat_at_the_last_dim() -> None:
    whole = Cascade.adaptive(4, 32, shortlist=len(data().train))
    funnel = Cascade.funnel((4, 8, 32), (120, 120))
    got = found(Cascade.flat(32), whole, funnel)
    assert np.array_equal(got.precision[whole], got.precision[Cascade.flat(32)])
    assert np.array_equal(got.precision[funnel], got.precision[Cascade.flat(32)])


def test_a_shortlist_is_ranked_again_by_the_second_dim_alone() -> None:
    made, of = run(), data()
    ten = plain(8)  # as many pass as are asked for: the same ten in another order
    scores = np.einsum("qd,qkd->qk", truncate(made.held_out, 32), truncate(made.train, 32)[ten])
    order = np.take_along_axis(ten, np.argsort(-scores, axis=1), axis=1)
    again = Cascade.adaptive(8, 32, shortlist=10)
    assert np.allclose(found(again).precision[again], map_at_k(of.train[order] == of.held_out[:, None]))


def test_no_order_of_a_shortlist_beats_the_oracle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper_neighbours, "SHORTLIST", 20)
    cascades = [Cascade.flat(4), *(Cascade.adaptive(4, dim, 20) for dim in (8, 32))]
    got = found(*cascades, oracles=(4,))
    for cascade in cascades:
        assert (got.precision[cascade] <= got.oracle[4] + 1e-12).all()
    assert got.oracle[4].mean() < 1  # 20 of 120 do not hold all that is relevant


def test_too_little_to_find_is_refused() -> None:
    few = np.ones((9, 4), np.float32)
    with pytest.raises(ValueError, match="at least 10"):
        retrieve(few, np.zeros(9, int), few, np.zeros(9, int), [Cascade.flat(4)])
    with pytest.raises(ValueError, match="at least 10"):
        found(Cascade.adaptive(4, 32, shortlist=5))
