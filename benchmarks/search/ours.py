"""Our own candidates: a first stage on a prefix, then a re-rank of its shortlist at full dim.

Each is a `Store`, as a user has it: durable, checked when opened, with one structure in it. Their matrix
is in float32, mapped, and one and the same file: the folders share it by hard links.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.search.adapter import BEAMS, Adapter, Floats, K, Keys, Setting
from benchmarks.search.generator import DIM
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.hits import FirstStage
from mrl_demo.search.store import Store

_MATRIX = "store"  # the folder of the store without any structure
WIDEST = BEAMS[-1]  # the longest shortlist tried


class Ours:
    """One first stage at one dim. A setting is (ef, shortlist)."""

    reads_matrix = True

    def __init__(self, first: FirstStage, dim: int) -> None:
        self.first, self.dim = first, dim
        kinds = {"hnsw": f"HNSW {dim}-d {first.dtype}", "signs": f"{dim} signs", "exact": f"flat {dim}-d f32"}
        files = {"hnsw": f"store-hnsw-{dim}-{first.dtype}", "signs": f"store-signs-{dim}", "exact": ""}
        self.name = f"ours: {kinds[first.kind]} + re-rank"
        self.file = files[first.kind]
        # A graph may look wider than it hands on: walking is cheap, gathering rows of the matrix is not.
        wider = (1.0, 1.5, 2.0) if first.kind == "hnsw" else (1.0,)
        self.settings: tuple[Sequence[Setting], ...] = tuple(
            [(round(shortlist * times), shortlist) for shortlist in BEAMS if dim < DIM or shortlist >= 200]
            for times in wider  # all bits and all dims are one stage, which looks at 200 codes at least
        )

    def prepare(self, vectors: Floats, where: Path) -> None:
        if not (where / _MATRIX).exists():
            beside = where / f"partial-{_MATRIX}-{os.getpid()}"
            shutil.rmtree(beside, ignore_errors=True)
            Store.create(beside, vectors, dtype="f32")
            beside.replace(where / _MATRIX)

    def build(self, vectors: Floats, path: Path, threads: int) -> None:
        """`threads` is not asked: a store builds a large graph on all cores."""
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(path.parent / _MATRIX, path, copy_function=os.link)
        Store.open(path).build(self.first, self.dim)

    def open(self, vectors: Floats, path: Path) -> None:
        self.store = Store.open(path if self.file else path / _MATRIX)
        self._top = min(WIDEST, len(vectors))
        self.set((self._top, self._top))

    def mapped_bytes(self, path: Path) -> int:
        """The structure's, which no other folder links to."""
        if not self.file:
            return 0
        return sum(each.stat().st_size for each in path.iterdir() if each.stat().st_nlink == 1)

    def set(self, setting: Setting) -> None:
        ef, shortlist = setting
        self._first = FirstStage(self.first.kind, self.first.dtype, ef)
        self._cascade = Cascade.adaptive(self.dim, self.store.full_dim, min(shortlist, self._top))

    def threads(self, count: int) -> None:
        """A store uses the cores it may: one query over codes and every batch run on all of them."""

    def search(self, query: Floats) -> Keys:
        return self.store.search(query, self._cascade, K, self._first).keys

    def search_batch(self, queries: Floats) -> Keys:
        return self.store.search(queries, self._cascade, K, self._first).keys

    def places(self, queries: Floats, truth: Keys) -> Keys | None:
        """Where every first stage looks at everything: the place of each true neighbour in its order.

        The re-rank is exact, so a shortlist of s finds precisely those whose place is below s.

        Returns:
            (q, K) int64, the end of the longest shortlist where a neighbour is beyond it; None for a graph,
            and where first stage and re-rank are one.
        """
        if self.first.kind == "hnsw" or self.dim == self.store.full_dim:
            return None
        places = np.empty(truth.shape, np.int64)
        self.set((self._top, self._top))
        for start in range(0, len(queries), 50):
            part = slice(start, start + 50)
            stage = self.store.search(queries[part], self._cascade, K, self._first).stages[0]
            there = stage.keys[:, :, None] == truth[part][:, None, :]
            places[part] = np.where(there.any(axis=1), there.argmax(axis=1), self._top)
        return places


def ours(name: str, n: int) -> list[Adapter]:
    """First stages that need no graph, then graphs on short prefixes; at a million those that can win."""
    flat = [Ours(FirstStage("exact"), dim) for dim in (32, 64)]
    codes = [Ours(FirstStage("signs"), dim) for dim in (192, 256, 384, 512)]
    graphs = [Ours(FirstStage("hnsw", "i8"), 64)]
    if n <= 200_000:
        graphs.append(Ours(FirstStage("hnsw", "bf16"), 64))
    if name != "easy" or n <= 200_000:
        graphs.append(Ours(FirstStage("hnsw", "i8"), 128))
    return [*flat, *codes, *graphs]
