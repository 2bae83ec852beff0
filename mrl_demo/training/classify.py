"""One encoder trained to classify photos, as in the paper: MRL, MRL-E or FF by a few fields of the config.

Ends in `features.npz`: embeddings of the training and the held-out photos and the heads' weights, from which
`evaluation` makes every figure without torch. Trunk and heads are trained, and photos embedded, under
autocast: in bfloat16 where the CPU or GPU computes in it, all models of a comparison alike; losses are summed
in float32 and embeddings kept in float16. Photos are embedded whole, at the pixels a side that training saw:
one trained on 48 knows much less of the same photos at 64 (checkpoints/LOG.md). Killed runs go on. Knows no
search and no measures.
"""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from tqdm import tqdm

from mrl_demo.circumstances import circumstances
from mrl_demo.model.towers import build_trunk, choose_device, cpu_share
from mrl_demo.training.data import chunks, epoch_rows
from mrl_demo.training.heads import MatryoshkaClassifier, matryoshka_softmax_loss
from mrl_demo.training.made import made_on
from mrl_demo.training.photos import Photos, crops, whole_pictures
from mrl_demo.training.precision import fast, normaliser
from mrl_demo.training.session import Session, schedule
from mrl_demo.training.small_maps import quicken
from mrl_demo.whole import whole

FEATURES = "features.npz"


@dataclasses.dataclass(frozen=True)
class ClassifyConfig:
    """One run of the comparison; the same config gives the same batches in the same order.

    `nested_dims` of length one is FF; `tied` is MRL-E; `weights` are c_m, all 1 when empty. Of pictures of
    `size` pixels a side training sees crops, and the embeddings are of whole ones, both brought to `crop`.
    `threads` 0: all this process may use.
    """

    out: Path
    nested_dims: tuple[int, ...] = (8, 16, 32, 64, 128, 256, 512)
    tied: bool = False
    weights: tuple[float, ...] = ()
    trunk: str = "resnet10t"
    classes: int = 200
    size: int = 64
    crop: int = 48
    epochs: int = 8
    batch_size: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    warmup: float = 0.05
    average: float = 0.998
    seed: int = 0
    save_every: int = 200
    threads: int = 0

    def recipe(self) -> dict[str, Any]:
        """The fields that decide what is learned."""
        fields = dataclasses.asdict(self)
        aside = ("out", "save_every", "threads")
        learned = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in fields.items()
            if name not in aside
        }
        return {**learned, "embedded at": self.crop}


class Classifier(nn.Module):
    """A timm trunk, and a linear classifier on each nested dim of its pooled features.

    The embedding is the first full_dim of the features, for FF as for MRL: the paper's fixed-feature layer
    reads the first d numbers of the same trunk and leaves the rest alone.

    Raises ValueError when the trunk has fewer features than full_dim.
    """

    def __init__(self, config: ClassifyConfig) -> None:
        super().__init__()
        trunk, width = build_trunk(config.trunk)
        self.trunk = quicken(trunk)
        self.full_dim = config.nested_dims[-1]
        if self.full_dim > width:
            raise ValueError(
                f"{config.trunk} has {width} features, too few for a nested dim of {self.full_dim}"
            )
        self.head = MatryoshkaClassifier(config.nested_dims, config.classes, config.tied)

    def embed(self, pixels: Tensor) -> Tensor:
        """(B, 3, S, S) normalised -> (B, full_dim)."""
        features: Tensor = self.trunk(pixels)[:, : self.full_dim]
        return features

    def forward(self, pixels: Tensor) -> list[Tensor]:
        """(B, 3, S, S) normalised -> logits (B, classes) of each nested dim."""
        logits: list[Tensor] = self.head(self.embed(pixels).float())
        return logits


def run(config: ClassifyConfig, train: Photos, held_out: Photos, device: str | None = None) -> Path:
    """Trains to the end, going on with the unfinished run in `config.out`, and writes `features.npz` there.

    Does nothing when the file is there already with the same recipe.

    Raises:
        ValueError: the unfinished or finished run there has another recipe.
    """
    done = config.out / FEATURES
    if done.exists():
        if str(np.load(done)["recipe"]) != str(config.recipe()):
            raise ValueError(f"{done} was made with other settings: remove it, or name another folder")
        return done
    code = circumstances()["commit"]  # now: by the end the checkout may have moved on
    on = choose_device(device)
    torch.set_num_threads(config.threads or cpu_share())
    torch.manual_seed(config.seed)
    model: Classifier = Classifier(config).to(on, memory_format=torch.channels_last)  # type: ignore[call-overload]
    session = Session(model, config.learning_rate, config.weight_decay, config.average)
    session.resume(config.out, config.recipe())
    session.goes_on_at(code)
    _train(config, session, train, on)
    learned = session.result().eval()
    found = {
        "recipe": np.array(str(config.recipe())),
        "made": np.array(json.dumps(made_on(on, session.commits))),
        "seconds": np.array(session.seconds),
        "loss": np.array(session.loss),
        "train": _embed(learned, train, config.crop, on),
        "held_out": _embed(learned, held_out, config.crop, on),
    }
    for dim in config.nested_dims:
        found[f"weight_{dim}"] = learned.head.weight(dim).detach().float().cpu().numpy()
        found[f"bias_{dim}"] = learned.head.bias(dim).detach().float().cpu().numpy()
    with whole(done) as beside:
        np.savez(beside, allow_pickle=False, **found)
    session.forget(config.out)
    return done


def _train(config: ClassifyConfig, session: Session[Classifier], data: Photos, device: torch.device) -> None:
    rows_of = epoch_rows(np.arange(len(data)), config.batch_size, config.seed)
    steps = config.epochs * max(1, len(data) // config.batch_size)
    normalise = normaliser(device)
    session.model.train()
    bar = tqdm(total=steps, initial=session.step, desc=config.out.name, unit="step", mininterval=5)
    while session.step < steps:
        began = time.perf_counter()
        rows = rows_of(session.step)
        generator = torch.Generator().manual_seed(config.seed * 1_000_003 + session.step)
        pixels = crops(data.tensor(rows).to(device), config.crop, generator)
        with fast(device):
            logits = session.model(normalise(pixels))
        labels = torch.from_numpy(data.labels[rows]).to(device)
        loss = matryoshka_softmax_loss(logits, labels, config.weights)
        session.descend(loss, config.learning_rate * schedule(session.progress, config.warmup))
        session.progress = session.step / steps
        session.seconds += time.perf_counter() - began
        bar.update()
        bar.set_postfix(loss=f"{session.loss:.3f}", refresh=False)
        if session.step % config.save_every == 0:
            session.save(config.out, config.recipe())
    bar.close()


@torch.inference_mode()
def _embed(model: Classifier, data: Photos, size: int, device: torch.device) -> npt.NDArray[np.float16]:
    """Embeddings of whole pictures brought to `size` pixels a side: (n, full_dim) float16."""
    normalise = normaliser(device)
    parts = []
    for rows in chunks(np.arange(len(data)), 256):
        pixels = normalise(whole_pictures(data.tensor(rows).to(device), size))
        with fast(device):
            parts.append(model.embed(pixels).half().cpu().numpy())
    return np.concatenate(parts)
