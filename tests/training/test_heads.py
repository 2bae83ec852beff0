"""Matryoshka classifiers: one dim is plain cross-entropy, MRL-E shares its storage, every prefix learns."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from mrl_demo.training.heads import MatryoshkaClassifier, matryoshka_softmax_loss

DIMS = (2, 4, 8)


def examples(seed: int, classes: int = 5) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(12, 8, generator=generator), torch.randint(classes, (12,), generator=generator)


@given(seed=st.integers(0, 1000), tied=st.booleans())
@settings(max_examples=20, deadline=None)
def test_one_dim_with_weight_one_is_cross_entropy_of_a_linear_layer(seed: int, tied: bool) -> None:
    features, labels = examples(seed)
    head = MatryoshkaClassifier((8,), 5, tied)
    plain = nn.Linear(8, 5)
    plain.load_state_dict({"weight": head.weight(8).detach(), "bias": head.bias(8).detach()})
    loss = matryoshka_softmax_loss(head(features), labels, (1.0,))
    torch.testing.assert_close(loss, F.cross_entropy(plain(features), labels))


@given(seed=st.integers(0, 1000), tied=st.booleans())
@settings(max_examples=20, deadline=None)
def test_the_loss_is_the_weighted_sum_over_prefixes(seed: int, tied: bool) -> None:
    features, labels = examples(seed)
    head = MatryoshkaClassifier(DIMS, 5, tied)
    weights = (2.0, 1.0, 0.5)
    by_hand = sum(
        weight * F.cross_entropy(features[:, :dim] @ head.weight(dim).T + head.bias(dim), labels)
        for dim, weight in zip(DIMS, weights, strict=True)
    )
    torch.testing.assert_close(matryoshka_softmax_loss(head(features), labels, weights), by_hand)
    everywhere_one = matryoshka_softmax_loss(head(features), labels)
    torch.testing.assert_close(
        everywhere_one, matryoshka_softmax_loss(head(features), labels, (1.0, 1.0, 1.0))
    )


def test_mrl_e_stores_one_matrix_and_mrl_one_a_dim() -> None:
    tied, separate = MatryoshkaClassifier(DIMS, 5, tied=True), MatryoshkaClassifier(DIMS, 5)
    assert sum(p.numel() for p in tied.parameters()) == 5 * 8 + 5
    assert sum(p.numel() for p in separate.parameters()) == 5 * (2 + 4 + 8) + 3 * 5
    starts = {tied.weight(dim).untyped_storage().data_ptr() for dim in DIMS}
    assert len(starts) == 1
    with torch.no_grad():
        tied.weight(8)[:, 0] = 7
    assert (tied.weight(2)[:, 0] == 7).all()
    assert len({separate.weight(dim).untyped_storage().data_ptr() for dim in DIMS}) == 3


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("place", range(len(DIMS)))
def test_the_gradient_of_a_dim_reaches_its_prefix_and_no_further(tied: bool, place: int) -> None:
    features, labels = examples(3)
    features.requires_grad_()
    head = MatryoshkaClassifier(DIMS, 5, tied)
    weights = [0.0] * len(DIMS)
    weights[place] = 1.0
    matryoshka_softmax_loss(head(features), labels, weights).backward()
    assert features.grad is not None
    assert (features.grad[:, : DIMS[place]] != 0).all()
    assert (features.grad[:, DIMS[place] :] == 0).all()


@pytest.mark.parametrize("dims", [(), (4, 2), (2, 2), (0, 2)])
def test_dims_that_do_not_grow_are_refused(dims: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="nested_dims must be growing"):
        MatryoshkaClassifier(dims, 5)


def test_what_does_not_fit_is_refused_in_plain_words() -> None:
    with pytest.raises(ValueError, match="two classes"):
        MatryoshkaClassifier(DIMS, 1)
    head = MatryoshkaClassifier(DIMS, 5)
    with pytest.raises(ValueError, match="one of"):
        head.weight(3)
    features, labels = examples(1)
    with pytest.raises(ValueError, match="3 nested dims need as many weights"):
        matryoshka_softmax_loss(head(features), labels, (2.0, 1.0))
