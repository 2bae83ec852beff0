"""What was measured at each size so far, and what is being measured now: one for all visitors of a page.

One measurement runs at a time, in the background, and none while something else is timed (`turn.py`); its
result stays for everyone. Knows collections and
measuring; nothing of Gradio or HTML.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mrl_demo.circumstances import circumstances
from mrl_demo.errors import QueryError
from mrl_demo.evaluation.free_memory import free_bytes
from mrl_demo.evaluation.scale import bytes_needed, measure_scale, ways
from mrl_demo.search.engine import Engine
from mrl_demo.search.simulated import simulate
from mrl_demo.ui.settings import whole_number
from mrl_demo.ui.task import Report, Task
from mrl_demo.ui.turn import TIMING

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection

SIZES = (10_000, 100_000, 1_000_000)
SEED = 0


class Scales:
    """The measurements of one collection at `sizes`. Safe to use from many threads."""

    def __init__(self, collection: Collection, sizes: Sequence[int] = SIZES) -> None:
        self.collection, self.sizes = collection, tuple(sizes)
        self._results: dict[int, dict[str, Any]] = {}
        self._task: Task | None = None
        self._size = 0
        self._phase = ""
        self._lock = threading.Lock()

    def ways(self, size: int) -> list[dict[str, str]]:
        """What is compared at `size`: name and how, before anything was measured."""
        pack = self.collection.pack
        return [{"name": way.name, "how": way.how} for way in ways(pack.full_dim, pack.nested_dims, size)]

    def measure(self, size: Any) -> None:
        """Begin to measure at `size`; nothing happens where that is done or under way.

        Raises:
            QueryError: another size than those offered, another measurement under way, or too little memory.
        """
        wanted = whole_number("size", size, None)
        if wanted not in self.sizes:
            offered = ", ".join(f"{each:,}" for each in self.sizes)
            raise QueryError(f"size must be one of {offered}, got {wanted:,}")
        with self._lock:
            if wanted in self._results:
                return
            if self._task is not None and self._task.running:
                if self._size == wanted:
                    return
                raise QueryError(f"{self._size:,} vectors are being measured: wait for it, or stop it.")
            self._check_memory(wanted)
            self._size, self._phase = wanted, "Starting"
            self._task = Task(f"Measuring {wanted:,} vectors", lambda report: self._in_turn(wanted, report))

    def stop(self) -> None:
        """End what is under way, as soon as it looks up."""
        if self._task is not None:
            self._task.stop()

    def wait(self, seconds: float | None = None) -> None:
        """Until nothing is under way, or `seconds` have passed."""
        if self._task is not None:
            self._task.wait(seconds)

    def result(self, size: int) -> dict[str, Any] | None:
        """What was measured at `size`; None where nothing was."""
        return self._results.get(size)

    @property
    def measured(self) -> list[int]:
        """The sizes that were measured, growing."""
        return sorted(self._results)

    def status(self) -> dict[str, Any]:
        """`task` (None before the first; else as `Task.status`, with `size` and `phase`) and `measured`."""
        task = self._task
        told = None if task is None else {**task.status(), "size": self._size, "phase": self._phase}
        return {"task": told, "measured": self.measured}

    def _check_memory(self, size: int) -> None:
        pack = self.collection.pack
        needed, free = bytes_needed(pack.full_dim, pack.nested_dims, size), free_bytes()
        if free is not None and needed > free:
            raise QueryError(
                f"Measuring {size:,} vectors takes about {needed / 1e9:.1f} GB of memory, and "
                f"{free / 1e9:.1f} GB are free on this machine: choose fewer."
            )

    def _in_turn(self, size: int, report: Report) -> None:
        def waiting(done: int, total: int) -> None:
            self._phase = "Waiting until another measurement on this server is done"
            report(done, total)

        with TIMING.taken(waiting):
            self._check_memory(size)  # what was timed meanwhile may have left less
            self._work(size, report)

    def _work(self, size: int, report: Report) -> None:
        def phase(what: str, done: int, total: int) -> None:
            self._phase = what
            report(done, total)

        load = _load()
        phase("Drawing simulated vectors", 0, size)
        made = simulate(
            self.collection.engine,
            size,
            SEED,
            lambda done, total: phase("Drawing simulated vectors", done, total),
        )
        engine = Engine(made.vectors, self.collection.nested_dims)
        # One core is left to those who use the page meanwhile.
        threads = max(1, (os.cpu_count() or 1) - 1)
        measured = measure_scale(engine, made.queries, phase, threads)
        self._results[size] = {
            "size": size,
            "own": made.own,
            "simulated": made.simulated,
            "full_dim": engine.full_dim,
            "data": self.collection.name,
            "seed": SEED,
            "load_before": load,
            "build_threads": threads,
            **measured,
            **circumstances(),
        }


def _load() -> float | None:
    """How many threads wanted a core in the last minute; None where the system does not say."""
    try:
        return round(os.getloadavg()[0], 2)
    except (AttributeError, OSError):
        return None
