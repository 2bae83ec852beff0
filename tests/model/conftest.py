"""An untrained checkpoint of the real model, made once: enough for everything but what it has learned."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from mrl_demo.model.checkpoint import Card, write_checkpoint
from mrl_demo.model.encoder import Encoder
from mrl_demo.model.towers import build_towers, model_config

DIMS = (8, 16, 32, 64, 128, 256, 512)
WORDS = ("a", "glossy", "red", "mug", "on", "marble")


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "untrained"
    torch.manual_seed(0)
    config = model_config("MRL-still-life")
    card = Card("untrained", 512, DIMS, (0.07,) * 7, known_words=WORDS)
    write_checkpoint(path, build_towers(config), config, card)
    return path


@pytest.fixture(scope="session")
def encoder(checkpoint: Path) -> Encoder:
    return Encoder.load(checkpoint, device="cpu")
