"""bf16 only where the device in question multiplies it itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch

from mrl_demo.training.precision import _multiplies_bf16


@pytest.mark.parametrize(("major", "native"), [(7, False), (8, True)])
def test_a_gpu_that_only_emulates_bf16_is_not_asked_for_it(
    monkeypatch: pytest.MonkeyPatch, major: int, native: bool
) -> None:
    """As torch answers: an emulated bf16 counts, unless it is told otherwise; of the current device."""
    current = [0]

    @contextmanager
    def device(chosen: torch.device) -> Iterator[None]:
        current.append(chosen.index)
        yield
        current.pop()

    def is_bf16_supported(including_emulation: bool = True) -> bool:
        return including_emulation or (major >= 8 and current[-1] == 1)

    monkeypatch.setattr(torch.cuda, "device", device)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", is_bf16_supported)
    assert _multiplies_bf16(torch.device("cuda:1")) is native
    assert not _multiplies_bf16(torch.device("cuda:0"))
