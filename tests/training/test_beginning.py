"""A run may begin with a checkpoint: it takes what that knows, and says so."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from mrl_demo.errors import CheckpointError
from mrl_demo.model.checkpoint import read_checkpoint
from mrl_demo.training.beginning import TwoTowers, open_first, start
from mrl_demo.training.losses import matryoshka_contrastive_loss, temperatures
from mrl_demo.training.trainer import run
from tests.training.tiny import MODEL, config


def test_a_run_begins_with_the_weights_of_a_checkpoint(tmp_path: Path) -> None:
    before = run(config(tmp_path, out=tmp_path / "first")).card
    first = open_first(tmp_path / "first")
    learner = start(config(tmp_path, seed=7), MODEL, torch.device("cpu"), first).model
    fresh = start(config(tmp_path, seed=7), MODEL, torch.device("cpu")).model
    given = first.towers.state_dict()
    for name, value in learner.towers.state_dict().items():
        if name != "token_embedding.weight":
            assert torch.equal(value, given[name]), name
    words = (tower.towers.state_dict()["token_embedding.weight"] for tower in (learner, fresh, first))
    taken, random, stored = words
    met = stored.any(dim=1)
    assert 0 < met.sum() < len(met)
    assert torch.equal(taken[met], stored[met])
    assert torch.equal(taken[~met], random[~met])  # new words begin as in a run of its own
    assert temperatures(learner.log_temperatures).tolist() == pytest.approx(list(before.temperatures))


def test_a_temperature_below_the_lowest_is_brought_back_and_can_rise_again() -> None:
    learner = TwoTowers(MODEL, (4, 8, 32))
    logs = learner.log_temperatures
    with torch.no_grad():
        logs[:2] = torch.tensor([-50.0, -3.0])
    learner.bound_temperatures()
    assert temperatures(logs).tolist() == pytest.approx([0.01, math.exp(-3), 0.07])
    generator = torch.Generator().manual_seed(0)
    images, texts = (torch.randn(6, 32, generator=generator) for _ in range(2))
    matryoshka_contrastive_loss(images, texts, (4, 8, 32), logs).backward()
    assert logs.grad is not None and (logs.grad < 0).all()  # unrelated pairs want less sharpness


def test_a_run_that_learns_nothing_more_keeps_what_the_checkpoint_knew(tmp_path: Path) -> None:
    """With a vanishing learning rate and no forgetting, the weights at the end are those of the beginning."""
    run(config(tmp_path, out=tmp_path / "first"))
    still = config(
        tmp_path, out=tmp_path / "second", start_from=tmp_path / "first", learning_rate=1e-12, weight_decay=0
    )
    report = run(still)
    (one, _, card), (two, _, _) = read_checkpoint(tmp_path / "first"), read_checkpoint(still.out)
    learned = dict(one.named_parameters())
    for name, value in two.named_parameters():
        if name != "token_embedding.weight":
            torch.testing.assert_close(value, learned[name], atol=1e-3, rtol=1e-3)
    assert report.card.training["started from"] == f"{card.name}, {card.fingerprint[:12]}"
    assert f"- started from: {card.name}, {card.fingerprint[:12]}" in still.log.read_text()


def test_an_unfinished_run_goes_on_only_with_the_checkpoint_it_began_with(tmp_path: Path) -> None:
    run(config(tmp_path, out=tmp_path / "first"))
    run(config(tmp_path, out=tmp_path / "other", seed=1))
    begun = config(tmp_path, start_from=tmp_path / "first", save_every=1)
    session = start(begun, MODEL, torch.device("cpu"), open_first(tmp_path / "first"))
    fingerprint = open_first(tmp_path / "first").card.fingerprint
    session.save(begun.work, {**begun.recipe(), "start_from": fingerprint})
    with pytest.raises(ValueError, match=r"other settings \(start_from\)"):
        run(config(tmp_path, start_from=tmp_path / "other"))
    assert run(begun).card.training["started from"]


def test_another_model_is_no_start(tmp_path: Path) -> None:
    run(config(tmp_path, out=tmp_path / "first", nested_dims=(4, 16, 32)))
    with pytest.raises(ValueError, match=r"nested dims \(4, 16, 32\), is no start .* \(4, 8, 32\)"):
        run(config(tmp_path, start_from=tmp_path / "first"))
    with pytest.raises(CheckpointError, match="there is no checkpoint"):
        run(config(tmp_path, start_from=tmp_path / "nowhere"))


def test_a_start_may_keep_the_projections_of_its_first_dims_only(tmp_path: Path) -> None:
    run(config(tmp_path, out=tmp_path / "first"))
    first = open_first(tmp_path / "first")
    begun = config(tmp_path, seed=7, start_from=tmp_path / "first", keep_dims=8)
    learner = start(begun, MODEL, torch.device("cpu"), first).model.towers.state_dict()
    fresh = start(config(tmp_path, seed=7), MODEL, torch.device("cpu")).model.towers.state_dict()
    given = first.towers.state_dict()
    for name, dim in (("text_projection", 1), ("visual.head.proj.weight", 0)):
        kept, drawn = learner[name].split([8, 24], dim)
        assert torch.equal(kept, given[name].split([8, 24], dim)[0])
        assert torch.equal(drawn, fresh[name].split([8, 24], dim)[1])
    assert torch.equal(learner["positional_embedding"], given["positional_embedding"])
    trunk = next(name for name in given if name.startswith("visual.trunk"))
    assert torch.equal(learner[trunk], given[trunk])
