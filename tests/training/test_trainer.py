"""Training end to end on coloured squares: it learns, ends in a checkpoint, and a kill changes nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from mrl_demo.errors import CollectionError
from mrl_demo.model.checkpoint import read_checkpoint
from mrl_demo.model.encoder import Encoder
from mrl_demo.model.towers import encode_image
from mrl_demo.still_life.free_text import sample_statement
from mrl_demo.training import trainer
from mrl_demo.training.beginning import TwoTowers, start
from mrl_demo.training.config import TrainConfig
from mrl_demo.training.data import TrainingSet
from mrl_demo.training.held_out import as_measured, score_checkpoint
from mrl_demo.training.session import Session
from mrl_demo.training.sources import find
from mrl_demo.training.trainer import run
from mrl_demo.training.validation import top_result_agrees
from tests.training.tiny import MODEL, config, labelled_set, picture, product_set, training_set

ROOT = Path(__file__).resolve().parents[2]


def flags(config: TrainConfig) -> list[str]:
    """The command line that gives this config."""
    found: list[str] = []
    for name, value in config.to_json().items():
        values = value if isinstance(value, list) else [value]
        flag = name.replace("_", "-")
        if isinstance(value, bool):
            found.append(f"--{flag}" if value else f"--no-{flag}")
        elif values and value not in ("", None):
            found += [f"--{flag}", *map(str, values)]
    return found


def test_a_killed_run_goes_on_and_ends_in_the_same_weights(tmp_path: Path) -> None:
    whole = run(config(tmp_path, out=tmp_path / "whole", work=tmp_path / "whole-work", between=True))
    killed = config(tmp_path, between=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "mrl_demo", "train", *flags(killed)], cwd=ROOT, stderr=subprocess.PIPE
    )
    try:
        end = time.monotonic() + 60
        while not (killed.work / "state.pt").exists() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        _, errors = process.communicate()
    assert process.returncode == -signal.SIGKILL, errors.decode()
    assert not killed.out.exists()
    state = torch.load(killed.work / "state.pt", weights_only=True)
    assert 0 < state["step"] < 12

    again = run(killed)
    assert again.card.fingerprint == whole.card.fingerprint
    assert again.loss == whole.loss
    assert not (killed.work / "state.pt").exists()


def test_training_learns_at_every_dim_and_writes_down_what_it_did(tmp_path: Path) -> None:
    """Only colour can be seen in flat squares: the top result for a caption has its colour far more often
    than by chance.
    """
    settings = config(tmp_path, epochs=40, learning_rate=5e-3, noise_words=0.0, save_every=1000)
    report = run(settings)
    data = TrainingSet.open(Path(settings.data), 32, sample_statement)
    encoder = Encoder.load(settings.out, device="cpu")
    colours = [str(row["colour"]) for row in data.attributes]
    images = torch.from_numpy(encoder.encode_image([picture(colour) for colour in colours]))
    texts = torch.from_numpy(encoder.encode_text([f"something {colour}" for colour in colours]))
    for dim in settings.nested_dims:
        agrees = top_result_agrees(images, texts, data.attributes, ("colour",), dim)
        assert agrees.mean() > 0.7  # by chance: 0.28

    entry = settings.log.read_text()
    assert entry.startswith("# Training log")
    assert "64 pictures trained on, 16 held out" in entry
    assert report.card.fingerprint[:12] in entry
    assert "| 4 | 8 | 32 |" in entry
    _, _, card = read_checkpoint(settings.out)
    assert card == report.card
    assert card.training["config"]["learning_rate"] == 5e-3
    assert card.training["made"]["device"] == "cpu" and f"- hardware: {card.training['hardware']}" in entry
    assert [part["train"] for part in card.training["parts"]] == [64]
    assert len(set(card.temperatures)) == 3
    assert "red" in card.known_words
    assert set(card.scores["category, colour"]) == {"4", "8", "32"}


def test_the_log_says_what_the_loss_sums(tmp_path: Path) -> None:
    run(config(tmp_path, epochs=1, nested_dims=(4, 5, 8, 32), weights=(1.0, 2.0, 1.0, 1.0)))
    run(config(tmp_path, epochs=1, between=False))
    entries = config(tmp_path).log.read_text()
    assert "(sum over 4 nested dims and 2 drawn between them, each times its weight)" in entries
    assert "(sum over 3 nested dims)" in entries


def test_a_temperature_at_its_lowest_rises_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_sharp(*given: Any) -> Session[TwoTowers]:
        session = start(*given)
        with torch.no_grad():
            session.model.log_temperatures.fill_(-9.0)
        return session

    monkeypatch.setattr(trainer, "start", too_sharp)
    card = run(config(tmp_path, average=0.0)).card
    assert min(card.temperatures) > 0.01


def test_products_that_do_not_say_what_is_asked_are_trained_on_to_the_end(tmp_path: Path) -> None:
    product_set(tmp_path / "shop" / "train.parquet", 60, gender="NA")
    settings = config(tmp_path, data=str(tmp_path / "shop"), epochs=1)
    assert run(settings).card.scores == {}
    assert score_checkpoint(settings.out) == []


def test_small_pictures_are_seen_in_the_first_half_and_whole_ones_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def encode(towers: torch.nn.Module, pixels: torch.Tensor) -> torch.Tensor:
        seen.append(pixels.shape[-1])
        return encode_image(towers, pixels)

    monkeypatch.setattr(trainer, "encode_image", encode)
    run(config(tmp_path, early_pixels=16))  # 12 steps
    assert seen == [16] * 6 + [32] * 6


def test_a_time_limit_ends_the_run_early(tmp_path: Path) -> None:
    settings = config(tmp_path, epochs=10_000, max_minutes=1 / 60)
    report = run(settings)
    assert report.seconds < 30  # a second, and one step that began before it was over
    assert settings.out.exists()


def test_an_unfinished_run_with_another_recipe_is_not_continued(tmp_path: Path) -> None:
    started = config(tmp_path)
    session = start(started, MODEL, torch.device("cpu"))
    session.save(started.work, started.recipe())
    with pytest.raises(ValueError, match=r"other settings \(learning_rate\)"):
        run(config(tmp_path, learning_rate=1e-5))
    older = {name: value for name, value in started.recipe().items() if name != "optimiser"}
    session.save(started.work, older)  # by AdamW, when there was no other
    with pytest.raises(ValueError, match=r"other settings \(optimiser\)"):
        run(config(tmp_path, optimiser="muon"))
    digest = find(started.data)[0].digest
    session.save(started.work, {**started.recipe(), "content of the data": [digest]})
    training_set(Path(started.data), 60)
    with pytest.raises(ValueError, match=r"other settings \(content of the data\)"):
        run(started)
    (started.work / "state.pt").write_bytes(b"half a file")
    with pytest.raises(ValueError, match="damaged"):
        run(started)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"nested_dims": (8, 4, 32)}, "growing"),
        ({"weights": (1.0,)}, "one for each nested dim"),
        ({"held_out": 0.0}, "held_out"),
        ({"batch_size": 1}, "batch_size"),
        ({"average": 1.0}, "average"),
        ({"early_pixels": -1}, "early_pixels"),
        ({"names": 1.5}, "names must be a share"),
        ({"optimiser": "sgd"}, "one of adamw, muon, got 'sgd'"),
        ({"keep_dims": 8}, "only with start_from"),
        ({"keep_dims": 33}, "from 0 to 32"),
        ({"early_pixels": 33}, "at most the 32"),
        ({"model": "no-such-model"}, "MRL-still-life"),
        ({"device": "quantum"}, "device"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    tmp_path: Path, changed: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        run(config(tmp_path, **changed))


def test_the_last_nested_dim_is_the_models_width(tmp_path: Path) -> None:
    """A single one makes a fixed-feature model by the same code."""
    report = run(config(tmp_path, nested_dims=(8,), epochs=1))
    encoder = Encoder.load(tmp_path / "out", device="cpu")
    assert report.card.full_dim == 8 and encoder.encode_text(["a red mug"]).shape == (1, 8)


def test_no_training_set_is_said_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="render --split train"):
        run(config(tmp_path, data=str(tmp_path / "none.parquet")))


def test_the_config_is_stored_as_json() -> None:
    assert json.loads(json.dumps(TrainConfig().to_json()))["nested_dims"] == [8, 16, 32, 64, 128, 256, 512]


def test_a_mixture_that_was_stopped_goes_on_with_the_very_batches_and_scores_every_set(
    tmp_path: Path,
) -> None:
    """A model config with room for 40 tokens trains, is stored and reads texts of 38."""
    data = config(tmp_path).data
    labelled_set(tmp_path / "photos" / "train.parquet", 60)
    labelled_set(tmp_path / "photos" / "val.parquet", 8)
    product_set(tmp_path / "shop" / "train.parquet", 60)
    longer = {**MODEL, "text_cfg": {**MODEL["text_cfg"], "context_length": 40}}
    (tmp_path / "longer.json").write_text(json.dumps(longer))
    changed = {
        "data": f"{data},{tmp_path / 'photos'},{tmp_path / 'shop'}",
        "model": str(tmp_path / "longer.json"),
        "batch_size": 24,
        "shares": (1.0, 2.0, 1.0),
        "epochs": 1,
    }
    whole = run(config(tmp_path, out=tmp_path / "whole", work=tmp_path / "whole-work", **changed))
    stopped = config(tmp_path, **changed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "descend", stop_after(3))
        with pytest.raises(KeyboardInterrupt):
            run(stopped)
    assert torch.load(stopped.work / "state.pt", weights_only=True)["step"] == 2
    again = run(stopped)
    assert again.card.fingerprint == whole.card.fingerprint
    scores = again.card.scores
    assert {"photos: zero-shot top-1", "shop: recall@10 of type, colour, gender"} <= set(scores)
    assert any(name.endswith(": category") for name in scores)
    assert {"banana", "shirt"} <= set(again.card.known_words)
    assert "8 held out, 12 in a batch" in stopped.log.read_text()
    measured = as_measured(
        score_checkpoint(stopped.out)
    )  # matrices are stored in half precision: a rank may change
    assert measured.keys() == scores.keys()
    for name, by_dim in measured.items():
        assert by_dim == pytest.approx(scores[name], abs=0.15)
    encoder = Encoder.load(stopped.out, device="cpu")
    assert not encoder.check_text("a red shirt " * 12)
    assert encoder.check_text("a red shirt " * 13)


def stop_after(steps: int) -> Callable[..., None]:
    """`Session.descend` that is interrupted once it has been called `steps` times."""
    called = 0

    def descend(self: Session[Any], *given: Any) -> None:
        nonlocal called
        if called == steps:
            raise KeyboardInterrupt
        called += 1
        descend_for_real(self, *given)

    descend_for_real = Session.descend
    return descend
