"""Embeddings from files: read as they are, or refused with what is wrong."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mrl_demo.collection.vector_file import holds_vectors, read_vectors
from mrl_demo.errors import CollectionError

ROWS = np.random.default_rng(0).standard_normal((50, 6)).astype(np.float32)


def parquet(path, **columns):
    pq.write_table(pa.table(columns), path, row_group_size=20)
    return path


def lists():
    return pa.array(ROWS.tolist(), pa.list_(pa.float32()))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_npy_is_mapped_not_read(tmp_path, dtype):
    np.save(tmp_path / "v.npy", ROWS.astype(dtype))
    found = read_vectors(tmp_path / "v.npy")
    assert isinstance(found, np.memmap) and found.dtype == dtype
    np.testing.assert_array_equal(found, ROWS.astype(dtype))


def test_one_vector_is_a_matrix_of_one_row(tmp_path):
    np.save(tmp_path / "q.npy", ROWS[0])
    np.testing.assert_array_equal(read_vectors(tmp_path / "q.npy"), ROWS[:1])


@pytest.mark.parametrize(
    "kind",
    [pa.list_(pa.float32()), pa.large_list(pa.float64()), pa.list_(pa.float32(), 6), pa.list_(pa.float16())],
)
def test_a_parquet_column_is_read_whatever_kind_of_list_it_is(tmp_path, kind):
    numbers = ROWS.astype(kind.value_type.to_pandas_dtype())
    array = pa.array([list(row) for row in numbers], kind)
    path = parquet(tmp_path / "v.parquet", name=["x"] * 50, embedding=array)
    np.testing.assert_allclose(read_vectors(path), ROWS, rtol=2e-3, atol=1e-3)
    np.testing.assert_allclose(read_vectors(path, "embedding"), ROWS, rtol=2e-3, atol=1e-3)


def test_which_column_must_be_said_where_there_are_two(tmp_path):
    path = parquet(tmp_path / "v.parquet", text=lists(), image_vector=lists())
    with pytest.raises(CollectionError, match="text, image_vector"):
        read_vectors(path)
    with pytest.raises(CollectionError, match="'words'"):
        read_vectors(path, "words")
    assert read_vectors(path, "text").shape == (50, 6)


@pytest.mark.parametrize(
    "column",
    [[[1.0, 2.0], [1.0]], [[1.0, 2.0], None], [[1.0, 2.0], [1.0, None]], [[], []]],
)
def test_rows_that_are_no_matrix_are_refused(tmp_path, column):
    path = parquet(tmp_path / "v.parquet", embedding=pa.array(column, pa.list_(pa.float32())))
    with pytest.raises(CollectionError):
        read_vectors(path)


def test_rows_of_unequal_length_are_not_mixed_up_when_they_add_up(tmp_path):
    rows = pa.array([[1.0], [1.0, 2.0, 3.0], [1.0, 2.0]], pa.list_(pa.float32()))
    with pytest.raises(CollectionError, match="differ in length"):
        read_vectors(parquet(tmp_path / "v.parquet", embedding=rows))


def test_what_is_no_matrix_of_floats_is_refused(tmp_path):
    for name, array in {
        "ints": np.ones((3, 3), int),
        "empty": np.ones((0, 3)),
        "cube": np.ones((2, 2, 2)),
    }.items():
        np.save(tmp_path / f"{name}.npy", array)
        with pytest.raises(CollectionError, match="floats of shape"):
            read_vectors(tmp_path / f"{name}.npy")
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    (tmp_path / "torn.npy").write_bytes((tmp_path / "cube.npy").read_bytes()[:40])
    (tmp_path / "torn.parquet").write_bytes(b"PAR1")
    (tmp_path / "v.txt").write_text("1 2 3")
    for name in ("objects.npy", "torn.npy", "torn.parquet", "v.txt", "missing.npy"):
        with pytest.raises(CollectionError, match=name.split(".")[0]):
            read_vectors(tmp_path / name)


def test_vectors_are_told_from_images(tmp_path):
    np.save(tmp_path / "v.npy", ROWS)
    images = parquet(tmp_path / "i.parquet", image=[b"x"] * 50, embedding=lists())
    assert holds_vectors(tmp_path / "v.npy")
    assert holds_vectors(parquet(tmp_path / "v.parquet", embedding=lists()))
    assert not holds_vectors(images)
    assert holds_vectors(images, "embedding")
    assert not holds_vectors(tmp_path)


def test_a_header_that_is_no_python_is_refused_in_plain_words(tmp_path):
    np.save(tmp_path / "v.npy", ROWS)
    (tmp_path / "v.npy").write_bytes((tmp_path / "v.npy").read_bytes().replace(b"}", b" ", 1))
    with pytest.raises(CollectionError, match="it is not a whole"):
        read_vectors(tmp_path / "v.npy")
