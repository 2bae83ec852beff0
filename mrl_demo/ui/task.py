"""Work that takes a while, in a thread of its own: how far it is, and how it ended; it can be told to stop.

The page asks `status` now and then; no request stays open meanwhile. Knows nothing of the work.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from mrl_demo.errors import MatryoshkaError

log = logging.getLogger(__name__)

Report = Callable[[int, int], None]  # (done, total)


class Stopped(MatryoshkaError):
    """Someone pressed Cancel."""


class Task:
    """`work(report)` in the background. `report(done, total)` is where it can be stopped, so work that may be
    stopped reports often. What it returns is `result`."""

    def __init__(self, what: str, work: Callable[[Report], Any]) -> None:
        """`what` is said to people: "Indexing"."""
        self.what = what
        self.result: Any = None
        self._state, self._text = "running", ""
        self._done = self._total = 0
        self._stop = threading.Event()
        self._work = work
        self._thread = threading.Thread(target=self._run, name=what, daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._state == "running"

    def stop(self) -> None:
        """Ask it to end; it does at its next report."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> None:
        """Until it has ended, or `seconds` have passed."""
        self._thread.join(seconds)

    def report(self, done: int, total: int) -> None:
        """How far it is. Raises Stopped, in the work's own thread, when it shall end."""
        self._done, self._total = done, total
        if self._stop.is_set():
            raise Stopped(f"{self.what} was stopped.")

    def status(self) -> dict[str, Any]:
        """`state` is running, done, failed or stopped; `text` says why it failed."""
        return {
            "what": self.what,
            "state": self._state,
            "done": self._done,
            "total": self._total,
            "text": self._text,
        }

    def _run(self) -> None:
        try:
            self.result = self._work(self.report)
            self._state = "done"
        except Stopped as error:
            self._text, self._state = str(error), "stopped"
        except (MatryoshkaError, ValueError) as error:
            self._text, self._state = str(error), "failed"
        except Exception:
            log.exception("%s failed", self.what)
            self._text = f"{self.what} failed on the server; its log says why."
            self._state = "failed"
