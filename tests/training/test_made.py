"""How a run was made: all its commits, its device and threads."""

from __future__ import annotations

import torch

from mrl_demo.training.made import made_on


def test_commits_device_and_threads_are_told() -> None:
    made = made_on(torch.device("cpu"), ["abc", "", "def with changes"])
    assert made["commit"] == "abc, unknown, def with changes"
    assert made["device"] == "cpu" and made["threads"] == torch.get_num_threads()
    assert made["command"] and made["date"].endswith("+00:00")
