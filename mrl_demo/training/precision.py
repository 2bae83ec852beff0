"""How a device computes fastest: bf16 where it multiplies it, layouts and kernels that suit it.

Knows nothing of models or losses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from mrl_demo.model.towers import pixel_statistics


@contextmanager
def fast(device: torch.device) -> Iterator[None]:
    """bf16 where the hardware multiplies it, and on the CPU the attention kernel that is fast on short
    texts."""
    with torch.autocast(device.type, torch.bfloat16, enabled=_multiplies_bf16(device)):
        if device.type == "cpu":
            # The CPU's flash kernel takes twice as long as plain matrices for 32 tokens, backward above all.
            with sdpa_kernel(SDPBackend.MATH):
                yield
        else:
            yield


def _multiplies_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        with torch.cuda.device(device):  # which is what torch asks; older GPUs only emulate it, slowly
            return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return "amx_bf16" in flags or "avx512_bf16" in flags


def normaliser(device: torch.device) -> Callable[[Tensor], Tensor]:
    """From pixels in 0..1 to what the image tower reads, in the layout that is fast."""
    mean, deviation = (torch.tensor(values, device=device)[:, None, None] for values in pixel_statistics())
    return lambda pixels: ((pixels - mean) / deviation).contiguous(memory_format=torch.channels_last)
