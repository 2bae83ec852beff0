"""One state of a store, ready to be searched, made from its manifest; and rows on their way into one.

Engines are carried over from the state before wherever their rows are the same. Knows `StoreFolder`, changes
nothing in force: what is written here belongs to no state until its manifest is committed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mrl_demo.errors import CollectionError, QueryError
from mrl_demo.prefix import truncate
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import FirstStage, Floats, Hits, Keys, Mask
from mrl_demo.search.query import Queries
from mrl_demo.search.shelf import Shelf, merged
from mrl_demo.search.store_folder import StoreFolder
from mrl_demo.search.store_manifest import Segment, StoreManifest
from mrl_demo.search.store_writing import KEY, write_segment, write_structures
from mrl_demo.search.structures import Progress, structure_name
from mrl_demo.search.vectors import STORED, Codes, Vectors


class State:
    """What a manifest says, as shelves: the base, and the tail where rows were added since. Immutable."""

    def __init__(
        self, manifest: StoreManifest, base: Shelf, tail: Shelf | None, removed: Keys, rotation: Floats | None
    ) -> None:
        self.manifest, self.base, self.tail = manifest, base, tail
        self.removed, self.rotation = removed, rotation
        self.shelves: tuple[Shelf, ...] = (base,) if tail is None else (base, tail)
        self.count = sum(shelf.count for shelf in self.shelves)

    @classmethod
    def read(cls, folder: StoreFolder, before: State | None = None) -> State:
        """The state in force; `before` itself when nothing has changed. CollectionError when damaged."""
        return folder.steadily(
            lambda manifest: (
                before
                if before is not None and before.manifest == manifest
                else cls.of(folder, manifest, before)
            )
        )

    @classmethod
    def of(
        cls,
        folder: StoreFolder,
        manifest: StoreManifest,
        before: State | None = None,
        engine: Engine | None = None,
    ) -> State:
        """The state of `manifest`, whose files are in the folder. `engine` is the base's where it is made.

        A structure whose file is missing is left out, and built again by the first search that needs it.
        """
        rows = sum(segment.count for segment in manifest.segments)
        removed = np.zeros(0, np.int64)
        if manifest.removed is not None:
            removed = folder.array(manifest.removed, (None,), KEY, check=True)
            if len(removed) == 0 or (np.diff(removed) <= 0).any() or removed[0] < 0 or removed[-1] >= rows:
                raise CollectionError(f"{folder.path / manifest.removed.name} names rows that are not there")
        rotation = None if before is None else before.rotation
        if manifest.rotation is not None and rotation is None:
            square = (manifest.full_dim, manifest.full_dim)
            rotation = folder.array(manifest.rotation, square, STORED["f32"], check=True)
        old, new = manifest.segments[: manifest.base], manifest.segments[manifest.base :]
        first = sum(segment.count for segment in old)
        alive = None if len(removed) == 0 else np.ones(rows, bool)
        if alive is not None:
            alive[removed] = False
        known = None if before is None else before.manifest
        if before is not None and known is not None and known.segments[: known.base] == old:
            base = before.base.masked(None if alive is None else alive[:first])
        else:
            base = _shelf(folder, manifest, old, alive, 0, engine)
        for structure in manifest.structures:
            name = structure_name(structure.first_stage, structure.dim)
            if name not in base.engine.structure_names() and (folder.path / structure.file.name).exists():
                base.engine.load_structure(name, folder.checked(structure.file))
        if not new:
            return cls(manifest, base, None, removed, rotation)
        same = known is not None and (known.segments, known.base) == (manifest.segments, manifest.base)
        if before is not None and before.tail is not None and same:
            tail = before.tail.masked(None if alive is None else alive[first:])
        else:
            tail = _shelf(folder, manifest, new, alive, first, None)
        return cls(manifest, base, tail, removed, rotation)

    @property
    def tail_rows(self) -> int:
        """Rows of the tail, removed ones included."""
        return 0 if self.tail is None else self.tail.engine.n

    def search(self, query: npt.ArrayLike, cascade: Cascade, k: int, first: FirstStage) -> Hits:
        """See `Store.search`."""
        k, query = _check_k(k, cascade), self._rotated(query)
        found = [self.base.search(query, cascade, k, first)]
        if self.tail is not None:
            found.append(self.tail.search(query, cascade, k, FirstStage("exact")))
        return found[0] if len(found) == 1 else merged(found, k)

    def rank_at(self, query: npt.ArrayLike, dims: Sequence[int], k: int) -> list[Hits]:
        """See `Store.rank_at`."""
        k, query = _check_k(k), self._rotated(query)
        found = [shelf.rank_at(query, dims, k) for shelf in self.shelves]
        return found[0] if len(found) == 1 else [merged(each, k) for each in zip(*found, strict=True)]

    def _rotated(self, query: npt.ArrayLike) -> npt.ArrayLike:
        if self.rotation is None:
            return query
        queries = Queries.read(query, self.manifest.full_dim)
        turned: Floats = queries.vectors @ self.rotation
        return turned[0] if queries.single else turned

    def embedding(self, row: int) -> Floats:
        """A row of the whole store as it was given, but of unit length: (full_dim,) float32."""
        full_dim = self.manifest.full_dim
        kept = truncate(self.vectors().gather(np.array([row]), full_dim)[0], full_dim)  # i8 keeps no lengths
        given: Floats = kept if self.rotation is None else kept @ self.rotation.T
        return given

    def find(self, key: int) -> int | None:
        """The row of a key in the whole store, None where it is not there."""
        if not -(2**63) <= key < 2**63:
            return None
        row = int(self.rows_of(np.array([key], np.int64))[0])
        return None if row < 0 else row

    def rows_of(self, keys: Keys) -> Keys:
        """The row of each key in the whole store, -1 where there is none."""
        rows = self.base.rows_of(keys)
        if self.tail is not None:
            later = self.tail.rows_of(keys)
            rows = np.where(later >= 0, later + self.base.engine.n, rows)
        return rows

    def vectors(self) -> Vectors:
        """All rows, removed ones included, as they are kept."""
        return Vectors.join([shelf.engine.rows.vectors for shelf in self.shelves])

    def write_rest(self, folder: StoreFolder, progress: Progress | None) -> Segment:
        """Write the rows that were not removed, as one segment."""
        if self.count == 0:
            raise CollectionError("every item was removed: there is nothing left to compact")

        def codes() -> Iterator[Codes]:
            done, first, step = 0, 0, 1 << 14
            alive = np.ones(sum(shelf.engine.n for shelf in self.shelves), bool)
            alive[self.removed] = False
            for part in self.vectors().parts:
                for start in range(0, len(part), step):
                    some = part[start : start + step]
                    yield some[alive[first + start : first + start + len(some)]]
                first += len(part)
                done = int(alive[:first].sum())
                if progress is not None:
                    progress(done, self.count)

        keys = np.concatenate([shelf.keys for shelf in self.shelves])
        named = None if np.array_equal(keys, np.arange(self.count)) else keys
        return write_segment(folder, self.manifest, self.count, codes(), named)

    def with_one_tail(self, folder: StoreFolder) -> StoreManifest:
        """The manifest with the segments of the tail, removed rows included, written together as one."""
        manifest = self.manifest
        if self.tail is None or len(manifest.segments) == manifest.base + 1:
            return manifest
        parts, n = self.tail.engine.rows.vectors.parts, self.tail.engine.n
        segment = write_segment(folder, manifest, n, parts, self.tail.keys_of(np.arange(n)))
        return replace(manifest, segments=(*manifest.segments[: manifest.base], segment))

    def absorbed(self, folder: StoreFolder) -> tuple[StoreManifest, Engine]:
        """The manifest with the tail taken into the base, and its engine: graphs and codes grow by it."""
        engine = self.base.engine.extended(self.vectors())
        manifest = self.with_one_tail(folder)
        structures = write_structures(folder, engine, manifest.built())
        return replace(manifest, base=len(manifest.segments), structures=structures), engine


def _shelf(
    folder: StoreFolder,
    manifest: StoreManifest,
    segments: Sequence[Segment],
    alive: Mask | None,
    first: int,
    engine: Engine | None,
) -> Shelf:
    """The rows of some segments under their keys; `alive` is the whole store's, `first` their first row."""
    if engine is None:
        stored = STORED[manifest.dtype]
        shape = manifest.full_dim
        parts = [folder.array(each.rows, (each.count, shape), stored, check=False) for each in segments]
        if first:  # the tail is small, and searched faster in one piece
            parts = [np.concatenate(parts)]
        engine = Engine(Vectors(parts), manifest.nested_dims)
    here = None if alive is None else alive[first : first + engine.n]
    if all(each.keys is None for each in segments):
        return Shelf(engine, None, here, first)
    keys, start = [], first
    for each in segments:
        numbers = np.arange(start, start + each.count)
        given = None if each.keys is None else folder.array(each.keys, (each.count,), KEY, check=True)
        keys.append(numbers if given is None else given)
        start += each.count
    return Shelf(engine, keys[0] if len(keys) == 1 else np.concatenate(keys), here, first)


def _check_k(k: object, cascade: Cascade | None = None) -> int:
    if isinstance(k, bool | np.bool_) or not isinstance(k, int | np.integer) or k < 1:
        raise QueryError(f"k must be a whole number from 1, got {k!r}")
    if cascade is not None and cascade.shortlists and cascade.shortlists[-1] < k:
        raise QueryError(
            f"k must not exceed the last shortlist, got k={k} and a shortlist of {cascade.shortlists[-1]}"
        )
    return int(k)
