"""The one idea of the package: a prefix of a Matryoshka embedding is an embedding (MRL, section 3).

`truncate` is defined here once and used everywhere, for NumPy arrays and for torch tensors. It knows neither
models nor collections, and never imports torch: a tensor brings its own methods.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:  # torch is only a name here; search and evaluation must not load it
    from torch import Tensor

FloatArray = npt.NDArray[np.floating[Any]]


@overload
def truncate(x: FloatArray, dim: int) -> FloatArray: ...
@overload
def truncate(x: Tensor, dim: int) -> Tensor: ...
def truncate(x: Any, dim: int) -> Any:
    """The first `dim` numbers of each embedding, L2-normalised again (MRL, section 3 and 4.3).

    Args:
        x: float array or torch tensor of shape (..., D). Never written to.
        dim: any integer from 1 to D, trained or not.

    Returns:
        A new array or tensor of shape (..., dim) and the dtype of `x`, of unit length on the last axis. A
        zero prefix stays zero. float16 input is normalised in float32, so that squares neither vanish nor
        overflow. Gradients flow through a tensor.

    Raises:
        ValueError: `dim` is not an integer from 1 to D, or `x` is not a float array or tensor with at least
            one axis.
    """
    if isinstance(x, np.ndarray):
        if not np.issubdtype(x.dtype, np.floating):
            raise ValueError(f"embeddings must be floating-point numbers, got dtype {x.dtype}")
        check_dim(dim, _width(x))
        prefix = x[..., :dim].astype(np.promote_types(x.dtype, np.float32), copy=True)
        # Dividing by the largest entry first keeps the squares of very small and very large numbers in range.
        largest = np.abs(prefix).max(axis=-1, keepdims=True)
        prefix /= np.where(largest > 0, largest, 1)
        norm = np.sqrt(np.square(prefix).sum(axis=-1, keepdims=True))
        prefix /= np.where(norm > 0, norm, 1)
        return prefix.astype(x.dtype, copy=False)
    if not (hasattr(x, "is_floating_point") and hasattr(x, "clamp_min")):
        raise ValueError(f"truncate takes a NumPy array or a torch tensor, got {type(x).__name__}")
    if not x.is_floating_point():
        raise ValueError(f"embeddings must be floating-point numbers, got dtype {x.dtype}")
    check_dim(dim, _width(x))
    prefix = x[..., :dim]
    wide = prefix.float() if prefix.element_size() < 4 else prefix
    # The square root of a clamped sum: the gradient at a zero vector is zero instead of NaN.
    norm = wide.square().sum(dim=-1, keepdim=True).clamp_min(1e-24).sqrt()
    return (wide / norm).to(prefix.dtype)


def half_way_dims(nested_dims: Iterable[int]) -> list[int]:
    """The dims half-way between neighbouring nested ones, which were never trained: (8, 16, 32) -> [12, 24].

    They come without the nested ones, growing, in whatever order those are given; between neighbours such as
    1 and 2 there is none.
    """
    pairs = itertools.pairwise(sorted(set(nested_dims)))
    return [(low + high) // 2 for low, high in pairs if high - low > 1]


def check_dim(dim: object, full_dim: int) -> None:
    """Raises ValueError unless `dim` is an integer (not a bool) from 1 to `full_dim`."""
    if isinstance(dim, bool | np.bool_) or not isinstance(dim, int | np.integer):
        raise ValueError(f"dim must be an integer from 1 to {full_dim}, got {dim!r}")
    if not 1 <= dim <= full_dim:
        raise ValueError(f"dim must be from 1 to {full_dim}, got {dim}")


def _width(x: Any) -> int:
    if len(x.shape) == 0 or x.shape[-1] == 0:
        raise ValueError(f"embeddings need a last axis of at least one number, got shape {tuple(x.shape)}")
    return int(x.shape[-1])
