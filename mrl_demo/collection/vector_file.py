"""Embeddings of anyone's making from a file: a .npy matrix, memory-mapped, or a column of a Parquet table.

Knows file formats; not what is done with the numbers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mrl_demo.collection.items import open_table
from mrl_demo.errors import CollectionError

Matrix = npt.NDArray[np.floating[Any]]


def holds_vectors(path: Path, column: str = "") -> bool:
    """Whether `path` is to be read as embeddings rather than as images: a .npy file, a Parquet file with a
    column named by `column`, or one without images. CollectionError for a damaged Parquet file."""
    if path.suffix.lower() == ".npy":
        return True
    if path.suffix.lower() != ".parquet" or not path.is_file():
        return False
    return bool(column) or "image" not in open_table(path).schema_arrow.names


def read_vectors(path: Path, column: str = "") -> Matrix:
    """(n, full_dim) floats: of a .npy file a memory map; of a Parquet table float32 in memory.

    Args:
        column: which column of a Parquet table; "" where only one holds lists of floats.

    Raises:
        CollectionError: missing, damaged, not a matrix of floats, or no such column. Whether the numbers are
            finite is found out by whoever reads them.
    """
    if not path.is_file():
        raise CollectionError(f"there is no file {path}")
    if path.suffix.lower() == ".parquet":
        return _from_parquet(path, column)
    if path.suffix.lower() != ".npy":
        raise CollectionError(f"{path} is neither .npy nor .parquet")
    try:
        matrix = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # NumPy parses the header as Python and raises what that raises
        raise CollectionError(f"{path} is damaged, it is not a whole .npy file: {error}") from error
    if matrix.dtype.kind != "f" or matrix.ndim not in (1, 2) or matrix.size == 0:
        raise CollectionError(
            f"{path} must hold floats of shape (n, full_dim), got {matrix.dtype} of shape {matrix.shape}"
        )
    found: Matrix = matrix if matrix.ndim == 2 else matrix[None]
    return found


def _from_parquet(path: Path, column: str) -> Matrix:
    import pyarrow as pa
    import pyarrow.types as types

    table = open_table(path)
    schema = table.schema_arrow
    lists = [
        field.name
        for field in schema
        if (
            types.is_list(field.type)
            or types.is_large_list(field.type)
            or types.is_fixed_size_list(field.type)
        )
        and types.is_floating(field.type.value_type)
    ]
    if column not in lists and (column or len(lists) != 1):
        what = f"no column {column!r} of embeddings" if column else "no single column of embeddings"
        raise CollectionError(f"{path} has {what}; columns of floats are: {', '.join(lists) or 'none'}")
    name, rows = column or lists[0], table.metadata.num_rows
    matrix: npt.NDArray[np.float32] | None = None
    at = 0
    try:
        for batch in table.iter_batches(batch_size=8192, columns=[name]):
            values = batch.column(0)
            if values.null_count or values.flatten().null_count:
                raise CollectionError(f"{path}: a row from {at} on has no embedding, or a number is missing")
            flat = np.asarray(values.flatten().to_numpy(zero_copy_only=False), np.float32)
            lengths = np.diff(np.asarray(values.offsets)) if hasattr(values, "offsets") else None
            width = len(flat) // max(len(values), 1)
            if matrix is None:
                matrix = np.empty((rows, width), np.float32)
            if width != matrix.shape[1] or (lengths is not None and np.any(lengths != width)):
                raise CollectionError(f"{path}: the embeddings in {name!r} differ in length")
            matrix[at : at + len(values)] = flat.reshape(len(values), width)
            at += len(values)
    except (pa.ArrowException, OSError) as error:
        raise CollectionError(f"{path} is damaged, column {name!r} could not be read: {error}") from error
    if matrix is None or matrix.size == 0:
        raise CollectionError(f"{path} holds no embeddings in {name!r}")
    return matrix
