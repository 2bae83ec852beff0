"""Checkpoints: plain open_clip reads them, damage of any kind is told in plain words, writing is whole or
not at all."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mrl_demo.model.checkpoint as storage
from mrl_demo.errors import CheckpointError
from mrl_demo.model.checkpoint import Card, find_checkpoint, read_card, read_checkpoint, write_checkpoint
from mrl_demo.model.encoder import Encoder

PLAIN_OPEN_CLIP = """
import sys, json, open_clip, torch
from PIL import Image
folder, config = sys.argv[1:]
local = open_clip.create_model_from_pretrained(f"local-dir:{folder}")
open_clip.add_model_config(config)
weights = f"{folder}/open_clip_model.safetensors"
named = open_clip.create_model_and_transforms("MRL-still-life", pretrained=weights)
named = (named[0].eval(), named[2])
image = Image.effect_mandelbrot((90, 70), (-2, -1.5, 1, 1.5), 50)
assert torch.equal(local[1](image), named[1](image)), "the two ways of loading prepare images differently"
tokens = open_clip.get_tokenizer(f"local-dir:{folder}")(["a glossy red mug"])
with torch.inference_mode():
    rows = [model.encode_text(tokens, normalize=True)[0].tolist() for model, _ in (local, named)]
assert "mrl_demo" not in sys.modules
print(json.dumps(rows))
"""


def test_plain_open_clip_loads_a_checkpoint_in_both_ways(
    checkpoint: Path, encoder: Encoder, tmp_path: Path
) -> None:
    configs = Path(storage.__file__).parent / "configs"
    command = [sys.executable, "-c", PLAIN_OPEN_CLIP, str(checkpoint), str(configs)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    for row in json.loads(done.stdout.splitlines()[-1]):
        np.testing.assert_allclose(row, encoder.encode_text("a glossy red mug"), atol=1e-5)


def test_the_weights_are_small(checkpoint: Path) -> None:
    assert (checkpoint / "open_clip_model.safetensors").stat().st_size < 40e6


@pytest.fixture
def copy(checkpoint: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(checkpoint, tmp_path / "copy"))


def test_a_checkpoint_is_found_by_its_fingerprint(checkpoint: Path, copy: Path, tmp_path: Path) -> None:
    wanted = {"name": "tiny", "fingerprint": read_card(checkpoint).fingerprint}
    (copy / "matryoshka.json").rename(copy / "card")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "matryoshka.json").write_text("{}")
    with pytest.raises(CheckpointError, match=f"of tiny .*is not in {tmp_path}"):
        find_checkpoint(wanted, [tmp_path])
    assert find_checkpoint(wanted, [tmp_path], otherwise=copy) == copy
    assert find_checkpoint(wanted, [tmp_path, checkpoint.parent], otherwise=copy) == checkpoint
    (copy / "card").rename(copy / "matryoshka.json")
    assert find_checkpoint(wanted, [tmp_path, checkpoint.parent]) == copy


def test_a_missing_checkpoint_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="mrl_demo train"):
        Encoder.load(tmp_path / "none")


@pytest.mark.parametrize("name", ["open_clip_config.json", "open_clip_model.safetensors", "matryoshka.json"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(CheckpointError, match=name):
        Encoder.load(copy)


@pytest.mark.parametrize("name", ["open_clip_config.json", "open_clip_model.safetensors", "matryoshka.json"])
@pytest.mark.parametrize("keep", [0.0, 0.5])
def test_a_truncated_file_is_found_and_named(copy: Path, name: str, keep: float) -> None:
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[: int(keep * len(content))])
    with pytest.raises(CheckpointError, match=rf"{name} is damaged"):
        Encoder.load(copy)


def test_one_changed_byte_of_the_weights_is_found(copy: Path) -> None:
    content = bytearray((copy / "open_clip_model.safetensors").read_bytes())
    content[-5] ^= 1
    (copy / "open_clip_model.safetensors").write_bytes(content)
    with pytest.raises(CheckpointError, match="damaged or incomplete"):
        Encoder.load(copy)


def test_a_git_lfs_pointer_is_recognised(copy: Path) -> None:
    (copy / "open_clip_model.safetensors").write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"
    )
    with pytest.raises(CheckpointError, match="git lfs pull"):
        Encoder.load(copy)


@pytest.mark.parametrize(
    "card",
    ["[]", '{"format": 99}', '{"format": 1, "name": "x"}', '{"format": 1, "name": "x", "colour": "red"}'],
)
def test_a_card_that_is_not_one_is_refused(copy: Path, card: str) -> None:
    (copy / "matryoshka.json").write_text(card)
    with pytest.raises(CheckpointError, match=r"matryoshka\.json"):
        Encoder.load(copy)


def test_a_config_of_another_model_is_refused(copy: Path) -> None:
    config = json.loads((copy / "open_clip_config.json").read_text())
    config["model_cfg"]["text_cfg"]["width"] = 64
    (copy / "open_clip_config.json").write_text(json.dumps(config))
    with pytest.raises(CheckpointError, match="cannot load"):
        Encoder.load(copy)


def test_writing_that_fails_leaves_the_old_checkpoint_and_no_litter(
    copy: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (copy / "matryoshka.json").read_bytes()
    model, _, card = read_checkpoint(copy)

    def full_disk(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(storage, "_write_json", full_disk)
    with pytest.raises(OSError, match="no space"):
        write_checkpoint(copy, model, {}, card)
    assert (copy / "matryoshka.json").read_bytes() == before
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]


@pytest.mark.parametrize("failing", [1, 2])
def test_a_move_that_fails_leaves_the_old_checkpoint_and_no_litter(
    copy: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    before = (copy / "matryoshka.json").read_bytes()
    model, _, card = read_checkpoint(copy)
    moves, rename = 0, Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        nonlocal moves
        moves += 1
        if moves == failing:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_checkpoint(copy, model, {}, card)
    assert (copy / "matryoshka.json").read_bytes() == before
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]


def test_writing_again_replaces_and_gives_the_same_fingerprint(copy: Path) -> None:
    model, _, card = read_checkpoint(copy)
    config = json.loads((copy / "open_clip_config.json").read_text())["model_cfg"]
    assert write_checkpoint(copy, model, config, card).fingerprint == card.fingerprint
    assert read_checkpoint(copy)[2] == card
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]


@pytest.mark.parametrize("dims", [(), (8, 8, 512), (16, 8, 512), (0, 512), (8, 256)])
def test_a_card_needs_growing_dims_that_end_at_full_dim(dims: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="nested_dims"):
        Card("x", 512, dims, (0.07,) * len(dims))
