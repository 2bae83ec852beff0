"""The best k without sorting everything, against sorting everything."""

from __future__ import annotations

import numpy as np
import pytest

from mrl_demo.search.top_k import largest, ranked


@pytest.mark.parametrize("n", [1, 10, 7_999, 8_000, 20_011])
@pytest.mark.parametrize("keep", [1, 10, 500])
def test_the_largest_are_those_a_sort_finds(n, keep):
    keep = min(keep, n)
    scores = np.random.default_rng(n).standard_normal((3, n), dtype=np.float32)
    found = np.take_along_axis(scores, largest(scores, keep), axis=1)
    np.testing.assert_array_equal(np.sort(found, axis=1), np.sort(scores, axis=1)[:, n - keep :])


def test_ranked_is_best_first_and_equal_scores_are_by_key():
    keys = np.array([[7, 3, 5, 1]])
    scores = np.array([[0.5, 1.0, 0.5, -0.0]], np.float32)
    for rows in (1, 2):
        best, values = ranked(np.repeat(keys, rows, 0), np.repeat(scores, rows, 0), 3)
        assert best.tolist() == [[3, 5, 7]] * rows
        assert values.tolist() == [[1.0, 0.5, 0.5]] * rows
