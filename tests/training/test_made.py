"""How a run was made: all its commits, and its machine in a few words."""

from __future__ import annotations

import torch

from mrl_demo.training.made import machine, made_on


def test_commits_device_and_threads_are_told() -> None:
    made = made_on(torch.device("cpu"), ["abc", "", "def with changes"])
    assert made["commit"] == "abc, unknown, def with changes"
    assert made["device"] == "cpu" and made["threads"] == torch.get_num_threads()
    assert made["command"] and made["date"].endswith("+00:00")


def test_a_machine_is_its_gpu_or_its_cpu_with_threads() -> None:
    assert machine({"hardware": {"cpu": "Xeon", "gpu": "NVIDIA H100"}, "threads": 2}) == "NVIDIA H100"
    assert machine({"hardware": {"cpu": "Xeon"}, "threads": 2}) == "Xeon, 2 threads"
    assert machine({"hardware": {"cpu": ""}, "threads": 1}) == "an unknown CPU, 1 threads"
