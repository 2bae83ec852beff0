"""A checkpoint on disk: open_clip's local-dir layout plus `matryoshka.json`, written whole or not at all.

    open_clip_config.json         model and preprocessing, enough for plain open_clip
    open_clip_model.safetensors   the weights, matrices in float16
    matryoshka.json               the Card: nested dims, temperatures, words met in training, how it was
    trained

Knows nothing of tokens, images or training beyond what the Card carries.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from mrl_demo.errors import CheckpointError
from mrl_demo.model.towers import load_towers, preprocess_config

FORMAT = 1
_CONFIG, _WEIGHTS, _CARD = "open_clip_config.json", "open_clip_model.safetensors", "matryoshka.json"


@dataclasses.dataclass(frozen=True)
class Card:
    """What a checkpoint says of itself beyond open_clip's config.

    Attributes:
        name: what people call the model.
        full_dim: width of the embeddings.
        nested_dims: the trained dims, growing; the last is full_dim (MRL, section 3: the set M).
        temperatures: the learned softmax temperature of each nested dim.
        known_words: every word the text tower met in training, sorted.
        training: how it was trained (config, data, command, commit, hardware, date, seconds).
        scores: what it scored on held-out training data: measure -> dim -> value.
        fingerprint: sha256 of the weights file; filled in when the checkpoint is written.
    """

    name: str
    full_dim: int
    nested_dims: tuple[int, ...]
    temperatures: tuple[float, ...]
    known_words: tuple[str, ...] = ()
    training: dict[str, Any] = dataclasses.field(default_factory=dict)
    scores: dict[str, dict[str, float]] = dataclasses.field(default_factory=dict)
    fingerprint: str = ""

    def __post_init__(self) -> None:
        dims = self.nested_dims
        if not dims or list(dims) != sorted(set(dims)) or dims[0] < 1 or dims[-1] != self.full_dim:
            raise ValueError(f"nested_dims must grow from at least 1 to full_dim {self.full_dim}, got {dims}")
        if len(self.temperatures) != len(dims):
            raise ValueError(
                f"{len(dims)} nested dims need as many temperatures, got {len(self.temperatures)}"
            )


def write_checkpoint(path: str | Path, model: nn.Module, model_cfg: dict[str, Any], card: Card) -> Card:
    """Writes the checkpoint folder `path`, replacing an older one, and returns `card` with its fingerprint.

    All files are written beside `path` and moved there together: what fails leaves the old checkpoint, a kill
    leaves the old one or the new one. Only a kill between the two renames of a replacement leaves none at
    `path`; the old one then lies in a hidden folder beside it, `.<name>-old-...`.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        save_file({name: _stored(tensor) for name, tensor in model.state_dict().items()}, fresh / _WEIGHTS)
        card = dataclasses.replace(card, fingerprint=_sha256(fresh / _WEIGHTS))
        _write_json(fresh / _CONFIG, {"model_cfg": model_cfg, "preprocess_cfg": preprocess_config()})
        _write_json(fresh / _CARD, {"format": FORMAT, **dataclasses.asdict(card)})
        for file in fresh.iterdir():
            file.chmod(0o644)
            with file.open("rb") as handle:
                os.fsync(handle.fileno())
        fresh.chmod(0o755)
        if path.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{path.name}-old-", dir=path.parent))
            try:
                path.rename(old / path.name)
                fresh.rename(path)
            except BaseException:
                with contextlib.suppress(FileNotFoundError):  # it was not moved away yet
                    (old / path.name).rename(path)
                old.rmdir()
                raise
            shutil.rmtree(old)
        else:
            fresh.rename(path)
    finally:
        if fresh.exists():
            shutil.rmtree(fresh)
    return card


def read_card(path: str | Path) -> Card:
    """The Card of the checkpoint folder `path`; does not look at the weights.

    Raises:
        CheckpointError: the folder or the card is missing or damaged.
    """
    path = Path(path)
    if not path.is_dir():
        raise CheckpointError(f"there is no checkpoint at {path}; `python -m mrl_demo train` makes one")
    stored = _read_json(path / _CARD)
    if stored.pop("format", None) != FORMAT:
        raise CheckpointError(f"{path / _CARD} is not of format {FORMAT}, the one this version reads")
    try:
        stored["nested_dims"] = tuple(int(dim) for dim in stored["nested_dims"])
        stored["temperatures"] = tuple(float(value) for value in stored["temperatures"])
        stored["known_words"] = tuple(str(word) for word in stored.get("known_words", ()))
        return Card(**stored)
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path / _CARD} is damaged: {error}") from error


def find_checkpoint(model: Mapping[str, Any], folders: Iterable[Path], otherwise: Path | None = None) -> Path:
    """The checkpoint in one of `folders` that is `model`, by its fingerprint; a pack names its model so.

    Args:
        otherwise: what is given where none of them has it.

    Raises:
        CheckpointError: none has it, and there is no `otherwise`.
    """
    for folder in (folders := list(folders)):
        for card in sorted(folder.glob(f"*/{_CARD}")):
            with contextlib.suppress(CheckpointError):  # a damaged one is no other one
                if read_card(card.parent).fingerprint == model.get("fingerprint"):
                    return card.parent
    if otherwise is not None:
        return otherwise
    where = " nor in ".join(map(str, folders))
    wanted = f"{model.get('name', 'the model')} ({str(model.get('fingerprint'))[:12]})"
    raise CheckpointError(f"the checkpoint of {wanted} is not in {where}")


def read_checkpoint(path: str | Path) -> tuple[nn.Module, Any, Card]:
    """The model (float32, CPU, eval mode), its image transform and its card.

    Raises:
        CheckpointError: something is missing, damaged, or the weights are not the ones the card was written
            for.
    """
    path = Path(path)
    card = read_card(path)
    _read_json(path / _CONFIG)
    weights = path / _WEIGHTS
    if not weights.is_file():
        raise CheckpointError(f"the weights are missing: there is no file {weights}")
    if weights.stat().st_size < 1024 and weights.read_bytes().startswith(b"version https://git-lfs"):
        raise CheckpointError(f"{weights} is a Git LFS pointer, not the weights; run `git lfs pull`")
    if _sha256(weights) != card.fingerprint:
        raise CheckpointError(
            f"{weights} is damaged or incomplete: it is not the file that {_CARD} was written for"
        )
    try:
        model, transform = load_towers(path)
    except Exception as error:  # open_clip raises whatever its parts raise; all of it means the same here
        raise CheckpointError(f"open_clip cannot load the checkpoint at {path}: {error}") from error
    return model, transform, card


def _stored(tensor: Tensor) -> Tensor:
    """Matrices in float16; vectors (biases, normalisation statistics, scales) are few and keep their
    dtype."""
    tensor = tensor.detach().cpu()
    return (
        tensor.to(torch.float16) if tensor.is_floating_point() and tensor.ndim > 1 else tensor
    ).contiguous()


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CheckpointError(f"the checkpoint is incomplete: there is no file {path}") from error
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} is damaged: {error}") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path} is damaged: it should hold a JSON object")
    return content


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
