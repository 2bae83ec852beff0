"""The app as its users start it: `python app.py`, on a free port, with an upload folder of its own.

Knows how to wait for it and what it takes; nothing of what it is asked.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
IDLE = 0.2  # of one core; Gradio's own loops take 0.07 when nothing is asked
LOOK_S = 1.5


@dataclass(frozen=True)
class App:
    """A running app."""

    address: str
    process: subprocess.Popen[bytes]

    def memory_mb(self, field: str = "VmRSS") -> float:
        """Megabytes (10^6 bytes) that are resident now, or at most until now with "VmHWM"."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return round(1024 * int(next(line for line in lines if line.startswith(field)).split()[1]) / 1e6, 1)

    def cpu_s(self) -> float:
        """Seconds of CPU that the process has used, all threads together."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def settle(self, patience_s: float = 600) -> None:
        """Wait until the app does nothing by itself: at first it loads its encoder and builds graphs.

        Raises:
            TimeoutError: it is still busy after `patience_s`.
        """
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            before = self.cpu_s()
            time.sleep(LOOK_S)
            if self.cpu_s() - before < IDLE * LOOK_S:
                return
        raise TimeoutError(f"the app was still busy after {patience_s:.0f} s")


@contextmanager
def started(patience_s: float = 120) -> Iterator[App]:
    """The app, as soon as it serves its page; ended afterwards.

    Raises:
        RuntimeError: it ended by itself, or did not serve within `patience_s`.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with TemporaryDirectory() as uploads:
        process = subprocess.Popen(
            [sys.executable, "app.py", "--port", str(port)],
            cwd=ROOT,
            env=os.environ | {"GRADIO_TEMP_DIR": uploads},
            stdout=subprocess.DEVNULL,
        )
        app = App(f"http://127.0.0.1:{port}", process)
        try:
            _wait(app, time.monotonic() + patience_s)
            yield app
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(app: App, until: float) -> None:
    while time.monotonic() < until:
        try:
            with urlopen(app.address, timeout=5) as page:
                page.read()
            return
        except (URLError, OSError):
            if app.process.poll() is not None:
                raise RuntimeError(f"app.py ended with {app.process.returncode}") from None
            time.sleep(0.05)
    raise RuntimeError("app.py did not serve its page in time")
