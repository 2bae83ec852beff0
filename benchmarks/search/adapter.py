"""What run.py asks of an engine, ours or another's. Imports none of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Keys = npt.NDArray[np.int64]
Setting = tuple[int, ...]

K = 10
BEAMS = tuple(sorted({round(10 * 1.12**step) for step in range(48)}))  # 10 .. about 2,000


class Adapter(Protocol):
    """One engine over one set of vectors.

    Attributes:
        name: as in the table.
        file: the index on disk, a file or folder in that of the set; "" when there is nothing to build.
        reads_matrix: it reads the full matrix besides its index when it searches.
        settings: families of settings, each ascending in recall and cost; () where there is nothing to set.
    """

    name: str
    file: str
    reads_matrix: bool
    settings: tuple[Sequence[Setting], ...]

    def prepare(self, vectors: Floats, where: Path) -> None:
        """Write the full matrix as this engine wants it into the folder of the set, unless it is there.

        No part of building the index: neither its time nor its bytes are counted.
        """

    def build(self, vectors: Floats, path: Path, threads: int) -> None:
        """Build from (n, dim) vectors and write to `path`."""

    def open(self, vectors: Floats, path: Path) -> None:
        """Make ready to search. `vectors` is the memory-mapped matrix."""

    def mapped_bytes(self, path: Path) -> int:
        """Bytes of the index that are mapped, so that they are not in the process's anonymous memory."""

    def set(self, setting: Setting) -> None:
        """Choose recall against speed."""

    def threads(self, count: int) -> None:
        """How many threads a call may use. BLAS and OpenMP are told by run.py, for all engines alike."""

    def search(self, query: Floats) -> Keys:
        """The keys of the best K of one query (dim,), best first."""

    def search_batch(self, queries: Floats) -> Keys:
        """The same for a batch (q, dim): (q, K)."""
