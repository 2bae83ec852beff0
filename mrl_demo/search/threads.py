"""The few threads that scans share, for as long as the process lives. Knows no vectors.

NumPy's loops release the interpreter's lock, so that Python threads do run side by side; a BLAS that brings
threads of its own waits for them by spinning, which on a busy machine takes a hundred times as long.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

Found = TypeVar("Found")
CORES = min(4, os.cpu_count() or 1)  # more gain nothing: memory is what a scan waits for


def share(work: Callable[[int], Found], parts: int) -> list[Found]:
    """`work(0)` to `work(parts - 1)`, side by side, in that order. The caller does the first itself; `work`
    must not share in turn."""
    others = [_pool().submit(work, part) for part in range(1, parts)]
    return [work(0), *(other.result() for other in others)]


def cuts(n: int, parts: int, unit: int = 1) -> list[int]:
    """Where to cut `n` items into `parts`, at multiples of `unit`: [0, ..., n]."""
    units = -(-n // unit)
    return [min(n, unit * (units * part // parts)) for part in range(parts + 1)]


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(CORES, thread_name_prefix="scan")
