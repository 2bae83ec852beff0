"""Our own candidates: a first stage on a prefix, then a re-rank of its shortlist at full dim.

The matrix that is re-ranked from is the same memory-mapped float32 file that the exact engines read. Every
candidate is an `Engine` of its own, so that its bytes are its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.search.adapter import BEAMS, Adapter, Floats, K, Keys, Setting
from benchmarks.search.generator import DIM
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import FirstStage
from mrl_demo.search.vectors import Vectors

WIDEST = BEAMS[-1]  # the longest shortlist tried


class Ours:
    """One first stage at one dim. A setting is (ef, shortlist)."""

    reads_matrix = True

    def __init__(self, first: FirstStage, dim: int) -> None:
        self.first, self.dim = first, dim
        kinds = {"hnsw": f"HNSW {dim}-d {first.dtype}", "signs": f"{dim} signs", "exact": f"flat {dim}-d f32"}
        files = {"hnsw": f"hnsw-{dim}-{first.dtype}.usearch", "signs": f"signs-{dim}.npy", "exact": ""}
        self.name = f"ours: {kinds[first.kind]} + re-rank"
        self.file = files[first.kind]
        self.mapped = bool(self.file)
        # A graph may look wider than it hands on: walking is cheap, gathering rows of the matrix is not.
        wider = (1.0, 1.5, 2.0) if first.kind == "hnsw" else (1.0,)
        self.settings: tuple[Sequence[Setting], ...] = tuple(
            [(round(shortlist * times), shortlist) for shortlist in BEAMS if dim < DIM or shortlist >= 200]
            for times in wider  # all bits and all dims are one stage, which looks at 200 codes at least
        )

    def build(self, vectors: Floats, path: Path, threads: int) -> None:
        engine = _engine(vectors)
        if self.first.kind == "hnsw":
            engine.index(self.dim, self.first.dtype, threads=threads)
        else:
            engine.signs(self.dim)
        engine.save_structure(self.file, path)

    def open(self, vectors: Floats, path: Path) -> None:
        self.engine = _engine(vectors)
        if self.file:
            self.engine.load_structure(self.file, path)
        self._top = min(WIDEST, len(vectors))
        self.set((self._top, self._top))

    def set(self, setting: Setting) -> None:
        ef, shortlist = setting
        self._first = FirstStage(self.first.kind, self.first.dtype, ef)
        self._cascade = Cascade.adaptive(self.dim, self.engine.full_dim, min(shortlist, self._top))

    def threads(self, count: int) -> None:
        """Our engine uses the cores it may: one query over codes and every batch run on all of them."""

    def search(self, query: Floats) -> Keys:
        return self.engine.search(query, self._cascade, K, self._first).keys

    def search_batch(self, queries: Floats) -> Keys:
        return self.engine.search(queries, self._cascade, K, self._first).keys

    def places(self, queries: Floats, truth: Keys) -> Keys | None:
        """Where every first stage looks at everything: the place of each true neighbour in its order.

        The re-rank is exact, so a shortlist of s finds precisely those whose place is below s.

        Returns:
            (q, K) int64, the end of the longest shortlist where a neighbour is beyond it; None for a graph,
            and where first stage and re-rank are one.
        """
        if self.first.kind == "hnsw" or self.dim == self.engine.full_dim:
            return None
        places = np.empty(truth.shape, np.int64)
        self.set((self._top, self._top))
        for start in range(0, len(queries), 50):
            part = slice(start, start + 50)
            stage = self.engine.search(queries[part], self._cascade, K, self._first).stages[0]
            there = stage.keys[:, :, None] == truth[part][:, None, :]
            places[part] = np.where(there.any(axis=1), there.argmax(axis=1), self._top)
        return places


def ours(n: int) -> list[Adapter]:
    """What is compared: graphs on short prefixes, and first stages that need none."""
    graphs = [Ours(FirstStage("hnsw", dtype), dim) for dim, dtype in ((64, "i8"), (64, "bf16"), (128, "i8"))]
    codes = [Ours(FirstStage("signs"), dim) for dim in (256, 384, 512)]
    flat = [Ours(FirstStage("exact"), dim) for dim in (32, 64)]
    return [*graphs, *codes, *flat]


def _engine(vectors: Floats) -> Engine:
    return Engine(Vectors([vectors]))
