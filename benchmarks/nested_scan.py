"""The exact stage alone: one dimension-major pass that ranks at every nested dim, at growing sizes.

python benchmarks/nested_scan.py [--out FILE] [--rounds N]

Random unit vectors, 512 dims, k = 10, one query at a time; the ways are interleaved in one run, so that what
else the machine does falls on all of them. Wall time and CPU time stand side by side: medians, in ms. Our
pass runs on threads of its own; NumPy's BLAS gets one, as its idle threads spin and would be timed with
whatever runs next.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy is loaded

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mrl_demo.circumstances import circumstances
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.whole import whole

HERE = Path(__file__).resolve().parents[1]
DIMS = (8, 16, 32, 64, 128, 256, 512)
SIZES = (6_000, 10_000, 50_000)
SEED = 0


def measure(n: int, rounds: int) -> dict[str, dict[str, float]]:
    """Median wall and CPU milliseconds a query of each way to search `n` vectors."""
    rng = np.random.default_rng(SEED)
    vectors = rng.standard_normal((n, DIMS[-1]), dtype=np.float32)
    queries = rng.standard_normal((rounds, DIMS[-1]), dtype=np.float32)
    engine = Engine(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), DIMS)
    ways: dict[str, Callable[[int], object]] = {
        "all 7 nested dims, one pass": lambda i: engine.rank_at(queries[i], DIMS, 10),
        "flat 64": lambda i: engine.search(queries[i], Cascade.flat(64), 10),
        "flat 512": lambda i: engine.search(queries[i], Cascade.flat(512), 10),
        "NumPy, 512, sorted": lambda i: np.argsort(-(vectors @ queries[i]))[:10],
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for way in ways.values():
        way(0)
    for i in range(rounds):
        for name, way in ways.items():
            wall, cpu = time.perf_counter(), time.process_time()
            way(i)
            times[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    return {
        name: {
            "wall_p50_ms": round(1e3 * float(np.median([wall for wall, _ in taken])), 3),
            "wall_p95_ms": round(1e3 * float(np.percentile([wall for wall, _ in taken], 95)), 3),
            "cpu_p50_ms": round(1e3 * float(np.median([cpu for _, cpu in taken])), 3),
        }
        for name, taken in times.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the exact stage at growing sizes.")
    parser.add_argument("--out", type=Path, default=HERE / "assets/results/nested-scan.json")
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args()
    record = {
        **circumstances(),
        "seed": SEED,
        "data": "random unit vectors, 512 dims, k = 10",
        "sizes": {str(n): measure(n, options.rounds) for n in SIZES},
    }
    with whole(options.out) as beside:
        beside.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps(record["sizes"], indent=1))


if __name__ == "__main__":
    main()
