"""Visitors' own images, of all of them: each known by a token nobody can guess, and gone when its visitor is.

Whoever has the token sees its pictures, nobody else does. A visit lives in a folder of its own, which is
deleted when the visitor says so, when the page is closed, an hour after it was last used, or with the
process; what a killed process left, the next one deletes. What a visit can do is `visit.py`'s.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from mrl_demo.errors import QueryError
from mrl_demo.ui.visit import MOST_BYTES_OF_ALL, Visit
from mrl_demo.ui.visit_folder import VisitFolder

MOST_VISITS = 64  # with pictures, at a time; the one that was idle longest makes room
MOST_LOOKERS = 4_096  # who opened the page and brought nothing; they cost next to nothing
IDLE = 3600.0  # seconds until a visit that nobody uses is forgotten


class Visits:
    """All visits of this process, by token. Safe to use from many threads."""

    def __init__(self) -> None:
        self._visits: dict[str, Visit] = {}
        self._lock = threading.Lock()
        self._root: VisitFolder | None = None  # made when it is first needed
        self._sweeper: threading.Thread | None = None

    def __len__(self) -> int:
        return len(self._visits)

    def open(self) -> Visit:
        """A new visit; nothing is written for it until something is brought."""
        with self._lock:
            if self._root is None:
                self._root = VisitFolder()
            visit = Visit(self._root.path, self.room)
            self._visits[visit.token] = visit
            if self._sweeper is None or not self._sweeper.is_alive():
                self._sweeper = threading.Thread(target=self._sweep_on, name="forget-visits", daemon=True)
                self._sweeper.start()
        self.sweep()
        return visit

    def end(self) -> None:
        """Delete what all visits brought: the process ends. Takes no lock, since a signal may call it."""
        if self._root is not None:
            self._root.delete()

    def get(self, token: Any) -> Visit:
        """The visit with this token. QueryError when it is over, or never was."""
        visit = self._visits.get(token) if isinstance(token, str) else None
        if visit is None:
            raise QueryError("Your images are no longer on the server: they were removed, or left for long.")
        visit.used = time.monotonic()
        return visit

    def remove(self, token: Any) -> None:
        """End a visit and delete what it brought; nothing happens when it is over already."""
        with self._lock:
            visit = self._visits.pop(token, None) if isinstance(token, str) else None
        if visit is not None:
            visit.forget()

    def room(self) -> int:
        """How many bytes may still be brought, by all visitors together."""
        return MOST_BYTES_OF_ALL - sum(visit.nbytes for visit in list(self._visits.values()))

    def sweep(self) -> None:
        """End the visits that were idle too long, and the idlest where there are too many. Those that only
        looked are counted apart: they push nobody's pictures out."""
        now = time.monotonic()
        with self._lock:
            visits = sorted(self._visits.values(), key=lambda visit: visit.used)
        for visit in visits:
            if visit.busy:
                visit.used = now
        for brought, most in ((True, MOST_VISITS), (False, MOST_LOOKERS)):
            group = [visit for visit in visits if visit.has_pictures == brought]
            resting = [visit for visit in group if not visit.busy]
            for at, visit in enumerate(resting):
                if visit.used < now - IDLE or at < len(group) - most:
                    self.remove(visit.token)

    def _sweep_on(self) -> None:
        while self._visits:
            time.sleep(60)
            self.sweep()


VISITS = Visits()  # one a process: routes and tabs find a visit by its token alone
