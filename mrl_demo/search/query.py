"""What a caller asks for, checked: queries, k, filters. Plain words out when it cannot be searched.

Knows shapes and numbers, not how anything is found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mrl_demo.errors import QueryError
from mrl_demo.prefix import check_dim
from mrl_demo.search.hits import Floats, Mask


@dataclass(frozen=True)
class Queries:
    """One query or a batch, ready to be compared at any prefix.

    Attributes:
        vectors: unit rows, (q, full_dim) float32.
        lengths: the length of each row's prefix at every dim, (q, full_dim) float32; the last is 1.
        inverse_lengths: 1 / lengths, 0 where the prefix is zero.
        single: one query was given, not a batch: its hits come back without a batch axis.
    """

    vectors: Floats
    lengths: Floats
    inverse_lengths: Floats
    single: bool

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
        if not np.isfinite(batch).all():
            raise QueryError("a query must be finite numbers, but holds NaN or infinity")
        largest = np.abs(batch).max(axis=1, keepdims=True)
        if not largest.all():
            raise QueryError("a query of nothing but zeros has no direction to search in")
        batch /= largest  # so that no square overflows
        lengths = np.sqrt(np.cumsum(np.square(batch), axis=1))
        vectors = (batch / lengths[:, -1:]).astype(np.float32)
        lengths = (lengths / lengths[:, -1:]).astype(np.float32)
        inverse = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        return cls(vectors, lengths, inverse, given.ndim == 1)

    def part(self, start: int, stop: int) -> Queries:
        """Queries start..stop of the batch, as a batch."""
        each = slice(start, stop)
        return Queries(self.vectors[each], self.lengths[each], self.inverse_lengths[each], False)

    def __len__(self) -> int:
        return len(self.vectors)

    def prefix(self, dim: int) -> Floats:
        """`truncate(vectors, dim)` from lengths already known: (q, dim) float32. A zero prefix stays zero."""
        return self.vectors[:, :dim] * self.inverse_lengths[:, dim - 1 : dim]


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
