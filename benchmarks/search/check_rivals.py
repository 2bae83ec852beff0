"""Do the adapters of other engines find the exact answer? Run by hand, with requirements-bench.txt installed:

python -m pytest benchmarks/search/check_rivals.py

Not among the tests: FAISS and Mitsuba bring OpenMP libraries that crash each other in one process.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.search.engines import rivals
from benchmarks.search.generator import Data, make, recall

N = 1_200


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return make("hard", N, tmp_path_factory.mktemp("hard"), queries=60)


@pytest.mark.parametrize("name", ["FAISS", "hnswlib", "USearch", "NumPy"])
def test_the_engines_of_others_find_the_exact_answer(name: str, data: Data, tmp_path: Path) -> None:
    for adapter in rivals(N):
        if not adapter.name.startswith(name) or "PQ" in adapter.name:  # whose training alone takes seconds
            continue
        path = tmp_path / (adapter.file or "none")
        adapter.prepare(data.vectors, tmp_path)
        adapter.build(data.vectors, path, 1)
        adapter.open(data.vectors, path)
        adapter.threads(1)
        adapter.set(adapter.settings[-1][-1] if adapter.settings else ())
        batch = adapter.search_batch(data.queries)
        assert recall(batch, data.truth) > 0.98, adapter.name
        assert np.array_equal(batch[0], adapter.search(data.queries[0]))
