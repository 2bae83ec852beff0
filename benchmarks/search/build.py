"""Builds what the benchmark compares, one engine at a time, resumably, and notes what it cost.

python -m benchmarks.search.build [--sets easy hard] [--sizes 100000 1000000] [--only NAME ...] [--threads 2]

Sets, indexes and costs go to .work/bench/<set>-<n>/; what is there is not built again. Every index is built
in a process of its own. `.work/bench/PAUSE` keeps it from beginning another one; to stop at once, end the
process.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.search.adapter import Adapter
from benchmarks.search.generator import SETS, Data, make, searched, split
from benchmarks.search.ours import ours

WORK = Path(__file__).resolve().parents[2] / ".work/bench"
SIZES = (100_000, 1_000_000)


def engines(name: str, n: int) -> list[Adapter]:
    """Everything that is compared on this set at this size, what is quickly built first."""
    from benchmarks.search.engines import rivals  # needs what requirements-bench.txt installs

    others, mine = rivals(n), ours(name, n)
    return [*others[:4], *mine[:7], *others[4:], *mine[7:]]


def folder(name: str, n: int) -> Path:
    """Where a set, its indexes and their costs are kept. `name` is one of SETS or an .npy file's path."""
    return WORK / f"{Path(name).stem}-{n}"


def data(name: str, n: int) -> Data:
    """The set at this size, made or split where it is missing."""
    return make(name, n, folder(name, n)) if name in SETS else split(Path(name), folder(name, n))


def pairs(names: Sequence[str], sizes: Sequence[int]) -> Iterator[tuple[str, int]]:
    """Every set at every size; an .npy file at the one it has."""
    for name in names:
        if name in SETS:
            yield from ((name, n) for n in sizes)
        else:
            yield name, searched(len(np.load(name, mmap_mode="r")))


def build_one(name: str, n: int, engine: str, threads: int) -> dict[str, object]:
    """Build one engine's index in this process; write the index, then what it cost beside it."""
    where = folder(name, n)
    vectors = data(name, n).vectors
    adapter = next(adapter for adapter in engines(name, n) if adapter.name == engine)
    beside, path = where / f"partial-{adapter.file}", where / adapter.file
    adapter.prepare(vectors, where)
    busy = os.getloadavg()[0]
    wall, cpu = time.perf_counter(), time.process_time()
    adapter.build(vectors, beside, threads)
    cost = {
        "engine": engine,
        "cpu_s": round(time.process_time() - cpu, 1),
        "wall_s": round(time.perf_counter() - wall, 1),
        "threads": threads,
        "load_before": round(busy, 2),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    beside.replace(path)
    cost_file(path).write_text(json.dumps(cost) + "\n")
    return cost


def cost_file(path: Path) -> Path:
    """Where the cost of building the index at `path` is noted."""
    return path.with_name(path.name + ".cost.json")


def main() -> None:
    parser = argparse.ArgumentParser(description="Build every index of the search benchmark.")
    parser.add_argument("--sets", nargs="+", default=SETS, help=f"of {SETS}, or .npy files")
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES)
    parser.add_argument("--only", nargs="+", default=None, help="engines by name, as in the table")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--here", action="store_true", help="build in this process (one engine)")
    options = parser.parse_args()
    if options.here:
        (name,), (n,), (engine,) = options.sets, options.sizes, options.only
        print(json.dumps(build_one(name, n, engine, options.threads)), flush=True)
        return
    for name, n in pairs(options.sets, options.sizes):
        data(name, n)
        for adapter in engines(name, n):
            path = folder(name, n) / adapter.file
            if not adapter.file or (path.exists() and cost_file(path).exists()):
                continue
            if options.only is not None and adapter.name not in options.only:
                continue
            while (WORK / "PAUSE").exists():
                time.sleep(5)
            print(f"{datetime.now(UTC):%H:%M:%S} {name} {n:,} {adapter.name}", flush=True)
            given = ["--sets", name, "--sizes", str(n), "--only", adapter.name]
            command = [sys.executable, "-m", "benchmarks.search.build", "--here", *given]
            done = subprocess.run([*command, "--threads", str(options.threads)], check=False)
            if done.returncode:
                print(f"FAILED with {done.returncode}: {name} {n:,} {adapter.name}", flush=True)


if __name__ == "__main__":
    main()
