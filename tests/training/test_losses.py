"""The Matryoshka loss against plain references: one dim is InfoNCE, every prefix learns, equal captions do
not repel."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from mrl_demo.training.losses import (
    contrastive_losses,
    equal_captions,
    matryoshka_contrastive_loss,
    start_log_temperatures,
    temperatures,
)

DIMS = (2, 4, 8)


def features(seed: int, count: int = 6, dim: int = 8) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, dim, generator=generator), torch.randn(count, dim, generator=generator)


def info_nce(images: Tensor, texts: Tensor, temperature: float) -> Tensor:
    logits = F.normalize(images, dim=-1) @ F.normalize(texts, dim=-1).T / temperature
    target = torch.arange(len(images))
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


@given(seed=st.integers(0, 10_000), temperature=st.floats(0.02, 1.0))
@settings(max_examples=30, deadline=None)
def test_one_dim_with_distinct_captions_is_plain_info_nce(seed: int, temperature: float) -> None:
    images, texts = features(seed)
    loss = matryoshka_contrastive_loss(images, texts, (8,), torch.tensor([math.log(temperature)]))
    torch.testing.assert_close(loss, info_nce(images, texts, temperature), rtol=1e-4, atol=1e-5)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_each_nested_dim_is_info_nce_of_its_own_normalised_prefix(seed: int) -> None:
    images, texts = features(seed)
    logs = torch.tensor([-1.0, -2.0, -3.0])
    losses = contrastive_losses(images, texts, DIMS, logs)
    for loss, dim, log in zip(losses, DIMS, logs, strict=True):
        torch.testing.assert_close(
            loss, info_nce(images[:, :dim], texts[:, :dim], float(log.exp())), rtol=1e-4, atol=1e-5
        )


def test_the_gradient_of_each_nested_dim_reaches_its_prefix_and_no_further() -> None:
    images, texts = (side.requires_grad_() for side in features(1))
    logs = start_log_temperatures(DIMS)
    for place, dim in enumerate(DIMS):
        losses = contrastive_losses(images, texts, DIMS, logs)
        for side in torch.autograd.grad(losses[place], (images, texts)):
            assert (side[:, :dim].abs().sum(dim=0) > 0).all()
            assert (side[:, dim:] == 0).all()


def test_every_temperature_learns() -> None:
    logs = start_log_temperatures(DIMS)
    matryoshka_contrastive_loss(*features(2), DIMS, logs).backward()
    assert logs.grad is not None
    assert (logs.grad != 0).all()


@given(seed=st.integers(0, 1000), weights=st.lists(st.floats(0, 4), min_size=3, max_size=3))
@settings(max_examples=20, deadline=None)
def test_weights_act_linearly(seed: int, weights: list[float]) -> None:
    images, texts = features(seed)
    logs = start_log_temperatures(DIMS).detach()
    losses = contrastive_losses(images, texts, DIMS, logs)
    weighted = matryoshka_contrastive_loss(images, texts, DIMS, logs, torch.tensor(weights))
    expected = sum(weight * float(loss) for weight, loss in zip(weights, losses, strict=True))
    assert float(weighted) == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_equal_captions_do_not_repel() -> None:
    """Two pictures share a caption: with the positives marked, the best features have them alike; unmarked,
    apart."""
    captions = ["a mug", "a mug", "a bell"]
    same, other = [1.0, 0.0], [0.0, 1.0]
    alike = torch.tensor([same, same, other])
    logs = torch.tensor([math.log(0.05)])
    marked = matryoshka_contrastive_loss(alike, alike, (2,), logs, positives=equal_captions(captions))
    assert float(marked) == pytest.approx(
        2 / 3 * math.log(2), abs=1e-3
    )  # the lowest a target of one half allows

    apart = torch.tensor([same, [math.cos(0.5), math.sin(0.5)], other])
    assert float(
        matryoshka_contrastive_loss(apart, apart, (2,), logs, positives=equal_captions(captions))
    ) > float(marked)
    assert float(matryoshka_contrastive_loss(apart, apart, (2,), logs)) < float(
        matryoshka_contrastive_loss(alike, alike, (2,), logs)
    )


def test_names_of_all_classes_are_the_plain_cross_entropy_of_a_classifier() -> None:
    """Of pictures over all names; of names over pictures only for the classes that have some here."""
    images, names = features(3)[0], torch.randn(7, 8, generator=torch.Generator().manual_seed(9))
    labels = torch.tensor([0, 4, 4, 2, 0, 6][: len(images)])
    positives = F.one_hot(labels, 7).bool()
    logs = torch.tensor([math.log(0.1)])
    cosines = F.normalize(images) @ F.normalize(names).T
    of_pictures = F.cross_entropy(cosines / 0.1, labels)
    columns = (cosines / 0.1).T.log_softmax(dim=1)
    here = [-columns[label][labels == label].mean() for label in labels.unique()]
    expected = (of_pictures + torch.stack(here).mean()) / 2
    found = matryoshka_contrastive_loss(images, names, (8,), logs, positives=positives)
    torch.testing.assert_close(found, expected)


def test_nothing_true_is_refused() -> None:
    nothing = torch.zeros(len(features(0)[0]), 2, dtype=torch.bool)
    with pytest.raises(ValueError, match="at least one true pair"):
        matryoshka_contrastive_loss(features(0)[0], features(0)[1][:2], DIMS, torch.zeros(3), None, nothing)


def test_distinct_captions_are_their_own_only_positives() -> None:
    assert torch.equal(equal_captions(["a", "b", "c"]), torch.eye(3, dtype=torch.bool))


def test_temperatures_stay_away_from_zero() -> None:
    assert float(temperatures(torch.tensor([-50.0]))[0]) == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("dims", "logs", "positives", "weights"),
    [
        (DIMS, torch.zeros(2), None, None),
        (DIMS, torch.zeros(3), torch.ones(5, 6, dtype=torch.bool), None),
        (DIMS, torch.zeros(3), None, torch.ones(2)),
        ((2, 9), torch.zeros(2), None, None),
    ],
)
def test_shapes_that_do_not_fit_are_refused(
    dims: tuple[int, ...], logs: Tensor, positives: Tensor | None, weights: Tensor | None
) -> None:
    with pytest.raises(ValueError, match=r"need as many|must be"):
        matryoshka_contrastive_loss(*features(0), dims, logs, weights, positives)


def test_temperatures_above_the_bound_are_the_very_exponentials() -> None:
    logs = torch.linspace(-4.6, 1, 1001)
    assert torch.equal(temperatures(logs), logs.exp())
