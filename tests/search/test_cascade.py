"""A cascade is a value: what it refuses, what it costs, how it reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrl_demo.search.cascade import Cascade

NESTED = (8, 16, 32, 64, 128, 256, 512)


def test_the_three_modes_are_one_two_and_more_stages():
    assert Cascade.flat(64) == Cascade((64,))
    assert Cascade.adaptive(16, 512, shortlist=200) == Cascade((16, 512), (200,))
    funnel = Cascade.funnel([16, 64, 512], shortlists=[400, 50])
    assert [c.kind for c in (Cascade.flat(64), Cascade.adaptive(16, 512), funnel)] == [
        "flat",
        "adaptive",
        "funnel",
    ]


def test_adaptive_at_the_dim_it_reranks_at_is_flat():
    assert Cascade.adaptive(512, 512) == Cascade.flat(512)


def test_halving_climbs_the_nested_dims_and_halves_to_no_less_than_at_least():
    assert Cascade.halving(16, NESTED, 200, at_least=20) == Cascade(
        (16, 32, 64, 128, 256, 512), (200, 100, 50, 25, 20)
    )
    assert Cascade.halving(12, NESTED, 40).dims == (12, 16, 32, 64, 128, 256, 512)
    assert Cascade.halving(512, NESTED) == Cascade.flat(512)


def test_multiply_adds_by_hand():
    assert Cascade.flat(512).multiply_adds(1000) == 512_000
    assert Cascade.funnel((16, 64, 512), (400, 50)).multiply_adds(1000) == 16_000 + 400 * 64 + 50 * 512
    assert Cascade.adaptive(16, 512, 200).multiply_adds(100) == 1600 + 100 * 512  # clipped to the collection


@given(st.sets(st.integers(1, 512), min_size=1, max_size=6), st.data())
def test_it_reads_with_every_dim_and_shortlist(dims, data):
    sizes = st.lists(st.integers(1, 999), min_size=len(dims) - 1, max_size=len(dims) - 1)
    shortlists = sorted(data.draw(sizes), reverse=True)
    cascade = Cascade.funnel(sorted(dims), shortlists)
    words = str(cascade).split(" → ")
    assert words[::2] == [str(dim) for dim in sorted(dims)]
    assert words[1::2] == [f"({size})" for size in shortlists]


@pytest.mark.parametrize(
    ("dims", "shortlists", "said"),
    [
        ((), (), "at least one dim"),
        ((0,), (), "from 1, got 0"),
        ((True,), (), "whole numbers"),
        ((16.0,), (), "whole numbers"),
        ("16", (), "sequence"),
        (16, (), "sequence"),
        ((16, 16), (10,), "grow at each stage"),
        ((64, 16), (10,), "grow at each stage"),
        ((16, 64), (), "needs 1 shortlists, got 0"),
        ((16, 64, 512), (50, 400), "must not grow"),
        ((16, 64), (0,), "from 1, got 0"),
    ],
)
def test_what_makes_no_sense_is_refused_in_plain_words(dims, shortlists, said):
    with pytest.raises(ValueError, match=said):
        Cascade(dims, shortlists)
