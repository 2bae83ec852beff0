"""1,000 damaged files of a store: refused in plain words, or it opens and goes on; no process ever dies."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from mrl_demo.errors import CollectionError
from mrl_demo.search.hits import FirstStage
from mrl_demo.search.store import Store

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A store with every kind of file in it."""
    folder = tmp_path_factory.mktemp("damage") / "sound"
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((60, 16)).astype(np.float32)
    rotation = np.linalg.qr(rng.standard_normal((16, 16)))[0]
    keys = np.arange(40) * 7
    store = Store.create(folder, rows[:40], keys=keys, nested_dims=(4, 16), rotation=rotation, dtype="bf16")
    store.build("signs", 16)
    store.build(FirstStage("hnsw", "i8"), 16)
    store.add(range(1000, 1020), rows[40:])
    store.remove([7, 14, 1003])
    store.plan = {"cascade": [4, 16], "shortlists": [20], "why": ["Größe"]}
    return folder


def test_1000_damaged_files_open_cleanly_or_are_refused(sound, tmp_path):
    def batch(start):
        command = [sys.executable, "-m", "tests.search.damaged_store", sound, tmp_path / f"{start}"]
        return subprocess.run(
            [*command, f"{start}", f"{start + 250}"], cwd=ROOT, capture_output=True, text=True, timeout=300
        )

    with ThreadPoolExecutor(2) as pool:
        batches = list(pool.map(batch, range(0, 1000, 250)))
    counts: Counter[str] = Counter()
    for done in batches:
        assert done.returncode == 0, f"the process ended with {done.returncode}: {done.stderr}"
        counts.update(json.loads(done.stdout))
    assert counts.total() == 1000
    outcomes = {what for what in counts if not what.endswith("same")}
    # Only rows may wait for `verify`. A manifest may differ in its blanks, or contradict nothing.
    harmless = {"rows noticed", "contradicted noticed", "contradicted clean", "store clean"}
    assert outcomes - harmless == {
        f"{kind} refused"
        for kind in ("store", "contradicted", "rows", "keys", "removed", "rotation", "structure")
    }


def test_verify_notices_one_flipped_bit_of_the_rows(sound, tmp_path):
    rng = np.random.default_rng(0)
    store = Store.create(tmp_path / "s", rng.standard_normal((50, 8)))
    store.verify()
    rows = next(store.path.glob("rows-*"))
    content = bytearray(rows.read_bytes())
    content[-1] ^= 4
    rows.write_bytes(content)
    with pytest.raises(CollectionError, match=rf"{rows.name} is damaged.*checksum"):
        Store.open(tmp_path / "s").verify()


def test_what_is_missing_is_named(tmp_path):
    store = Store.create(tmp_path / "s", np.random.default_rng(0).standard_normal((50, 8)))
    rows = next(store.path.glob("rows-*"))
    rows.unlink()
    with pytest.raises(CollectionError, match=rf"{rows.name} is missing"):
        Store.open(tmp_path / "s")
    with pytest.raises(CollectionError, match=rf"{rows.name} is missing"):
        store.verify()


@pytest.mark.parametrize("other", [1, 3])
def test_a_store_of_another_version_is_refused(tmp_path, other):
    store = Store.create(tmp_path / "s", np.random.default_rng(0).standard_normal((50, 8)))
    manifest = store.path / "store.json"
    manifest.write_text(manifest.read_text().replace('"version": 2', f'"version": {other}'))
    with pytest.raises(CollectionError, match=f"version {other}; this program reads version 2"):
        Store.open(tmp_path / "s")
