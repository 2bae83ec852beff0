"""The two optimisers behind one: AdamW is torch's own; Muon moves matrices along all directions alike and
leaves the rest to AdamW."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from mrl_demo.training.optimiser import Optimiser

RATE = 0.01


class Model(nn.Module):
    """A convolution, a matrix, one that is too small, and an embedding."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(16, 64, 3)
        self.linear = nn.Linear(96, 64)
        self.small = nn.Linear(64, 8)
        self.embedding = nn.Embedding(70, 80)


def stepped(name: str, decay: float = 0.0, channels_last: bool = False) -> tuple[Model, dict[str, Tensor]]:
    """A model after one step on gradients of its own, and by how much each parameter moved."""
    model = Model()
    if channels_last:
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    before = {own: p.detach().clone() for own, p in model.named_parameters()}
    optimiser = Optimiser(model, 1.0, decay, name)
    generator = torch.Generator().manual_seed(1)
    for parameter in model.parameters():
        parameter.grad = torch.randn(parameter.shape, generator=generator)
    optimiser.step(RATE)
    return model, {own: p.detach() - before[own] for own, p in model.named_parameters()}


def test_adamw_is_torchs_with_decay_on_matrices_only() -> None:
    found, _ = stepped("adamw", decay=0.5)
    model = Model()
    decayed = [model.conv.weight, model.linear.weight, model.small.weight]
    free = [model.conv.bias, model.linear.bias, model.small.bias, model.embedding.weight]
    plain = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.5}, {"params": free, "weight_decay": 0.0}],
        lr=RATE,
        betas=(0.9, 0.98),
    )
    generator = torch.Generator().manual_seed(1)
    for parameter in model.parameters():
        parameter.grad = torch.randn(parameter.shape, generator=generator)
    plain.step()
    for one, other in zip(found.parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("name", ["conv.weight", "linear.weight"])
def test_muon_moves_a_matrix_along_all_its_directions_alike(name: str, channels_last: bool) -> None:
    """A random gradient's largest and smallest singular values are far apart; those of the step are not, and
    its entries are about as large as AdamW's are after many steps."""
    _, moved = stepped("muon", channels_last=channels_last)
    step = moved[name].flatten(1)
    values = torch.linalg.svdvals(step) / (0.2 * RATE * math.sqrt(max(step.shape)))
    assert values.min() > 0.5 and values.max() < 1.4
    assert float(step.square().mean().sqrt()) == pytest.approx(0.2 * RATE, rel=0.2)
    spread = torch.linalg.svdvals(torch.randn(step.shape, generator=torch.Generator().manual_seed(0)))
    assert spread.max() / spread.min() > 2 * values.max() / values.min()


def test_the_layout_in_memory_changes_no_step() -> None:
    torch.testing.assert_close(stepped("muon")[1], stepped("muon", channels_last=True)[1], atol=5e-4, rtol=0)


def test_beside_muon_everything_else_goes_by_adamw() -> None:
    (_, one), (_, other) = stepped("adamw", decay=0.1), stepped("muon", decay=0.1)
    for name in one:
        same = torch.equal(one[name], other[name])
        assert same == (name not in ("conv.weight", "linear.weight")), name


def test_a_model_without_large_matrices_goes_by_adamw_under_either_name() -> None:
    moved = []
    for name in ("adamw", "muon"):
        torch.manual_seed(0)
        model = nn.Linear(3, 2)
        optimiser = Optimiser(model, RATE, 0.1, name)
        model(torch.ones(1, 3)).sum().backward()
        optimiser.step(RATE)
        moved.append(model.weight.detach().clone())
    torch.manual_seed(0)
    assert torch.equal(*moved) and not torch.equal(moved[0], nn.Linear(3, 2).weight)


def test_weights_that_cannot_be_seen_as_a_matrix_without_a_copy_are_refused() -> None:
    """A step on a copy would be lost in silence."""
    model = nn.Linear(64, 64)
    model.weight = nn.Parameter(torch.randn(64, 8, 8).transpose(1, 2))
    with pytest.raises(ValueError, match="row by row or channels last"):
        Optimiser(model, RATE, 0.0, "muon")


def test_gradients_are_forgotten() -> None:
    model = Model()
    optimiser = Optimiser(model, RATE, 0.0, "muon")
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimiser.zero_grad()
    before = [p.detach().clone() for p in model.parameters()]
    optimiser.step(RATE)
    assert all(torch.equal(one, p) for one, p in zip(before, model.parameters(), strict=True))


def test_an_unknown_name_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ValueError, match="one of adamw, muon, got 'sgd'"):
        Optimiser(nn.Linear(3, 2), RATE, 0.0, "sgd")
