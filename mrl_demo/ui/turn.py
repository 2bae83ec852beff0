"""One thing at a time on this server, whichever encoder's page it was asked on: who comes later waits, and
can be stopped meanwhile.

Knows nothing of what is done.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mrl_demo.ui.task import Report


class Turn:
    """A lock for which work waits that reports (`Task`)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @contextmanager
    def taken(self, report: Report) -> Iterator[None]:
        """Inside, nobody else has it. While it waits it reports (0, 0), where the work can be stopped."""
        while not self._lock.acquire(timeout=0.2):
            report(0, 0)
        try:
            yield
        finally:
            self._lock.release()


ENCODING = Turn()  # of visitors' pictures: it takes every core
TIMING = Turn()  # plans and scales: two at once would falsify each other's figures
