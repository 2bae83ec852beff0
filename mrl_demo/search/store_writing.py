"""Writes the parts of a store: segments of rows, and graphs and codes over them.

Knows `StoreFolder` and puts nothing in force: that is for whoever commits a manifest that names these files.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np

from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import FirstStage, Keys
from mrl_demo.search.store_folder import StoreFolder
from mrl_demo.search.store_manifest import Segment, StoreManifest, Structure
from mrl_demo.search.structures import Progress, structure_name
from mrl_demo.search.vectors import STORED, Codes

KEY = np.dtype("<i8")


def write_segment(
    folder: StoreFolder,
    manifest: StoreManifest,
    count: int,
    codes: Iterable[Codes],
    keys: Keys | None,
) -> Segment:
    """Write rows and their keys; None where each row's key is its number in the store."""
    rows = folder.write_rows("rows", count, (manifest.full_dim,), STORED[manifest.dtype], codes)
    if keys is None:
        return Segment(count, rows)
    return Segment(count, rows, folder.write_array("keys", keys.astype(KEY)))


def write_structures(
    folder: StoreFolder,
    engine: Engine,
    wanted: Iterable[tuple[FirstStage, int]],
    progress: Progress | None = None,
) -> tuple[Structure, ...]:
    """Build what is not built yet of the graphs and codes over an engine's rows, and write them all."""
    written = []
    for first, dim in wanted:
        if first.kind == "hnsw":
            engine.index(dim, first.dtype, progress=progress)
        else:
            engine.signs(dim)
        name = structure_name(first, dim)
        suffix = name.rpartition(".")[2]
        file = folder.write("structure", suffix, partial(engine.save_structure, name))
        written.append(Structure(first, dim, file))
    return tuple(written)
