"""A session: its running average is what the formula says, and a save brings everything back."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from mrl_demo.training.session import Session


def steps(session: Session[nn.Linear], count: int) -> list[Tensor]:
    """The weights after each of `count` steps on data that depends on the step alone."""
    seen = []
    for _ in range(count):
        data = torch.randn(8, 64, generator=torch.Generator().manual_seed(session.step))
        session.descend(session.model(data).square().mean(), 0.1)
        seen.append(session.model.weight.detach().clone())
    return seen


def start(average: float = 0.0, optimiser: str = "adamw") -> Session[nn.Linear]:
    torch.manual_seed(0)
    return Session(nn.Linear(64, 64), 0.1, 0.0, average, optimiser)


def test_the_average_follows_the_weights_slowly_and_faster_at_the_start() -> None:
    session = start(0.5)
    by_hand = session.model.weight.detach().clone()
    for step, weights in enumerate(steps(session, 12), start=1):
        stay = min(0.5, (1 + step) / (10 + step))
        by_hand = stay * by_hand + (1 - stay) * weights
    torch.testing.assert_close(session.result().weight.detach(), by_hand)
    assert not torch.equal(session.result().weight, session.model.weight)


def test_the_running_statistics_of_normalisation_are_averaged_too() -> None:
    session = Session(nn.BatchNorm1d(2), 0.0, 0.0, average=0.9)
    session.descend(session.model(torch.randn(8, 2) + 5).sum(), 0.0)
    average, now = session.result().running_mean, session.model.running_mean
    assert average is not None and now is not None
    assert (average.abs() < now.abs()).all() and (average != 0).all()


def test_without_an_average_the_result_is_the_model_itself() -> None:
    session = start()
    assert session.result() is session.model


@pytest.mark.parametrize("optimiser", ["adamw", "muon"])
@pytest.mark.parametrize("average", [0.0, 0.9])
def test_a_resumed_session_goes_on_exactly(tmp_path: Path, average: float, optimiser: str) -> None:
    whole, killed, again = (start(average, optimiser) for _ in range(3))
    steps(whole, 9)
    steps(killed, 4)
    killed.save(tmp_path, {"seed": 0})
    again.resume(tmp_path, {"seed": 0})
    steps(again, 5)
    assert (again.step, again.loss) == (9, whole.loss)
    assert torch.equal(again.result().weight, whole.result().weight)
    assert torch.equal(again.model.weight, whole.model.weight)


def test_another_recipe_is_refused_by_the_names_of_what_changed(tmp_path: Path) -> None:
    start().save(tmp_path, {"seed": 0, "epochs": 3})
    with pytest.raises(ValueError, match=r"other settings \(epochs\)"):
        start().resume(tmp_path, {"seed": 0, "epochs": 4})


def test_a_save_from_before_there_was_a_setting_or_a_list_of_commits_goes_on(tmp_path: Path) -> None:
    start().save(tmp_path, {"seed": 0})
    file = tmp_path / "state.pt"
    state = torch.load(file, weights_only=True)
    torch.save({name: value for name, value in state.items() if name != "commits"}, file)
    again = start()
    again.resume(tmp_path, {"seed": 0, "split_seed": 0})
    again.goes_on_at("abc")
    assert again.commits == ["not recorded", "abc"]
    with pytest.raises(ValueError, match=r"other settings \(seed\)"):
        start().resume(tmp_path, {})


def test_what_a_save_does_not_say_is_what_the_code_did_before(tmp_path: Path) -> None:
    start().save(tmp_path, {"seed": 0})
    before = {"seed": 9, "pixels": 64}
    start().resume(tmp_path, {"seed": 0, "pixels": 64, "names": 1}, before)
    with pytest.raises(ValueError, match=r"other settings \(pixels\)"):
        start().resume(tmp_path, {"seed": 0, "pixels": 48}, before)


def test_a_save_with_another_kind_of_optimiser_state_is_refused_with_what_to_do(tmp_path: Path) -> None:
    start().save(tmp_path, {"seed": 0})
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    torch.save({**state, "optimiser": state["optimiser"][0]}, tmp_path / "state.pt")
    with pytest.raises(ValueError, match="older version; remove"):
        start().resume(tmp_path, {"seed": 0})


def test_the_commits_of_all_runs_are_kept_each_once(tmp_path: Path) -> None:
    for commit in ("abc", "abc", "def"):
        session = start()
        session.resume(tmp_path, {})
        session.goes_on_at(commit)
        session.save(tmp_path, {})
    assert session.commits == ["abc", "def"]


def test_nothing_to_resume_is_a_fresh_start(tmp_path: Path) -> None:
    session = start()
    session.resume(tmp_path / "none", {})
    assert session.step == 0
