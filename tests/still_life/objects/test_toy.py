"""A die is a die: six sides, opposite ones add up to seven, whichever side is up."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from mrl_demo.still_life.objects.toy import die


@pytest.mark.parametrize("seed", range(6))
def test_opposite_sides_of_a_die_add_up_to_seven(seed: int) -> None:
    pips: Counter[tuple[int, ...]] = Counter()
    for part in die(np.random.default_rng(seed)):
        if part.role == "second":
            centre = (part.vertices.min(0) + part.vertices.max(0)) / 2 - [0, 0, 0.42]
            pips[tuple(int(x) for x in np.trunc(centre / 0.4))] += 1
    assert sorted(pips.values()) == [1, 2, 3, 4, 5, 6]
    for side, count in pips.items():
        assert count + pips[tuple(-x for x in side)] == 7
