"""Search side by side: ours and the engines of others, in one process, interleaved query by query.

python -m benchmarks.search.run [--sets easy hard] [--sizes 100000 1000000] [--quick] [--only NAME ...]

Needs what `python -m benchmarks.search.build` builds; an engine whose index is missing is named and left out.
Writes assets/results/search-<set>-<n>.json and .md; with --quick or --only to .work/bench instead.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import time
from ctypes import CDLL
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.search import goals, table
from benchmarks.search.adapter import Adapter, K, Setting
from benchmarks.search.build import SIZES, WORK, cost_file, data, engines, folder, pairs
from benchmarks.search.generator import DIM, SETS, Data, recall
from benchmarks.search.timing import Candidate, cores, interleaved
from benchmarks.search.tuning import BATCH, Recalls, choose, search_all
from mrl_demo.circumstances import circumstances

RESULTS = Path(__file__).resolve().parents[2] / "assets/results"
TARGETS = (0.95, 0.99, 0.999)
SLOW_S = 0.03  # from here on an engine answers but one query in every second round
SEED = 0
_MCL_CURRENT = 1  # <sys/mman.h>: lock what is mapped now, so that the system cannot push a mapped index out


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    tuning: int = 1_000
    rounds: int = 50
    rounds_two_cores: int = 25
    batches: int = 4
    burst: int = 8
    warm: int = 2


QUICK = Effort(tuning=200, rounds=8, rounds_two_cores=4, batches=2)


def run(given: Data, where: Path, adapters: list[Adapter], effort: Effort) -> dict[str, Any]:
    """Open, tune and time `adapters` on a set whose indexes are in `where`; what was found."""
    half = len(given.queries) // 2
    asked, truth = given.queries[:half][: effort.tuning], given.truth[:half][: effort.tuning]
    timed, timed_truth = given.queries[half:], given.truth[half:]
    opened, missing = {}, []
    for adapter in adapters:
        if adapter.file and not (where / adapter.file).exists():
            missing.append(adapter.name)
            continue
        adapter.prepare(given.vectors, where)
        opened[adapter.name] = (adapter, *_open(adapter, given, where))
    locked = CDLL(None).mlockall(_MCL_CURRENT) == 0
    rows: list[dict[str, Any]] = []
    candidates: list[tuple[Adapter, Setting]] = []
    both = os.cpu_count() or 1
    for adapter, _, _ in opened.values():
        started = time.perf_counter()
        adapter.threads(both)
        exact = not adapter.settings
        tuning = None if exact else Recalls(adapter, asked, truth)
        held = None if exact else Recalls(adapter, timed, timed_truth)
        chosen = choose(adapter, tuning, asked, TARGETS) if tuning else {1.0: ()}
        for target, setting in chosen.items():
            row: dict[str, Any] = {"engine": adapter.name, "target": target, "setting": setting}
            if setting is not None:
                row["recall"] = _exact_recall(adapter, given) if held is None else held.mean(setting)
                if (adapter, setting) not in candidates:
                    candidates.append((adapter, setting))
            elif tuning is not None and held is not None:
                row["best_recall"] = max(tuning.mean(family[-1]) for family in adapter.settings)
            rows.append(row)
        print(f"tuned {adapter.name} in {time.perf_counter() - started:.1f} s: {chosen}", flush=True)
    figures = _time(candidates, given, half, effort)
    for row in rows:
        adapter, open_s, resident = opened[row["engine"]]
        row.update(figures.get((row["engine"], row["setting"]), {}))
        row["index_bytes_per_vector"] = round(resident / len(given.vectors), 1)
        row["matrix_bytes_per_vector"] = 4 * DIM if adapter.reads_matrix else 0
        row["open_s"] = open_s
        path = where / adapter.file
        if adapter.file and cost_file(path).exists():
            row["build"] = json.loads(cost_file(path).read_text())
    CDLL(None).munlockall()
    peak = round(_status("VmHWM") / 2**30, 1)
    return {"rows": rows, "not_built": missing, "locked": locked, "peak_rss_gb": peak}


def _open(adapter: Adapter, given: Data, where: Path) -> tuple[float, int]:
    """Open and answer a query, ready for tuning.

    Returns:
        seconds, and bytes that are resident from then on: anonymous memory that came with it (measured), and
        all that is mapped of its index.
    """
    path = where / adapter.file
    if adapter.file:
        _warm(path)
    before = _settled()
    started = time.perf_counter()
    adapter.open(given.vectors, path)
    adapter.threads(1)
    adapter.search(given.queries[0])
    seconds = time.perf_counter() - started
    for query in given.queries[:20]:
        adapter.search(query)
    grown = max(0, _settled() - before)
    return round(seconds, 4), grown + adapter.mapped_bytes(path)


def _warm(path: Path) -> None:
    """Read a file, or the files of a folder, into the page cache."""
    for each in path.iterdir() if path.is_dir() else [path]:
        with each.open("rb") as file:
            while file.read(1 << 24):
                pass


def _time(
    candidates: list[tuple[Adapter, Setting]], given: Data, half: int, effort: Effort
) -> dict[tuple[str, Setting], dict[str, float]]:
    """Latency on one core and on two, then batches on one and on two. By engine and setting."""
    queries = given.queries[half:]
    starts = range(0, max(1, len(queries) - BATCH + 1), BATCH)
    batches = [queries[np.arange(start, start + BATCH) % len(queries)] for start in starts]
    slow = []
    for adapter, setting in candidates:
        adapter.set(setting)
        tries = []
        for query in queries[:3]:
            started = time.perf_counter()
            adapter.search(query)
            tries.append(time.perf_counter() - started)
        slow.append(min(tries) > SLOW_S)
    figures: dict[tuple[str, Setting], dict[str, float]] = {
        (adapter.name, setting): {} for adapter, setting in candidates
    }
    for count in (1, min(2, os.cpu_count() or 1)):
        with cores(count):
            for adapter, _ in candidates:
                adapter.threads(count)
            singles = [
                Candidate(lambda a=a, s=s: a.set(s), lambda i, a=a: a.search(queries[i]), is_slow)
                for (a, s), is_slow in zip(candidates, slow, strict=True)
            ]
            rounds = effort.rounds if count == 1 else effort.rounds_two_cores
            taken = interleaved(singles, rounds, len(queries), effort.burst, effort.warm, SEED)
            for (adapter, setting), times in zip(candidates, taken, strict=True):
                figures[adapter.name, setting] |= {
                    f"p50_ms_{count}": times.wall_ms(50),
                    f"p95_ms_{count}": times.wall_ms(95),
                    f"cpu_ms_{count}": times.cpu_ms(),
                    f"qps_1_{count}": round(1e3 / times.wall_ms(50), 1),
                    f"timed_{count}": len(times.wall),
                }
            print(f"timed single queries on {count} cores", flush=True)
            many = [
                Candidate(lambda a=a, s=s: a.set(s), lambda i, a=a: a.search_batch(batches[i]), is_slow)
                for (a, s), is_slow in zip(candidates, slow, strict=True)
            ]
            taken = interleaved(many, effort.batches, len(batches), seed=SEED)
            for (adapter, setting), times in zip(candidates, taken, strict=True):
                figures[adapter.name, setting][f"qps_64_{count}"] = round(BATCH * 1e3 / times.wall_ms(50), 1)
            print(f"timed batches on {count} cores", flush=True)
    return figures


def _exact_recall(adapter: Adapter, given: Data) -> float:
    """Of one batch: an exact engine has nothing to miss but near-ties."""
    return round(recall(search_all(adapter, (), given.queries[-BATCH:]), given.truth[-BATCH:]), 4)


def _settled() -> int:
    """Anonymous bytes of this process once what was freed is given back."""
    gc.collect()
    CDLL("libc.so.6").malloc_trim(0)
    return _status("RssAnon")


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(field)).split()[1])


def measure(name: str, n: int, only: list[str] | None, quick: bool, effort: Effort) -> Path:
    """One set at one size: run, write the result and its tables, and say where."""
    started, busy = time.perf_counter(), os.getloadavg()[0]
    given = data(name, n)
    adapters = [each for each in engines(name, n) if not only or any(part in each.name for part in only)]
    found = run(given, folder(name, n), adapters, effort)
    made = circumstances() | {"command": " ".join(["python -m benchmarks.search.run", *sys.argv[1:]])}
    made["hardware"]["packages"] |= {package: version(package) for package in ("faiss-cpu", "hnswlib")}
    result = {
        **made,
        "format": 1,
        "set": Path(name).stem,
        "n": n,
        "dim": DIM,
        "k": K,
        "seed": SEED,
        "hardness": given.hardness,
        "quick": quick,
        "effort": asdict(effort),
        "load_before": busy,
        "load_after": os.getloadavg()[0],
        "seconds": round(time.perf_counter() - started, 1),
        **found,
    }
    head = json.dumps({key: value for key, value in result.items() if key != "rows"}, indent=1)
    rows = ",\n".join(json.dumps(row) for row in result["rows"])
    path = (WORK if quick or only else RESULTS) / f"search-{result['set']}-{n}.json"
    path.write_text(f'{head[:-2]},\n "rows": [\n{rows}\n]}}\n')
    path.with_suffix(".md").write_text(table.markdown(result) + "\n" + goals.markdown(result))
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description="Time searches side by side.")
    parser.add_argument("--sets", nargs="+", default=SETS, help=f"of {SETS}, or .npy files")
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES)
    parser.add_argument("--only", nargs="+", default=None, help="engines whose name contains one of these")
    parser.add_argument("--burst", type=int, default=Effort.burst, help="queries an engine answers in a turn")
    parser.add_argument("--warm", type=int, default=Effort.warm, help="queries before them, not timed")
    parser.add_argument("--quick", action="store_true", help="few rounds: to see that it works, not to quote")
    options = parser.parse_args()
    for name, n in pairs(options.sets, options.sizes):
        effort = replace(QUICK if options.quick else Effort(), burst=options.burst, warm=options.warm)
        path = measure(name, n, options.only, options.quick, effort)
        print(path.with_suffix(".md").read_text(), f"written to {path}", flush=True)


if __name__ == "__main__":
    main()
