"""The bound: it covers the mean as often as it says, it is close, and it does not guess."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrl_demo.search.confidence import lower_bound


@pytest.mark.parametrize("size", [30, 300])
@pytest.mark.parametrize(
    ("values", "chances"),
    [
        ((1.0, 0.9, 0.8), (0.95, 0.04, 0.01)),  # what recall looks like
        ((1.0, 0.0), (0.98, 0.02)),  # all or nothing: what a normal approximation gets wrong
        ((1.0, 0.5, 0.0), (0.3, 0.4, 0.3)),
    ],
)
def test_the_mean_lies_below_the_bound_no_more_often_than_promised(size, values, chances):
    rng = np.random.default_rng(0)
    mean = float(np.dot(values, chances))
    wrong = sum(lower_bound(rng.choice(values, size, p=chances), 0.9) > mean for _ in range(600))
    assert wrong / 600 <= 0.1 + 2 * (0.1 * 0.9 / 600) ** 0.5


def test_the_bound_is_close_where_recall_is_high():
    recalls = np.random.default_rng(0).permutation(np.repeat([1.0, 0.9], [950, 50]))
    assert recalls.mean() - 0.004 < lower_bound(recalls, 0.95) < recalls.mean()


def test_a_thousand_perfect_answers_do_not_prove_perfection():
    assert 0.996 < lower_bound(np.ones(1000), 0.95) < 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.floats(0.5, 0.99))
def test_the_bound_never_exceeds_the_mean_and_is_the_same_each_time(numbers, confidence):
    bound = lower_bound(numbers, confidence)
    assert 0 <= bound <= np.mean(numbers)
    assert lower_bound(numbers, confidence) == bound


def test_more_confidence_and_fewer_numbers_give_a_lower_bound():
    recalls = np.random.default_rng(1).permutation(np.repeat([1.0, 0.8], [900, 100]))
    bounds = [lower_bound(recalls, confidence) for confidence in (0.8, 0.95, 0.999)]
    assert bounds == sorted(bounds, reverse=True)
    assert lower_bound(recalls[:200], 0.95) < lower_bound(recalls, 0.95)


def test_no_numbers_say_nothing():
    assert lower_bound([]) == 0


@pytest.mark.parametrize("numbers", [[1.1], [-0.1], [np.nan], [[0.5]]])
def test_what_is_no_recall_is_refused(numbers):
    with pytest.raises(ValueError, match="from 0 to 1"):
        lower_bound(numbers)


@pytest.mark.parametrize("confidence", [0, 1, 95, "0.95", True])
def test_a_confidence_that_is_no_share_is_refused(confidence):
    with pytest.raises(ValueError, match="between 0 and 1"):
        lower_bound([1.0], confidence)
