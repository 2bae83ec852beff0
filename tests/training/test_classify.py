"""The comparison's training: it learns at every dim, a kill changes nothing, FF is the same code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from torch import Tensor

from mrl_demo.training.classify import Classifier, ClassifyConfig, run
from mrl_demo.training.photos import Photos
from mrl_demo.training.session import Session


def photos(count: int, seed: int) -> Photos:
    """Noise whose brightest channel tells the label."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, count)
    pixels = rng.integers(0, 60, (count, 32, 32, 3)) + 150 * np.eye(3, dtype=int)[labels][:, None, None]
    return Photos(pixels.astype(np.uint8), labels)


def config(out: Path, **changed: object) -> ClassifyConfig:
    fields: dict[str, object] = {
        "out": out,
        "nested_dims": (4, 8, 32),
        "trunk": "test_resnet",
        "classes": 3,
        "size": 32,
        "crop": 32,
        "epochs": 8,
        "batch_size": 16,
        "learning_rate": 1e-2,
        "average": 0.5,
        "save_every": 5,
        "threads": 1,
    }
    return ClassifyConfig(**{**fields, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize("changed", [{}, {"tied": True}, {"nested_dims": (8,)}, {"weights": (2.0, 1.0, 1.0)}])
def test_every_dim_learns_to_classify(tmp_path: Path, changed: dict[str, object]) -> None:
    settings = config(tmp_path / "run", **changed)
    train, held_out = photos(160, 0), photos(60, 1)
    found = np.load(run(settings, train, held_out, "cpu"))
    assert found["train"].shape == (160, settings.nested_dims[-1])
    for dim in settings.nested_dims:
        features = found["held_out"][:, :dim].astype(np.float32)
        logits = features @ found[f"weight_{dim}"].T + found[f"bias_{dim}"]
        assert (logits.argmax(axis=1) == held_out.labels).mean() > 0.8  # by chance: a third


def test_photos_are_embedded_at_the_size_that_training_saw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trunk trained on small crops knows much less of the same pictures at another size."""
    embed, sides = Classifier.embed, set()

    def noted(self: Classifier, pixels: Tensor) -> Tensor:
        sides.add((self.training, *pixels.shape[2:]))
        return embed(self, pixels)

    monkeypatch.setattr(Classifier, "embed", noted)
    run(config(tmp_path / "run", crop=24), photos(40, 0), photos(10, 1), "cpu")
    assert sides == {(True, 24, 24), (False, 24, 24)}


def test_a_killed_run_goes_on_to_the_same_features(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train, held_out = photos(80, 0), photos(10, 1)
    whole = np.load(run(config(tmp_path / "whole"), train, held_out, "cpu"))
    descend = Session.descend

    def dies_at_12(self: Session, *arguments: object) -> None:  # type: ignore[type-arg]
        if self.step == 12:
            raise KeyboardInterrupt
        descend(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Session, "descend", dies_at_12)
    with pytest.raises(KeyboardInterrupt):
        run(config(tmp_path / "killed"), train, held_out, "cpu")
    monkeypatch.undo()
    again = np.load(run(config(tmp_path / "killed"), train, held_out, "cpu"))
    for name in ("train", "held_out", "weight_4", "bias_32"):
        assert np.array_equal(again[name], whole[name])


def test_a_finished_run_is_kept_and_another_recipe_refused(tmp_path: Path) -> None:
    train, held_out = photos(40, 0), photos(10, 1)
    first = run(config(tmp_path, epochs=1), train, held_out, "cpu")
    stamp = first.stat().st_mtime_ns
    assert run(config(tmp_path, epochs=1), train, held_out, "cpu").stat().st_mtime_ns == stamp
    with pytest.raises(ValueError, match="other settings"):
        run(config(tmp_path, epochs=2), train, held_out, "cpu")


def test_dims_beyond_the_trunk_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too few for a nested dim of 4096"):
        run(config(tmp_path, nested_dims=(8, 4096)), photos(20, 0), photos(5, 1), "cpu")
