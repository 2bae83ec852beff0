"""The rows that are searched: a matrix of f32, f16, bf16 or i8, in one part or several, in memory or mapped.

Whoever reads gets float32, whatever is stored, and never the whole. Knows numbers and shapes; neither files
nor how anything is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from mrl_demo.errors import CollectionError
from mrl_demo.search.hits import AnyFloats, Floats, Keys

Dtype = Literal["f32", "f16", "bf16", "i8"]
DTYPES: tuple[Dtype, ...] = get_args(Dtype)
Codes = npt.NDArray[Any]
"""Rows as they are stored: (n, full_dim) of the type in `STORED`."""

STORED: dict[Dtype, np.dtype[Any]] = {
    "f32": np.dtype("<f4"),
    "f16": np.dtype("<f2"),
    "bf16": np.dtype("<u2"),  # the upper half of a float32; NumPy has no bf16
    "i8": np.dtype("i1"),
}
_NAMES: dict[np.dtype[Any], Dtype] = {stored: name for name, stored in STORED.items()}
_HALF_BITS = np.int32(-0x70002000)  # 0x8fffe000: a half's sign, and its 15 other bits shifted by 13
_REBIASED = np.float32(2.0**112)  # from float16's exponents, which are 15 more, to float32's, 127
_SHORTEST, _LONGEST = 1e-30, 1e30  # squared lengths of rows that are kept as they come
_BLOCK_BYTES = 8 << 20  # what is checked or converted at once: stays in the cache


class Vectors:
    """Immutable rows of shape (n, full_dim), in one part or several of the same dtype, one after another.

    "i8" keeps directions, not lengths: each row is rounded with a scale of its own, 127 / max|x|, which is
    then forgotten. Cosines are what is searched for, and they do not know a row's length.

    Args:
        parts: rows as they are stored, (n_i, full_dim) float32, float16, uint16 (bf16) or int8; kept, not
            copied, and not looked at: they may be memory maps. `Vectors.of` is for arrays from outside.

    Raises:
        CollectionError: no rows, or parts that differ in dtype or full_dim.
    """

    def __init__(self, parts: Sequence[Codes]) -> None:
        self.parts: tuple[Codes, ...] = tuple(np.asarray(part) for part in parts if len(part))
        if not self.parts or self.parts[0].shape[-1] == 0:
            raise CollectionError("the collection is empty: there is nothing to search")
        kinds = {(part.dtype, part.shape[1:]) for part in self.parts}
        stored, shape = self.parts[0].dtype, self.parts[0].shape
        if len(kinds) > 1 or stored not in _NAMES or len(shape) != 2:
            raise CollectionError(
                f"parts must be matrices alike in dtype and width, got {sorted(map(str, kinds))}"
            )
        self.dtype: Dtype = _NAMES[stored]
        self.full_dim: int = shape[1]
        self._starts = np.cumsum([0, *(len(part) for part in self.parts)])  # of each part, and n
        self.n = int(self._starts[-1])
        self._only = self.parts[0] if len(self.parts) == 1 else None

    @classmethod
    def of(cls, array: AnyFloats, dtype: Dtype | None = None) -> Vectors:
        """Check an array of floats, and convert it where another `dtype` than its own is asked for.

        Args:
            array: (n, full_dim) floats, never written to; float16 stays f16 and float32 f32, not copied
                unless a row is so long or short that its square leaves float32: see `_of_safe_length`.
                Do not write to it afterwards.
            dtype: what to keep it in; None: its own (f32 for float64).

        Raises:
            CollectionError: not a float matrix, no rows, NaN or infinity in it, or numbers too large for
                `dtype`.
        """
        given = check_matrix(array)
        if dtype is None:
            dtype = _NAMES.get(given.dtype.newbyteorder("<"), "f32")
        if STORED.get(dtype) == given.dtype:
            return cls([_of_safe_length(np.ascontiguousarray(given))])
        codes = np.empty(given.shape, STORED[check_dtype(dtype)])
        for start, stop in _blocks(*given.shape):
            codes[start:stop] = encode(given[start:stop], dtype)
            if dtype in ("f32", "bf16"):  # which reach as far as float32
                wide = decode(codes[start:stop])
                safe = _of_safe_length(wide)
                if safe is not wide:
                    codes[start:stop] = encode(safe, dtype)
        return cls([codes])

    @classmethod
    def join(cls, several: Sequence[Vectors]) -> Vectors:
        """All rows of the first, then of the second, and so on; nothing is copied. CollectionError as
        above.
        """
        return cls([part for vectors in several for part in vectors.parts])

    def __len__(self) -> int:
        return self.n

    @property
    def itemsize(self) -> int:
        """Bytes of one number as stored."""
        return STORED[self.dtype].itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all rows as stored."""
        return self.n * self.full_dim * self.itemsize

    def block(self, start: int, stop: int, dim: int) -> Floats:
        """Rows start..stop, first `dim` numbers, not renormalised: (stop - start, dim) float32.

        May be a view of what is stored: never write to it.
        """
        found = [
            decode(part[max(start - first, 0) : max(stop - first, 0), :dim])
            for part, first in zip(self.parts, self._starts[:-1].tolist(), strict=True)
            if first < stop and start < first + len(part)
        ]
        if len(found) == 1:
            return found[0]
        return np.concatenate(found) if found else np.empty((0, dim), np.float32)

    def gather(self, keys: Keys, dim: int) -> Floats:
        """The first `dim` numbers of the rows `keys`, not renormalised: (*keys.shape, dim) float32.

        Keys must be row numbers from 0 to n - 1.
        """
        if self._only is not None:  # whole rows are taken a tenth faster than cut ones
            return decode(self._only.take(keys, axis=0) if dim == self.full_dim else self._only[keys, :dim])
        rows = np.empty((*keys.shape, dim), np.float32)
        where = np.searchsorted(self._starts, keys, side="right") - 1
        for index in np.unique(where):
            here = where == index
            rows[here] = decode(self.parts[index][keys[here] - self._starts[index], :dim])
        return rows


def check_matrix(array: AnyFloats) -> AnyFloats:
    """`array` as a plain NumPy array; CollectionError unless it is a float matrix with something in it."""
    given = np.asarray(array)
    if given.ndim != 2 or given.dtype.kind != "f":
        raise CollectionError(
            "embeddings must be a float matrix of shape (n, full_dim), "
            f"got dtype {given.dtype} and shape {given.shape}"
        )
    if given.size == 0:
        raise CollectionError("the collection is empty: there is nothing to search")
    return given


def check_dtype(dtype: object) -> Dtype:
    """`dtype` as one of DTYPES; CollectionError otherwise."""
    for known in DTYPES:
        if dtype == known:
            return known
    raise CollectionError(f"vectors can be kept as {', '.join(DTYPES)}, not as {dtype!r}")


def encode(rows: AnyFloats, dtype: Dtype) -> Codes:
    """Rows (m, full_dim) of any float type as they are stored, rounded to nearest. Never writes to `rows`.

    Raises:
        CollectionError: NaN, infinity, or numbers too large for `dtype`.
    """
    check_finite(rows)
    with np.errstate(over="ignore"):
        if dtype == "f16":
            codes: Codes = rows.astype(STORED["f16"])
            check_finite(codes, dtype)
            return codes
        wide = rows.astype(STORED["f32"])
    check_finite(wide, "f32")
    if dtype == "f32":
        return wide
    if dtype == "bf16":
        bits = wide.view(np.uint32)
        codes = ((bits + np.uint32(0x7FFF) + (bits >> 16 & 1)) >> 16).astype(STORED["bf16"])
        check_finite(decode(codes), dtype)
        return codes
    largest = np.abs(wide).max(axis=1, keepdims=True)
    unit = np.divide(wide, largest, out=np.zeros_like(wide), where=largest > 0)
    rounded: Codes = np.rint(unit * 127).astype(STORED["i8"])
    return rounded


def decode(codes: Codes) -> Floats:
    """Stored rows as float32, the same shape; float32 itself is handed on, not copied."""
    if codes.dtype == STORED["bf16"]:
        wide = codes.astype(np.uint32)
        wide <<= 16
        return wide.view(np.float32)
    if codes.dtype == STORED["f16"]:
        return _from_halves(codes)
    return codes.astype(np.float32, copy=False)


def _from_halves(codes: Codes) -> Floats:
    """float16 as float32, exactly, a shortlist in half the time of `astype`; finite, as what is stored is.

    The bits are put where float32 has them, and a multiplication sets the exponents right, those of
    subnormal numbers too.
    """
    bits = codes.view(np.int16).astype(np.int32)  # a sign is copied to the left, and masked out again
    bits <<= 13
    bits &= _HALF_BITS
    wide: Floats = bits.view(np.float32)
    wide *= _REBIASED
    return wide


def _of_safe_length(rows: AnyFloats) -> AnyFloats:
    """The rows (m, full_dim) themselves where their squared lengths are far from over- and underflowing in
    float32; else a copy in which those that are not are multiplied by a power of two, so that their largest
    number is about 1: no bit of a direction changes. CollectionError for NaN and infinity."""
    copy: AnyFloats | None = None
    for start, stop in _blocks(*rows.shape):
        block = rows[start:stop]
        if block.dtype.itemsize < 4:  # float16 knows no such numbers
            check_finite(block)
            continue
        with np.errstate(over="ignore", under="ignore"):
            squares = np.vecdot(block, block)
        safe = (squares > _SHORTEST) & (squares < _LONGEST)  # so NaN and infinity are not
        if safe.all():
            continue
        check_finite(block)
        largest = np.abs(block).max(axis=1)
        odd = ~safe & (largest > 0)
        if odd.any():
            copy = np.array(rows) if copy is None else copy
            copy[start:stop][odd] = np.ldexp(block[odd], -np.frexp(largest[odd])[1][:, None])
    return rows if copy is None else copy


def _blocks(n: int, full_dim: int) -> Iterator[tuple[int, int]]:
    step = max(1, _BLOCK_BYTES // (4 * full_dim))
    for start in range(0, n, step):
        yield start, min(start + step, n)


def check_finite(rows: AnyFloats, dtype: Dtype | None = None) -> None:
    """CollectionError for NaN and infinity; `dtype` is what the rows were rounded to, if they were."""
    if not np.isfinite(rows).all():
        if dtype is not None:
            raise CollectionError(f"the embeddings hold numbers too large for {dtype}: normalise them first")
        raise CollectionError("the embeddings hold NaN or infinity: index the collection again")
