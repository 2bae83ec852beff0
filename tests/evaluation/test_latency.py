"""Timing: what is counted, and that contenders take turns."""

from __future__ import annotations

import time

import pytest

from mrl_demo.evaluation.latency import measure


def test_contenders_take_turns_and_the_warm_up_is_not_counted():
    calls = []
    found = measure({name: lambda run, name=name: calls.append((run, name)) for name in "ab"}, 3, 2)
    assert calls == [(run, name) for run in range(-2, 3) for name in "ab"]
    assert found["a"].runs == 3


def test_milliseconds_are_milliseconds_and_sleeping_costs_no_cpu():
    slow = measure({"nap": lambda run: time.sleep(0.004 if run < 9 else 0.03)}, 10, 0)["nap"]
    assert 4 <= slow.p50 < slow.p95
    assert slow.cpu_p50 < 2


def test_no_runs_no_measurement():
    with pytest.raises(ValueError, match="at least 1, got 0"):
        measure({}, 0)


def test_rounds_are_told_between_them():
    told = []
    measure({"a": lambda run: None}, 3, 2, lambda done, total: told.append((done, total)))
    assert told == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
