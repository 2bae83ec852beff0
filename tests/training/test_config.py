"""Recipes of older runs: a setting that there was not is what the code did without it."""

from __future__ import annotations

from mrl_demo.training.config import TrainConfig, completed


def test_an_older_recipe_is_completed_by_what_the_code_did_then() -> None:
    now = TrainConfig(optimiser="muon", early_pixels=48, seed=3, split_seed=3).recipe()
    older = {name: now[name] for name in now if name not in ("optimiser", "early_pixels", "split_seed")}
    assert completed(older) == TrainConfig(seed=3, split_seed=3).recipe()
    assert completed({**now, "tied": False, "out": "x"}) == now
