"""The folder in which all visits of a process live, and which is to be gone when the process is.

An orderly end deletes it; what a killed process left, the next one deletes. Knows nothing of visits.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import tempfile
from pathlib import Path

NAME = "matryoshka-visits-"  # and something random
ALIVE = "alive"  # locked as long as its process lives: a number of a process may be another's tomorrow


class VisitFolder:
    """A folder among the machine's temporary ones, deleted with the process. Making one deletes those whose
    process is dead."""

    def __init__(self) -> None:
        for left in Path(tempfile.gettempdir()).glob(f"{NAME}*"):
            with contextlib.suppress(OSError), (left / ALIVE).open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # an OSError where the process lives
                shutil.rmtree(left, ignore_errors=True)
        self._made = tempfile.TemporaryDirectory(prefix=NAME, ignore_cleanup_errors=True)
        self.path = Path(self._made.name)
        self._lock = (self.path / ALIVE).open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def delete(self) -> None:
        """Remove it and all that is in it; nothing is kept here afterwards."""
        self._made.cleanup()
