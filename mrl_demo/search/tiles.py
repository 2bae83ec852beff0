"""Prefixes laid out for scanning: tiles of 128 items, dim by dim inside, as far as dims were asked for.

One tile of one chunk of dims is a matrix of [dims, items] that lies in one piece, so a dot product runs over
contiguous memory, and so small that no BLAS starts threads over it. Knows rows; neither scores nor ranking.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from mrl_demo.search.hits import Floats
from mrl_demo.search.rerank import Rows

RESIDENT_BYTES = 1 << 30
"""What tiles may take; dims beyond that are read from the rows at each scan."""
ITEMS = 128
_WIDEST = 64  # dims of a chunk; 64 * 128 is below what OpenBLAS starts threads for
QUERIES = 32  # of a batch at once, for the same reason


class Tiles:
    """The rows' numbers, chunk of dims by chunk of dims, each [tiles, dims, 128] float32 in memory once it
    was asked for. The last tile is filled up with zeros. Safe to use from many threads.

    Args:
        ends: dims where a chunk should end, such as the nested ones.
    """

    def __init__(self, rows: Rows, ends: Sequence[int] = ()) -> None:
        self._rows = rows
        self.count = -(-rows.n // ITEMS)
        marks = sorted({0, *ends, rows.full_dim})
        edges = [edge for low, high in pairwise(marks) for edge in range(low, high, _WIDEST)]
        self.edges = (*edges, rows.full_dim)
        fits = RESIDENT_BYTES // (4 * ITEMS * self.count)
        self._resident = [edge for edge in self.edges[1:] if edge <= fits]
        # Only promised: the system gives memory when it is written to, and for one long piece in large pages.
        most = self._resident[-1] if self._resident else 0
        self._memory = np.empty(self.count * most * ITEMS, np.float32)
        self._chunks: list[Floats] = []
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes laid out so far."""
        return sum(chunk.nbytes for chunk in self._chunks)

    def resident(self, dim: int) -> int:
        """Lays out chunks up to `dim`, as far as memory may be taken; the dim up to which they are there."""
        wanted = self._wanted(dim)
        if len(self._chunks) < len(wanted):
            with self._lock:
                for index in range(len(self._chunks), len(wanted)):
                    self._chunks.append(self._lay_out(self.edges[index], self.edges[index + 1]))
        return wanted[-1] if wanted else 0

    def bytes_at(self, dim: int) -> int:
        """Bytes that are laid out for chunks up to `dim`: each as a whole, and whole tiles."""
        return 4 * ITEMS * self.count * max(self._wanted(dim), default=0)

    def _wanted(self, dim: int) -> list[int]:
        """Where the chunks end that are needed up to `dim`, as far as memory may be taken."""
        return [edge for edge, before in zip(self._resident, self.edges, strict=False) if before < dim]

    def chunk(self, index: int, start: int, stop: int) -> Floats:
        """Tiles start..stop of a chunk that is resident: (stop - start, dims, 128), not to be written to."""
        return self._chunks[index][start:stop]

    def _lay_out(self, low: int, high: int) -> Floats:
        size = self.count * ITEMS
        chunk = self._memory[low * size : high * size].reshape(self.count, high - low, ITEMS)
        step = 32 * ITEMS
        for start in range(0, self._rows.n, step):
            rows = self._rows.block(start, min(start + step, self._rows.n), high)[:, low:]
            whole = len(rows) // ITEMS
            first = start // ITEMS
            tiled = rows[: whole * ITEMS].reshape(whole, ITEMS, high - low)
            chunk[first : first + whole] = tiled.transpose(0, 2, 1)
            if whole * ITEMS < len(rows):
                chunk[-1] = 0
                chunk[-1, :, : len(rows) - whole * ITEMS] = rows[whole * ITEMS :].T
        return chunk
