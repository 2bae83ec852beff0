"""What a caller asks for, checked: queries, k, filters. Plain words out when it cannot be searched.

Knows shapes and numbers, not how anything is found.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mrl_demo.errors import QueryError
from mrl_demo.prefix import check_dim
from mrl_demo.search.hits import Floats, Mask

_SMALL, _LARGE = 1e-200, 1e200  # squared lengths between which nothing over- or underflows


class Queries:
    """One query or a batch, ready to be compared at any prefix. Never written to.

    Attributes:
        vectors: unit rows, (q, full_dim) float32.
        single: one query was given, not a batch: its hits come back without a batch axis.
    """

    __slots__ = ("_prefixes", "_units", "single", "vectors")

    def __init__(self, units: npt.NDArray[np.float64], single: bool) -> None:
        """`units`: rows of unit length, (q, full_dim)."""
        self._units = units
        self.vectors: Floats = units.astype(np.float32)
        self.single = single
        self._prefixes: dict[int, Floats] = {}

    @classmethod
    def read(cls, query: npt.ArrayLike, full_dim: int) -> Queries:
        """Check and normalise.

        Args:
            query: numbers of shape (full_dim,) or (q, full_dim), floats or integers; never written to.

        Raises:
            QueryError: another shape, no query, not numbers, NaN or infinity, or nothing but zeros.
        """
        given = _numbers(query)
        if given.ndim not in (1, 2):
            raise QueryError(
                f"a query has the shape ({full_dim},), a batch (q, {full_dim}), got {given.shape}"
            )
        if given.shape[-1] != full_dim:
            raise QueryError(f"a query must have {full_dim} numbers, got {given.shape[-1]}")
        batch = np.array(given, np.float64, ndmin=2)  # a copy
        if len(batch) == 0:
            raise QueryError("no query was given: the batch is empty")
        squares = _squares(batch, given.dtype.itemsize)
        each = squares.tolist()
        if not (min(each) > _SMALL and sum(each) < _LARGE):  # nor does NaN pass
            if not np.isfinite(batch).all():
                raise QueryError("a query must be finite numbers, but holds NaN or infinity")
            largest = np.abs(batch).max(axis=1, keepdims=True)
            if not largest.all():
                raise QueryError("a query of nothing but zeros has no direction to search in")
            batch /= largest  # so that no square overflows
            squares = np.vecdot(batch, batch)
        batch /= np.sqrt(squares)[:, None]
        return cls(batch, given.ndim == 1)

    def part(self, start: int, stop: int) -> Queries:
        """Queries start..stop of the batch, as a batch."""
        return Queries(self._units[start:stop], False)

    def __len__(self) -> int:
        return len(self.vectors)

    def lengths(self, dim: int) -> npt.NDArray[np.float64]:
        """The length of each row's prefix: (q,), at most 1."""
        start = self._units[:, :dim]
        lengths: npt.NDArray[np.float64] = np.sqrt(np.vecdot(start, start))
        return lengths

    def prefix(self, dim: int) -> Floats:
        """`truncate(vectors, dim)`, kept for the next time: (q, dim) float32. A zero prefix stays zero."""
        if dim == self.vectors.shape[1]:
            return self.vectors
        known = self._prefixes.get(dim)
        if known is None:
            lengths = self.lengths(dim)[:, None]
            if not lengths.all():
                lengths[lengths == 0] = 1
            known = self._prefixes[dim] = (self._units[:, :dim] / lengths).astype(np.float32)
        return known


def _squares(batch: npt.NDArray[np.float64], itemsize: int) -> npt.NDArray[np.float64]:
    """Squared lengths; those of numbers wider than float32 may overflow, which the caller looks after."""
    if itemsize <= 4:
        return np.asarray(np.vecdot(batch, batch))
    with np.errstate(over="ignore"):
        return np.asarray(np.vecdot(batch, batch))


def check_dims(dims: object, full_dim: int) -> tuple[int, ...]:
    """The dims as integers, each from 1 to full_dim; QueryError otherwise."""
    try:
        given = tuple(dims)  # type: ignore[arg-type, var-annotated]
    except TypeError:
        raise QueryError(f"dims must be a list of integers from 1 to {full_dim}, got {dims!r}") from None
    if not given:
        raise QueryError(f"at least one dim is needed, each from 1 to {full_dim}")
    for dim in given:
        try:
            check_dim(dim, full_dim)
        except ValueError as error:
            raise QueryError(str(error)) from None
    return tuple(int(dim) for dim in given)


def check_k(k: object, n: int) -> int:
    """`k` as an int from 1 to `n`; QueryError otherwise."""
    if isinstance(k, bool | np.bool_) or not isinstance(k, int | np.integer) or not 1 <= k <= n:
        raise QueryError(f"k must be a whole number from 1 to {n}, the size of the collection, got {k!r}")
    return int(k)


def check_where(where: object, n: int) -> Mask | None:
    """A filter: None, or one bool an item. QueryError otherwise."""
    if where is None:
        return None
    mask = np.asarray(where)
    if mask.dtype != np.bool_ or mask.shape != (n,):
        raise QueryError(
            f"where must be {n} booleans, one an item, got dtype {mask.dtype} and shape {mask.shape}"
        )
    return None if mask.all() else mask


def _numbers(query: npt.ArrayLike) -> npt.NDArray[np.number]:
    try:
        array = np.asarray(query)
    except ValueError:
        raise QueryError("a query must be an array of numbers; the rows given differ in length") from None
    if array.dtype.kind not in "fiu":
        raise QueryError(f"a query must be real numbers, got {type(query).__name__} of dtype {array.dtype}")
    return array
