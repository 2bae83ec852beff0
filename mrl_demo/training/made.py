"""How a model was trained: command, commits, date and hardware, as its card and its figures carry them.

Knows nothing of models.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from mrl_demo.circumstances import circumstances


def made_on(device: torch.device, commits: Sequence[str]) -> dict[str, Any]:
    """`circumstances` with the device and the CPU threads of a run, and the commits of all its sessions."""
    gpu = str(torch.cuda.get_device_name(device)) if device.type == "cuda" else ""
    return {
        **circumstances(gpu),
        "commit": ", ".join(commit or "unknown" for commit in commits),
        "device": device.type,
        "threads": torch.get_num_threads(),
    }
