"""How much memory this process may still take, as the system says. Knows Linux; elsewhere it says nothing."""

from __future__ import annotations

from pathlib import Path

_GROUP = Path("/sys/fs/cgroup")
_MEMINFO = Path("/proc/meminfo")


def free_bytes(meminfo: Path = _MEMINFO, group: Path = _GROUP) -> int | None:
    """Bytes that are free, or None where that cannot be told.

    The least of what the machine has and of what a container (a Space, Docker) may have: its limit less what
    it uses, of which the system can take back what is merely cached from files.
    """
    found = [each for each in (_of_machine(meminfo), _of_container(group)) if each is not None]
    return min(found) if found else None


def _of_machine(meminfo: Path) -> int | None:
    try:
        lines = meminfo.read_text().splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError, IndexError):
        return None


def _of_container(group: Path) -> int | None:
    try:
        limit = int((group / "memory.max").read_text())  # "max" where there is none: a ValueError
        used = int((group / "memory.current").read_text())
        lines = (group / "memory.stat").read_text().splitlines()
        cached = sum(int(line.split()[1]) for line in lines if line.startswith("inactive_file "))
        return max(0, limit - used + cached)
    except (OSError, ValueError, IndexError):
        return None
