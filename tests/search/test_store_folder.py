"""The folder of a store: what is written is on the disk before it counts, one writer, no stranger's files."""

from __future__ import annotations

import os
import stat

import numpy as np
import pytest

from mrl_demo.errors import CollectionError
from mrl_demo.search.store import Store
from mrl_demo.search.store_folder import StoreFolder
from mrl_demo.search.store_manifest import StoreManifest


@pytest.fixture
def store(tmp_path):
    return Store.create(tmp_path / "store", np.random.default_rng(0).standard_normal((20, 8)))


def test_files_and_their_names_are_on_disk_before_the_manifest_is_renamed(store, monkeypatch):
    """A kill cannot show this, a power cut would: it takes the order of the calls."""
    calls = []
    fsync, replace = os.fsync, os.replace

    def noting_fsync(handle):
        kind = "folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else os.readlink(f"/proc/self/fd/{handle}")
        calls.append(os.path.basename(kind).split("-")[0])
        fsync(handle)

    def noting_replace(old, new):
        calls.append("rename")
        replace(old, new)

    monkeypatch.setattr(os, "fsync", noting_fsync)
    monkeypatch.setattr(os, "replace", noting_replace)
    store.add([100], np.ones((1, 8)))
    assert calls == ["rows", "keys", "store.json.next", "folder", "rename", "folder"]


def test_a_manifest_reads_back_as_it_was(store):
    store.build("signs", 8)
    store.remove([1])
    store.plan = {"why": ["ä", 0.1, None]}
    manifest = StoreFolder(store.path).manifest()
    assert StoreManifest.from_json(manifest.to_json(), "here") == manifest
    assert manifest.built() == [(manifest.structures[0].first_stage, 8)]


def test_old_files_are_swept_and_strangers_stay(store):
    (store.path / "notes.txt").write_text("mine")
    (store.path / "rows-0123456789ab.npy").write_text("of a writer that was killed")
    store.remove([1])
    store.remove([2])
    names = sorted(path.name.split("-")[0] for path in store.path.iterdir())
    assert names == ["lock", "notes.txt", "removed", "rows", "store.json"]


def test_a_second_writer_is_refused_and_readers_are_not(store):
    with StoreFolder(store.path).writing():
        with pytest.raises(CollectionError, match="being written by another process"):
            store.remove([1])
        assert len(Store.open(store.path)) == 20
    store.remove([1])


def test_a_full_disk_changes_nothing(store, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CollectionError, match="No space left"):
        store.add([100], np.ones((1, 8)))
    monkeypatch.undo()
    assert len(Store.open(store.path)) == len(store) == 20
    store.add([100], np.ones((1, 8)))
    assert len(list(store.path.glob("rows-*"))) == 2  # what the failed write left behind is gone


def test_a_full_disk_while_the_graphs_grow_adds_nothing(store, monkeypatch):
    store.build("signs", 8)

    def full(*arguments):
        raise OSError(28, "No space left on device")

    rows = np.random.default_rng(1).standard_normal((1000, 8))
    monkeypatch.setattr(store.engine.__class__, "save_structure", full)
    with pytest.raises(CollectionError, match="No space left"):
        store.add(range(100, 1100), rows)
    monkeypatch.undo()
    assert len(Store.open(store.path)) == len(store) == 20
    store.add(range(100, 1100), rows)
    assert (len(store), store.engine.n) == (1020, 1020)
