"""`truncate`: the algebra every other part leans on, for NumPy arrays and torch tensors alike."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mrl_demo.prefix import half_way_dims, truncate

numbers = st.floats(-1e3, 1e3, width=32).map(lambda value: value if abs(value) > 1e-3 else 0.0)
unhurried = settings(deadline=None)  # the machine is shared, and the first tensor is slow to make
batches = hnp.arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(1, 24)), elements=numbers)


@unhurried
@given(batches, st.data())
def test_truncating_twice_is_truncating_once(x, data):
    longer = data.draw(st.integers(1, x.shape[1]))
    shorter = data.draw(st.integers(1, longer))
    np.testing.assert_allclose(truncate(truncate(x, longer), shorter), truncate(x, shorter), atol=2e-5)


@unhurried
@given(batches, st.data())
def test_rows_have_unit_length_and_zero_rows_stay_zero(x, data):
    dim = data.draw(st.integers(1, x.shape[1]))
    norms = np.linalg.norm(truncate(x, dim), axis=-1)
    zero = ~x[:, :dim].any(axis=1)
    np.testing.assert_allclose(norms[~zero], 1, atol=1e-5)
    assert (norms[zero] == 0).all()


@unhurried
@given(batches, st.data())
def test_the_argument_is_never_written_to(x, data):
    before = x.copy()
    result = truncate(x, data.draw(st.integers(1, x.shape[1])))
    result[...] = 7
    np.testing.assert_array_equal(x, before)


@unhurried
@given(batches, st.data())
def test_torch_and_numpy_agree(x, data):
    import torch

    dim = data.draw(st.integers(1, x.shape[1]))
    np.testing.assert_allclose(truncate(torch.tensor(x), dim).numpy(), truncate(x, dim), atol=2e-5)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_dtype_is_kept_and_halves_do_not_overflow(dtype):
    x = np.full((2, 64), 1000, dtype)
    assert truncate(x, 16).dtype == dtype
    np.testing.assert_allclose(truncate(x, 16), 0.25, rtol=1e-3)


def test_a_single_vector_and_a_cube_keep_their_leading_axes():
    assert truncate(np.ones(8, np.float32), 3).shape == (3,)
    assert truncate(np.ones((2, 5, 8), np.float32), 3).shape == (2, 5, 3)


def test_the_gradient_at_a_zero_vector_is_finite():
    import torch

    x = torch.zeros(2, 8, requires_grad=True)
    truncate(x, 4).sum().backward()
    assert torch.isfinite(x.grad).all()


def test_half_precision_tensors_are_normalised_in_single_precision():
    import torch

    result = truncate(torch.full((1, 64), 1000.0, dtype=torch.float16), 16)
    assert result.dtype == torch.float16
    assert abs(result[0, 0].item() - 0.25) < 1e-3


@pytest.mark.parametrize("dim", [0, -1, 9, True, 2.0, "3", None])
def test_a_dim_outside_the_embedding_is_refused_with_the_range(dim):
    with pytest.raises(ValueError, match="1 to 8"):
        truncate(np.ones((2, 8), np.float32), dim)


@pytest.mark.parametrize("x", [np.ones(4, bool), np.ones(4, int), [1.0, 2.0], np.float32(3), np.ones((2, 0))])
def test_what_is_not_an_embedding_is_refused(x):
    with pytest.raises(ValueError):
        truncate(x, 1)


def test_half_way_dims_lie_between_neighbours_and_are_none_of_them():
    assert half_way_dims((8, 16, 32, 64, 128, 256, 512)) == [12, 24, 48, 96, 192, 384]
    assert half_way_dims([32, 8, 16, 8]) == [12, 24]
    assert half_way_dims((8,)) == half_way_dims(()) == half_way_dims((1, 2)) == []
