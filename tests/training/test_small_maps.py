"""Convolutions as matrix products: the same values, gradients and parameters as the usual ones."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mrl_demo.training import small_maps
from mrl_demo.training.small_maps import SmallMapConv, quicken


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("side", "stride"), [(1, 1), (2, 1), (2, 2), (3, 2), (4, 2), (5, 1)])
def test_values_and_gradients_are_those_of_a_convolution(side: int, stride: int, bias: bool) -> None:
    torch.manual_seed(side)
    plain = nn.Conv2d(6, 5, 3, stride, padding=1, bias=bias)
    fast = nn.Conv2d(6, 5, 3, stride, padding=1, bias=bias)
    fast.load_state_dict(plain.state_dict())
    quicken(fast)
    assert isinstance(fast, SmallMapConv)
    pixels = torch.randn(4, 6, side, side).contiguous(memory_format=torch.channels_last)
    inputs = [pixels.clone().requires_grad_() for _ in range(2)]
    outputs = [conv(given) for conv, given in zip((plain, fast), inputs, strict=True)]
    torch.testing.assert_close(outputs[0], outputs[1])
    for output in outputs:
        output.square().sum().backward()
    torch.testing.assert_close(inputs[0].grad, inputs[1].grad)
    torch.testing.assert_close(plain.weight.grad, fast.weight.grad)


def test_only_small_maps_are_multiplied(monkeypatch: pytest.MonkeyPatch) -> None:
    conv = quicken(nn.Conv2d(2, 3, 3, padding=1))
    used: list[int] = []
    linear = torch.nn.functional.linear
    monkeypatch.setattr(small_maps.F, "linear", lambda *given: (used.append(1), linear(*given))[1])
    conv(torch.zeros(1, 2, 3, 3))
    assert not used
    conv(torch.zeros(1, 2, 2, 2))
    assert used


def test_other_convolutions_and_all_names_stay() -> None:
    model = nn.Sequential(
        nn.Conv2d(4, 4, 3, padding=1, groups=2), nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 3, padding=1)
    )
    names = list(model.state_dict())
    quicken(model)
    assert [type(layer) for layer in model] == [nn.Conv2d, nn.Conv2d, SmallMapConv]
    assert list(model.state_dict()) == names
