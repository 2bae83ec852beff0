"""How long single searches take. Runs what it is given; does not know what that is."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import TypeVar

import numpy as np

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class Latency:
    """Milliseconds a call: wall time's median and 95th percentile, and the median of CPU time, which a busy
    machine does not lengthen.
    """

    p50: float
    p95: float
    cpu_p50: float
    runs: int


def measure(
    contenders: Mapping[Name, Callable[[int], object]],
    runs: int = 100,
    warm_up: int = 5,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[Name, Latency]:
    """Time every contender `runs` times, in turns, so that a slow moment of the machine hits all alike.

    Args:
        contenders: each is called with the number of the run, to pick another query each time.
        runs: counted calls of each, at least 1.
        warm_up: calls before them that are not counted.
        progress: told (rounds done, rounds in all) between rounds; what it raises ends the timing.
    """
    if runs < 1:
        raise ValueError(f"runs must be at least 1, got {runs}")
    wall = {name: np.empty(runs) for name in contenders}
    cpu = {name: np.empty(runs) for name in contenders}
    for run in range(-warm_up, runs):
        for name, call in contenders.items():
            cpu_started, started = process_time(), perf_counter()
            call(run)
            took, cpu_took = perf_counter() - started, process_time() - cpu_started
            if run >= 0:
                wall[name][run], cpu[name][run] = took, cpu_took
        progress(run + warm_up + 1, runs + warm_up)
    return {
        name: Latency(
            p50=float(np.quantile(wall[name], 0.5)) * 1e3,
            p95=float(np.quantile(wall[name], 0.95)) * 1e3,
            cpu_p50=float(np.quantile(cpu[name], 0.5)) * 1e3,
            runs=runs,
        )
        for name in contenders
    }
