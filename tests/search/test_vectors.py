"""Vectors: what goes in comes out, in every dtype, in one part or several, and nothing bad gets in."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mrl_demo.errors import CollectionError
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.search.vectors import DTYPES, Vectors, decode, encode
from tests.search.conftest import clustered

unhurried = settings(deadline=None, max_examples=40)
matrices = hnp.arrays(
    np.float32, st.tuples(st.integers(1, 30), st.integers(1, 9)), elements=st.floats(-8, 8, width=32)
)


def cosines(left, right):
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    return np.vecdot(left, right) / lengths


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_keeps_directions(vectors, dtype):
    kept = Vectors.of(vectors, dtype)
    assert (kept.n, kept.full_dim, kept.dtype) == (2000, 128, dtype)
    assert kept.nbytes == vectors.size * kept.itemsize == vectors.size * {"f32": 4, "i8": 1}.get(dtype, 2)
    worst = 1 - cosines(kept.block(0, kept.n, 128), vectors).min()
    assert worst < {"f32": 1e-6, "f16": 1e-6, "bf16": 1e-5, "i8": 1e-3}[dtype]


@unhurried
@given(matrices, st.sampled_from(DTYPES), st.data())
def test_parts_and_the_whole_read_the_same(matrix, dtype, data):
    whole = Vectors.of(matrix, dtype)
    cuts = sorted(data.draw(st.lists(st.integers(0, whole.n), max_size=4)))
    edges = [0, *cuts, whole.n]
    pieces = [matrix[a:b] for a, b in pairwise(edges) if a < b]
    joined = Vectors.join([Vectors.of(piece, dtype) for piece in pieces])
    start, stop = sorted(data.draw(st.tuples(st.integers(0, whole.n), st.integers(0, whole.n))))
    dim = data.draw(st.integers(1, whole.full_dim))
    keys = data.draw(
        hnp.arrays(np.int64, st.sampled_from([(3,), (2, 4), (0,)]), elements=st.integers(0, whole.n - 1))
    )
    assert joined.n == whole.n
    np.testing.assert_array_equal(joined.block(start, stop, dim), whole.block(start, stop, dim))
    np.testing.assert_array_equal(joined.gather(keys, dim), whole.gather(keys, dim))
    assert whole.gather(keys, dim).shape == (*keys.shape, dim)
    assert whole.block(start, stop, dim).dtype == whole.gather(keys, dim).dtype == np.float32


@unhurried
@given(matrices)
def test_what_was_stored_is_stored_the_same_again(matrix):
    for dtype in DTYPES:
        codes = encode(matrix, dtype)
        np.testing.assert_array_equal(encode(decode(codes), dtype), codes)


def test_every_finite_float16_is_decoded_exactly():
    every = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)].reshape(2, -1)
    assert finite.size == (1 << 16) - 2 * (1 << 10)
    for codes in (finite, finite[:, ::3], finite.T):
        decoded, exact = decode(codes), codes.astype(np.float32)
        assert decoded.dtype == np.float32
        np.testing.assert_array_equal(decoded.view(np.uint32), exact.view(np.uint32))  # -0 too


def test_bf16_rounds_to_nearest_even():
    halfway = np.array([[1 + 2**-8, 1 + 3 * 2**-8, 1 + 2**-8 + 2**-20]], np.float32)
    np.testing.assert_array_equal(decode(encode(halfway, "bf16")), [[1, 1 + 2**-6, 1 + 2**-7]])


def test_an_array_of_the_right_type_is_kept_not_copied():
    for dtype in (np.float32, np.float16):
        given = clustered(10).astype(dtype)
        assert Vectors.of(given).parts[0] is given


def test_other_floats_are_converted():
    given = clustered(10)
    for other in (given.astype(np.float64), given.astype(">f4"), np.asfortranarray(given)):
        kept = Vectors.of(other)
        assert kept.dtype == "f32"
        np.testing.assert_array_equal(kept.block(0, 10, 128), given)


def test_a_zero_row_stays_zero():
    given = np.zeros((2, 3), np.float32)
    for dtype in DTYPES:
        np.testing.assert_array_equal(Vectors.of(given, dtype).block(0, 2, 3), given)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [None, *DTYPES])
def test_nan_and_infinity_are_refused(bad, dtype):
    given = clustered(5000, full_dim=8)
    given[4321, 3] = bad
    with pytest.raises(CollectionError, match="NaN or infinity"):
        Vectors.of(given, dtype)


def test_numbers_too_large_for_a_dtype_are_refused():
    with pytest.raises(CollectionError, match="too large for f16"):
        Vectors.of(np.full((1, 2), 1e6, np.float32), "f16")
    with pytest.raises(CollectionError, match="too large for f32"):
        Vectors.of(np.full((1, 2), 1e300))
    with pytest.raises(CollectionError, match="too large for bf16"):
        Vectors.of(np.full((1, 2), np.finfo(np.float32).max), "bf16")


@pytest.mark.parametrize(
    "given, says",
    [
        (np.zeros((3, 4), int), "float matrix"),
        (np.zeros(4, np.float32), "float matrix"),
        (np.zeros((0, 4), np.float32), "empty"),
        (np.zeros((4, 0), np.float32), "empty"),
    ],
)
def test_what_is_no_matrix_of_floats_is_refused(given, says):
    with pytest.raises(CollectionError, match=says):
        Vectors.of(given)


def test_unlike_parts_and_unknown_dtypes_are_refused():
    given = clustered(4)
    with pytest.raises(CollectionError, match="alike"):
        Vectors.join([Vectors.of(given), Vectors.of(given, "f16")])
    with pytest.raises(CollectionError, match="alike"):
        Vectors.join([Vectors.of(given), Vectors.of(given[:, :5])])
    with pytest.raises(CollectionError, match="f32, f16, bf16, i8"):
        Vectors.of(given, "f64")


@pytest.mark.parametrize("dtype", [None, "f32", "bf16"])
@pytest.mark.parametrize("factor", [1e-25, 1e20, 1e36])
def test_rows_of_any_length_keep_their_direction(vectors, queries, dtype, factor):
    given = vectors[:900].copy()
    given[::3] *= np.float32(factor)
    given[1] = 0
    untouched = given.copy()
    usual = vectors[:900].copy()
    usual[1] = 0
    one, other = (Engine(Vectors.of(rows, dtype)) for rows in (usual, given))
    for cascade in (Cascade.flat(128), Cascade.adaptive(16, 128, 50)):
        expected, hits = one.search(queries, cascade, 10), other.search(queries, cascade, 10)
        np.testing.assert_allclose(hits.scores, expected.scores, atol=1e-6 if dtype != "bf16" else 4e-3)
    np.testing.assert_array_equal(given, untouched)


def test_rows_of_a_safe_length_are_not_copied_mapped_or_not(tmp_path, vectors):
    given = vectors.copy()
    given[5] = 0
    np.save(tmp_path / "v.npy", given)
    for rows in (given, np.load(tmp_path / "v.npy", mmap_mode="r")):
        assert np.shares_memory(Vectors.of(rows).parts[0], rows)
