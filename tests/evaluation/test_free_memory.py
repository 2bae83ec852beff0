"""Free memory: the machine's, or the container's where that is less, or nothing said."""

from __future__ import annotations

from pathlib import Path

from mrl_demo.evaluation.free_memory import free_bytes


def container(folder: Path, limit: str) -> Path:
    (folder / "memory.max").write_text(limit)
    (folder / "memory.current").write_text("600\n")
    (folder / "memory.stat").write_text("anon 100\ninactive_file 250\nactive_file 7\n")
    return folder


def test_the_container_counts_where_it_has_less(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 9 kB\nMemAvailable:       5 kB\n")
    assert free_bytes(meminfo, tmp_path) == 5 * 1024
    assert free_bytes(meminfo, container(tmp_path, "1000\n")) == 1000 - 600 + 250
    assert free_bytes(meminfo, container(tmp_path, "max\n")) == 5 * 1024


def test_where_nothing_can_be_told_nothing_is_said(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "none", tmp_path) is None
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\n")
    assert free_bytes(tmp_path / "meminfo", tmp_path) is None
