"""What is searched: a pack of items on disk and the engine over its embeddings, behind one name.

Opening reads no image and builds no index; the engine is made at the first search. Knows no encoder: queries
come as vectors.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mrl_demo.collection.pack import Example, Pack
from mrl_demo.collection.progress import Progress
from mrl_demo.errors import QueryError
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import AnyFloats, FirstStage, Floats, Hits, Mask
from mrl_demo.search.memory import MemoryRow, memory_rows
from mrl_demo.search.plan import Plan
from mrl_demo.search.planner import plan as make_plan


class Collection:
    """A pack and its engine. Keys are row numbers, 0 to len - 1. Safe to search from many threads."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._engine: Engine | None = None
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: str | Path) -> Collection:
        """Open a pack folder. CollectionError when it is missing or damaged."""
        return cls(Pack.open(path))

    def __len__(self) -> int:
        return len(self.pack)

    @property
    def engine(self) -> Engine:
        """Made at first use. CollectionError when the pack is empty or not embedded yet."""
        if self._engine is None:
            with self._lock:
                if self._engine is None:
                    self._engine = Engine(self.pack.embeddings, self.pack.nested_dims)
        return self._engine

    def search(
        self,
        query: npt.ArrayLike,
        cascade: Cascade,
        k: int = 10,
        first_stage: FirstStage | str = "exact",
        where: Mask | None = None,
    ) -> Hits:
        """The best `k` items by a cascade; see `Engine.search`."""
        return self.engine.search(query, cascade, k, first_stage, where)

    def rank_at(
        self, query: npt.ArrayLike, dims: Sequence[int], k: int = 10, where: Mask | None = None
    ) -> list[Hits]:
        """The exact best `k` at each of many dims in one pass; see `Engine.rank_at`."""
        return self.engine.rank_at(query, dims, k, where)

    def plan(
        self,
        queries: npt.ArrayLike | None = None,
        target_recall: float = 0.99,
        k: int = 10,
        max_bytes: float | None = None,
        confidence: float = 0.95,
        progress: Progress = None,
        seed: int = 0,
    ) -> Plan:
        """The fastest cascade that holds a recall here; see `planner.plan`."""
        return make_plan(self.engine, queries, target_recall, k, max_bytes, confidence, progress, seed)

    def where(self, **attributes: Any) -> Mask:
        """A filter for `search`, (n,) bool: items with these values, as in `where(colour="red")`.

        Raises:
            QueryError: no such column.
        """
        mask = np.ones(len(self), bool)
        for column, value in attributes.items():
            if column not in self.attributes:
                raise QueryError(
                    f"there is no column {column!r}; the columns are {', '.join(self.attributes)}"
                )
            mask &= np.asarray(self.attributes[column]) == value
        return mask

    def memory(self, dims: Sequence[int] | None = None) -> list[MemoryRow]:
        """Bytes a vector and in total for flat, HNSW and cascade at `dims` (the nested ones if None), and for
        separate fixed-size databases; builds nothing."""
        return memory_rows(self.engine, dims)

    @property
    def name(self) -> str:
        return self.pack.name

    @property
    def title(self) -> str:
        return self.pack.title

    @property
    def full_dim(self) -> int:
        return self.pack.full_dim

    @property
    def nested_dims(self) -> tuple[int, ...]:
        return self.pack.nested_dims

    @property
    def model(self) -> Mapping[str, Any]:
        """Name and fingerprint of the encoder the pack was embedded with."""
        return self.pack.model

    @property
    def attributes(self) -> Mapping[str, npt.NDArray[Any]]:
        return self.pack.attributes

    @property
    def embeddings(self) -> AnyFloats:
        return self.pack.embeddings

    @property
    def examples(self) -> Sequence[Example]:
        return self.pack.examples

    def embedding(self, key: int) -> Floats:
        """An item's own vector, to search with: (full_dim,) float32."""
        return np.array(self.pack.embeddings[key], np.float32)

    def caption(self, key: int, level: Literal["short", "medium", "long"] = "long") -> str:
        return self.pack.caption(key, level)

    def thumbnail(self, key: int) -> bytes:
        """WebP."""
        return self.pack.thumbnail(key)

    def source(self, key: int) -> str:
        """File name in a collection made from a folder, "" otherwise."""
        return self.pack.source(key)
