"""A store: vectors in a folder, searched while items are added and removed, and whole after a crash.

Most rows, and the graphs and codes over them, are an engine that never changes (the base); rows added since
are a small engine beside it (the tail), compared exactly; removed rows are masked. Every write ends in one
new state, on the disk first and then here, so a search sees the old items or the new ones, never a mixture.
Knows files only through `StoreFolder`.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mrl_demo.errors import CollectionError, QueryError
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import AnyFloats, FirstStage, Floats, Hits, Keys
from mrl_demo.search.hits import first_stage as as_first_stage
from mrl_demo.search.incoming import Incoming, as_json, check_keys, some_of
from mrl_demo.search.query import check_dims
from mrl_demo.search.store_folder import StoreFolder
from mrl_demo.search.store_manifest import StoreManifest
from mrl_demo.search.store_state import State
from mrl_demo.search.store_writing import write_segment, write_structures
from mrl_demo.search.structures import Progress
from mrl_demo.search.vectors import Dtype, Vectors, check_dtype

_TAIL_ROWS = 1000  # a tail of so many rows, or of 1/200 of the base, is taken into the base
_TAIL_SHARE = 200
_SEGMENTS = 16  # so many segments of the tail are written together as one


class Store:
    """A durable, mutable collection of vectors. Safe to search and to change from many threads.

    Rows are kept at unit length (only directions are compared) in one dtype; keys are the caller's own.
    One process writes at a time; others see its writes after `refresh`. Use `Store.create` or `Store.open`.
    """

    def __init__(self, folder: StoreFolder, state: State) -> None:
        self._folder = folder
        self._state = state
        self._lock = threading.Lock()

    @classmethod
    def create(
        cls,
        path: str | Path,
        vectors: AnyFloats | Vectors,
        *,
        keys: npt.ArrayLike | None = None,
        nested_dims: Sequence[int] = (),
        dtype: Dtype = "f16",
        model: Mapping[str, Any] | None = None,
        rotation: Floats | None = None,
        progress: Progress | None = None,
    ) -> Store:
        """Write a new store, whole or not at all, and open it.

        Args:
            path: a new or empty folder.
            vectors: (n, full_dim) floats, such as a memory-mapped .npy: read block by block.
            keys: (n,) distinct whole numbers; the row numbers when None.
            model: name and fingerprint of what made the vectors, to be asked for when it is opened.
            rotation: (full_dim, full_dim) orthogonal; kept, and applied to every row (`row @ rotation`) and
                every query, as for vectors that are not Matryoshka until they are rotated.
            progress: called with rows written and rows in all.

        Raises:
            CollectionError: not an empty folder, vectors, keys or rotation that cannot be kept, a full disk.
            QueryError: a nested dim outside 1..full_dim.
        """
        given = Incoming(vectors, check_dtype(dtype), rotation)
        named = None if keys is None else check_keys(keys, given.count)
        kept = as_json("model", model or {})
        dims = tuple(sorted(set(check_dims(nested_dims, given.full_dim)))) if len(nested_dims) else ()
        folder = StoreFolder(path)
        folder.make()
        with folder.writing():
            folder.check_new()
            manifest = StoreManifest(1, given.dtype, given.full_dim, dims, kept, segments=())
            folder.sweep(None)
            turned = given.rotation
            record = None if turned is None else folder.write_array("rotation", turned)
            segment = write_segment(folder, manifest, given.count, given.codes(progress), named)
            folder.commit(replace(manifest, rotation=record, segments=(segment,)))
        return cls.open(path)

    @classmethod
    def open(cls, path: str | Path, model: Mapping[str, Any] | None = None) -> Store:
        """Open a store. Graphs, codes and keys are compared with their checksums; of the vectors only the
        size and the header are looked at: see `verify`.

        Raises:
            CollectionError: no store, damaged, of another version, or made with another model than `model`.
        """
        store = cls(StoreFolder(path), State.read(StoreFolder(path)))
        if model is not None and {key: store.model.get(key) for key in model} != dict(model):
            raise CollectionError(
                f"the vectors in {path} were made with {dict(store.model)}, not with {dict(model)}"
            )
        return store

    def __len__(self) -> int:
        return self._state.count

    @property
    def path(self) -> Path:
        return self._folder.path

    @property
    def full_dim(self) -> int:
        return self._state.manifest.full_dim

    @property
    def nested_dims(self) -> tuple[int, ...]:
        return self._state.manifest.nested_dims

    @property
    def dtype(self) -> Dtype:
        return self._state.manifest.dtype

    @property
    def model(self) -> Mapping[str, Any]:
        return self._state.manifest.model

    @property
    def rotation(self) -> Floats | None:
        return self._state.rotation

    @property
    def keys(self) -> Keys:
        """Every key, (len,) int64, oldest first."""
        return np.concatenate([shelf.keys for shelf in self._state.shelves])

    @property
    def engine(self) -> Engine:
        """The base's: rotated rows under row numbers, with removed ones, without those of the tail."""
        return self._state.base.engine

    @property
    def is_compact(self) -> bool:
        """Whether `engine` holds just the items of the store: none in a tail, none removed."""
        return self._state.tail is None and len(self._state.removed) == 0

    @property
    def plan(self) -> Mapping[str, Any] | None:
        """How this store is best searched, as JSON; setting it writes."""
        return self._state.manifest.plan

    @plan.setter
    def plan(self, plan: Mapping[str, Any] | None) -> None:
        kept = None if plan is None else as_json("a plan", plan)
        with self._writing() as state:
            self._commit(state, replace(state.manifest, plan=kept))

    def search(
        self,
        query: npt.ArrayLike,
        cascade: Cascade,
        k: int = 10,
        first_stage: FirstStage | str = "exact",
    ) -> Hits:
        """The best `k` items by a cascade, in keys; see `Engine.search`.

        Fewer hits where the store holds fewer. `stages` are those of the base, then, where something was
        added since, those of the tail, whose first stage is always exact.
        """
        return self._state.search(query, cascade, k, as_first_stage(first_stage))

    def rank_at(self, query: npt.ArrayLike, dims: Sequence[int], k: int = 10) -> list[Hits]:
        """The exact best `k` at each of many dims, in keys; see `Engine.rank_at` and `search`."""
        return self._state.rank_at(query, dims, k)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, int | np.integer) and self._state.find(int(key)) is not None

    def embedding(self, key: int) -> Floats:
        """An item's own vector, to search with: (full_dim,) float32 of unit length, not rotated. QueryError
        when there is no such key."""
        state = self._state
        row = state.find(key)
        if row is None:
            raise QueryError(f"there is no item with the key {key!r}")
        return state.embedding(row)

    def add(self, keys: npt.ArrayLike, vectors: AnyFloats) -> None:
        """Add items: on the disk, and found, when this returns.

        Args:
            keys: (m,) distinct whole numbers, none of them in the store.
            vectors: (m, full_dim) floats.

        Raises:
            CollectionError: keys that are there already, vectors that do not fit, another writer, a full
                disk. Nothing was added then.
        """
        with self._writing() as state:
            manifest = state.manifest
            given = Incoming(vectors, manifest.dtype, state.rotation, manifest.full_dim)
            named = check_keys(keys, given.count)
            there = named[state.rows_of(named) >= 0]
            if len(there):
                raise CollectionError(f"in the store already: {some_of(there)}; remove them first")
            segment = write_segment(self._folder, manifest, given.count, given.codes(), named)
            segments = (*manifest.segments, segment)
            grown = State.of(self._folder, replace(manifest, segments=segments), state)
            manifest, engine = grown.manifest, None
            if grown.tail_rows >= max(_TAIL_ROWS, grown.base.engine.n // _TAIL_SHARE):
                manifest, engine = grown.absorbed(self._folder)
            elif len(segments) - manifest.base >= _SEGMENTS:
                manifest = grown.with_one_tail(self._folder)
            self._commit(grown, manifest, engine)

    def remove(self, keys: npt.ArrayLike) -> None:
        """Remove items: no search that starts after this finds them. `compact` gives their space back.

        Raises:
            CollectionError: a key that is not there, another writer, a full disk. Nothing was removed then.
        """
        with self._writing() as state:
            wanted = check_keys(keys)
            rows = state.rows_of(wanted)
            if (rows < 0).any():
                raise CollectionError(f"not in the store: {some_of(wanted[rows < 0])}")
            removed = np.sort(np.concatenate([state.removed, rows]))
            record = self._folder.write_array("removed", removed)
            self._commit(state, replace(state.manifest, removed=record))

    def build(self, first_stage: FirstStage | str, dim: int, progress: Progress | None = None) -> None:
        """Build a graph or sign codes at `dim` and keep them in the folder, for every later opening.

        Searches go on meanwhile. "exact" has nothing to build.

        Raises:
            CollectionError: another writer, a full disk.
            QueryError: no such first stage, or a dim outside 1..full_dim.
        """
        first = replace(as_first_stage(first_stage), ef=0)
        (dim,) = check_dims((dim,), self.full_dim)
        if first.kind == "exact":
            return
        with self._writing() as state:
            if state.tail_rows:
                state = self._commit(state, *state.absorbed(self._folder))
            others = [
                each for each in state.manifest.structures if (each.first_stage, each.dim) != (first, dim)
            ]
            built = write_structures(self._folder, state.base.engine, [(first, dim)], progress)
            self._commit(state, replace(state.manifest, structures=(*others, *built)))

    def compact(self, progress: Progress | None = None) -> None:
        """Write the items that are left as one piece, build its graphs and codes anew, and free the rest.

        Searches go on meanwhile. CollectionError when no item is left, another writer, a full disk.
        """
        with self._writing() as state:
            rest = replace(state.manifest, base=1, removed=None, structures=())
            rest = replace(rest, segments=(state.write_rest(self._folder, progress),))
            fresh = State.of(self._folder, rest)
            structures = write_structures(self._folder, fresh.base.engine, state.manifest.built())
            self._commit(fresh, replace(rest, structures=structures))

    def refresh(self) -> bool:
        """See what another process has written since; whether there was anything."""
        with self._lock:
            before = self._state
            self._state = State.read(self._folder, before)
            return self._state is not before

    def verify(self) -> None:
        """Read every byte and compare it with its checksum. CollectionError, naming the file, if damaged."""

        def check(manifest: StoreManifest) -> None:
            for record in manifest.records():
                self._folder.checked(record)

        self._folder.steadily(check)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[State]:
        """The state in force, to make the next one of; whatever fails leaves it in force."""
        with self._lock, self._folder.writing():
            self._state = State.read(self._folder, self._state)
            self._folder.sweep(self._state.manifest)  # what a writer that failed or was killed left behind
            yield self._state

    def _commit(self, before: State, manifest: StoreManifest, engine: Engine | None = None) -> State:
        """Put the next state in force: on the disk, then here. `engine` is its base's, where it is made."""
        manifest = replace(manifest, generation=self._state.manifest.generation + 1)
        state = State.of(self._folder, manifest, before, engine)
        self._folder.commit(manifest)
        self._state = state
        self._folder.sweep(manifest)
        return state
