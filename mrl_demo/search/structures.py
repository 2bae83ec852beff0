"""What first stages keep beside the matrix: graphs and sign codes, each built at its first use, saved and
loaded by name, and grown with the collection; dropped again where they become too much for the memory. Knows
rows; runs no search.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

from mrl_demo.errors import CollectionError
from mrl_demo.search.hits import FirstStage, GraphDtype
from mrl_demo.search.rerank import Rows
from mrl_demo.search.signs import SignCodes
from mrl_demo.search.usearch_index import GRAPH_BYTES, VECTOR_BYTES, PrefixIndex

# Whoever may ask for any dim in any dtype could fill the memory. The page's 32 stops over 100,000 items of
# 512 dims are 1.1 GB.
MOST_BYTES = 2_000_000_000
FEW = 8  # of those asked for last stay whatever their size: a plan compares seven, again and again

Progress = Callable[[int, int], None]
_NAMES = re.compile(
    r"hnsw-(?P<graph>[1-9]\d*)-(?P<dtype>bf16|f16|i8)\.usearch|signs-(?P<signs>[1-9]\d*)\.npy"
)


class Structures:
    """The graphs and codes over one matrix, by name: "hnsw-64-i8.usearch", "signs-256.npy". Safe to use from
    many threads; whoever comes first builds, the others wait.

    What was built because it was asked for is dropped, longest unused first, when it all takes more than
    MOST_BYTES; what was loaded, or grown from another matrix's, stays.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._built: dict[str, PrefixIndex | SignCodes] = {}
        self._used: dict[str, float] = {}  # when each that may be dropped was last asked for
        self._lock = threading.Lock()

    def graph(
        self,
        dim: int,
        dtype: GraphDtype = "bf16",
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> PrefixIndex:
        """The HNSW graph at one dim; `threads` and `progress` as for `PrefixIndex`."""
        found = self._get(
            f"hnsw-{dim}-{dtype}.usearch", lambda: PrefixIndex(self._rows, dim, dtype, threads, progress)
        )
        assert isinstance(found, PrefixIndex)
        return found

    def signs(self, dim: int) -> SignCodes:
        """The sign codes of the first `dim` numbers."""
        found = self._get(f"signs-{dim}.npy", lambda: SignCodes(self._rows, dim))
        assert isinstance(found, SignCodes)
        return found

    def _get(self, name: str, build: Callable[[], PrefixIndex | SignCodes]) -> PrefixIndex | SignCodes:
        found = self._built.get(name)
        if found is None:
            with self._lock:
                found = self._built.get(name)
                if found is None:
                    found = self._built[name] = build()
                    self._used[name] = time.monotonic()
                    self._make_room()
        if name in self._used:
            self._used[name] = time.monotonic()
        return found

    def _make_room(self) -> None:
        # A name that a search touched while it was being dropped is in `_used` alone.
        unused_first = sorted(self._used.keys() & self._built.keys(), key=self._used.__getitem__)
        nbytes = {name: self._built[name].nbytes for name in unused_first}
        for name in unused_first[:-FEW]:
            if sum(nbytes.values()) <= MOST_BYTES:
                break
            del self._built[name], self._used[name], nbytes[name]

    def names(self) -> tuple[str, ...]:
        """Of what is built, in order of name."""
        return tuple(sorted(self._built))

    def save(self, name: str, path: Path) -> None:
        """Write one structure to a file of its own. CollectionError when it is not built."""
        found = self._built.get(name)
        if found is None:
            raise CollectionError(f"{name} is not built; built are: {', '.join(self.names()) or 'none'}")
        found.save(path)

    def load(self, name: str, path: Path, view: bool = True) -> None:
        """Take one structure from a file that `save` wrote, mapped (`view`) or read.

        Raises:
            CollectionError: the name is none that `names` gives, or the file is not that structure over as
                many rows.
        """
        dim = _dim(name)
        if not 1 <= dim <= self._rows.full_dim:
            raise CollectionError(f"{name} does not fit vectors of {self._rows.full_dim} numbers")
        loaded: PrefixIndex | SignCodes
        if (dtype := graph_dtype(name)) is not None:
            loaded = PrefixIndex.load(path, dim, self._rows.n, dtype, view)
        else:
            loaded = SignCodes.load(path, dim, self._rows.n, view)
        with self._lock:
            self._built[name] = loaded
            self._used.pop(name, None)

    def nbytes(self, first: FirstStage, dim: int) -> tuple[int, bool]:
        """Bytes a graph or codes keep beside the matrix, and whether they were measured (built) or estimated.
        What the exact stage keeps, its scan knows."""
        n = self._rows.n
        built = self._built.get(structure_name(first, dim))
        if built is not None:
            return built.nbytes, True
        if first.kind == "signs":
            return n * -(-dim // 64) * 8, True
        return n * (dim * VECTOR_BYTES[first.dtype] + GRAPH_BYTES), False

    def extended(self, rows: Rows) -> Structures:
        """The same structures over `rows`, of which these rows are the first; these stay as they are."""
        grown = Structures(rows)
        grown._built = {name: built.extended(rows) for name, built in list(self._built.items())}
        return grown


def structure_name(first: FirstStage, dim: int) -> str:
    """The name of what an approximate first stage looks into at `dim`; "" for the exact one."""
    if first.kind == "exact":
        return ""
    return f"hnsw-{dim}-{first.dtype}.usearch" if first.kind == "hnsw" else f"signs-{dim}.npy"


def graph_dtype(name: str) -> GraphDtype | None:
    """The dtype in the name of a graph; None for codes."""
    return _parsed(name)["dtype"]  # type: ignore[return-value]  # the pattern allows no other


def _dim(name: str) -> int:
    parts = _parsed(name)
    return int(parts["graph"] or parts["signs"])


def _parsed(name: str) -> re.Match[str]:
    match = _NAMES.fullmatch(name)
    if match is None:
        raise CollectionError(f"{name!r} is not the name of a graph or of sign codes")
    return match
