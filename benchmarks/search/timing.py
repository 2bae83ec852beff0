"""Timing, interleaved: in every round each candidate answers a few queries of its own, in random order.

What else the machine does then falls on all of them alike. A turn begins with queries that are not timed:
what the candidate before has pushed out of the caches comes back, as on a server of one engine. Wall and CPU
time stand side by side; CPU time is that of all threads of the process. Knows candidates as functions only.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Candidate:
    """Something to time.

    Attributes:
        prepare: sets the parameter; not timed.
        call: answers the query, or batch, of that number.
        slow: takes tens of milliseconds: one query a turn, and in every `SLOW_EVERY`-th round only.
    """

    prepare: Callable[[], None]
    call: Callable[[int], object]
    slow: bool = False


SLOW_EVERY = 2


@contextmanager
def cores(count: int) -> Iterator[None]:
    """Every thread of this process on `count` cores; BLAS and OpenMP with as many threads."""
    from threadpoolctl import threadpool_limits  # of requirements-bench.txt

    allowed = os.sched_getaffinity(0)
    _pin(set(sorted(allowed)[-count:]))
    try:
        with threadpool_limits(limits=count):
            yield
    finally:
        _pin(allowed)


def _pin(allowed: set[int]) -> None:
    for thread in os.listdir("/proc/self/task"):
        try:
            os.sched_setaffinity(int(thread), allowed)
        except ProcessLookupError:  # it has ended meanwhile
            continue


@dataclass(frozen=True)
class Times:
    """Seconds of each call: wall and CPU."""

    wall: tuple[float, ...]
    cpu: tuple[float, ...]

    def wall_ms(self, percentile: float) -> float:
        return round(1e3 * float(np.percentile(self.wall, percentile)), 4)

    def cpu_ms(self) -> float:
        """The median."""
        return round(1e3 * float(np.median(self.cpu)), 4)


def interleaved(
    candidates: Sequence[Candidate], rounds: int, calls: int, burst: int = 1, warm: int = 0, seed: int = 0
) -> list[Times]:
    """Time every candidate over `rounds` rounds, in the order given.

    Args:
        calls: how many different queries (or batches) there are; each candidate goes through them in a
            random order of its own.
        burst: how many queries a candidate answers in its turn, timed one by one.
        warm: how many more it answers before, not timed.
    """
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(calls) for _ in candidates]
    wall: list[list[float]] = [[] for _ in candidates]
    cpu: list[list[float]] = [[] for _ in candidates]
    for each in candidates:
        each.prepare()
        each.call(0)
    for turn in range(rounds):
        for which in rng.permutation(len(candidates)):
            each = candidates[which]
            if each.slow and turn % SLOW_EVERY:
                continue
            each.prepare()
            untimed, timed = (0, 1) if each.slow else (warm, burst)
            for step in range(untimed + timed):
                number = int(orders[which][(turn * (untimed + timed) + step) % calls])
                started, used = time.perf_counter(), time.process_time()
                each.call(number)
                if step >= untimed:
                    cpu[which].append(time.process_time() - used)
                    wall[which].append(time.perf_counter() - started)
    return [Times(tuple(w), tuple(c)) for w, c in zip(wall, cpu, strict=True)]
