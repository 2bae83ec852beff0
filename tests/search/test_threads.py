"""Work shared among threads: cut without gaps, given back in order."""

from __future__ import annotations

import threading

import pytest

from mrl_demo.search.threads import cuts, share


@pytest.mark.parametrize(
    ("n", "parts", "unit"), [(10, 3, 1), (1000, 4, 128), (5, 4, 128), (1, 1, 1), (256, 2, 128)]
)
def test_cuts_leave_no_gap_and_fall_on_whole_units(n, parts, unit):
    edges = cuts(n, parts, unit)
    assert len(edges) == parts + 1 and edges[0] == 0 and edges[-1] == n
    assert edges == sorted(edges) and all(edge % unit == 0 for edge in edges[:-1] if edge < n)


def test_parts_come_back_in_order_and_the_caller_does_the_first():
    assert share(lambda part: (part, threading.current_thread() is threading.main_thread()), 3) == [
        (0, True),
        (1, False),
        (2, False),
    ]


def test_an_error_in_any_part_is_raised():
    with pytest.raises(ZeroDivisionError):
        share(lambda part: 1 // (1 - part), 2)
