"""What is on its way into a store: rows brought to unit length, rotated, rounded to its dtype; keys; JSON.

Checks and converts; knows nothing of where it is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from mrl_demo.errors import CollectionError
from mrl_demo.prefix import truncate
from mrl_demo.search.hits import AnyFloats, Floats, Keys
from mrl_demo.search.structures import Progress
from mrl_demo.search.vectors import Codes, Dtype, Vectors, check_finite, check_matrix, encode

_STEP = 1 << 12  # rows converted at once


class Incoming:
    """(n, full_dim) vectors, read block by block: they may be a memory map larger than memory.

    Raises:
        CollectionError: no float matrix, no rows, another width than `full_dim`, or a rotation that is not
            an orthogonal matrix of that width. NaN and infinity are found when the rows are read.
    """

    def __init__(
        self,
        vectors: AnyFloats | Vectors,
        dtype: Dtype,
        rotation: Floats | None = None,
        full_dim: int | None = None,
    ) -> None:
        self._given = vectors if isinstance(vectors, Vectors) else check_matrix(vectors)
        self.count = len(self._given)
        self.dtype: Dtype = dtype
        given = self._given
        self.full_dim = given.full_dim if isinstance(given, Vectors) else int(given.shape[1])
        if full_dim is not None and self.full_dim != full_dim:
            raise CollectionError(f"the vectors have {self.full_dim} numbers, those of the store {full_dim}")
        self.rotation = None if rotation is None else _check_rotation(rotation, self.full_dim)

    def codes(self, progress: Progress | None = None) -> Iterator[Codes]:
        """The rows as they are to be kept, some at a time. CollectionError for NaN and infinity."""
        for start in range(0, self.count, _STEP):
            stop = min(start + _STEP, self.count)
            if isinstance(self._given, Vectors):
                rows: AnyFloats = self._given.block(start, stop, self.full_dim)
            else:
                rows = self._given[start:stop]
            check_finite(rows)
            rows = truncate(rows, self.full_dim)
            yield encode(
                rows if self.rotation is None else rows.astype(np.float32) @ self.rotation, self.dtype
            )
            if progress is not None:
                progress(stop, self.count)


def check_keys(keys: npt.ArrayLike, count: int | None = None) -> Keys:
    """`keys` as (m,) int64; CollectionError unless they are distinct whole numbers, `count` of them."""
    try:
        given = np.asarray(keys)
    except ValueError:
        given = np.zeros(0, object)
    if given.ndim != 1 or given.dtype.kind not in "iu" or len(given) == 0:
        raise CollectionError(
            f"keys must be a list of whole numbers, got dtype {given.dtype} and shape {given.shape}"
        )
    if given.dtype.kind == "u" and given.max() > np.iinfo(np.int64).max:
        raise CollectionError("keys must fit into 64 bits with a sign")
    if count is not None and len(given) != count:
        raise CollectionError(f"there are {len(given)} keys for {count} vectors")
    if len(np.unique(given)) < len(given):
        raise CollectionError("keys must be distinct, but some come twice")
    return given.astype(np.int64)


def _check_rotation(rotation: Floats, full_dim: int) -> Floats:
    given = np.asarray(rotation)
    if given.shape != (full_dim, full_dim) or given.dtype.kind != "f" or not np.isfinite(given).all():
        raise CollectionError(
            f"a rotation must be a matrix of {full_dim} x {full_dim} floats, got {given.dtype} {given.shape}"
        )
    if np.abs(given.T @ given - np.eye(full_dim)).max() > 1e-3:
        raise CollectionError("a rotation must be orthogonal: this matrix changes lengths and angles")
    return np.ascontiguousarray(given, np.float32)


def as_json(what: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that reads the same when it is back from a file; CollectionError where JSON cannot hold it."""
    try:
        copy = json.loads(json.dumps(dict(given), allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise CollectionError(f"{what} must be a mapping that JSON can hold: {error}") from None
    return dict(copy)


def some_of(keys: Keys) -> str:
    """The first few keys, to be shown."""
    return ", ".join(map(str, keys[:5].tolist())) + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")
