"""Killed with SIGKILL at any moment of any write, a store is found in the old state or the new one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_a_store_survives_100_kills_at_random_points(tmp_path):
    command = [sys.executable, "-m", "tests.search.killed_writer", tmp_path / "store", "100", "1"]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == "100 kills survived", done.stderr
