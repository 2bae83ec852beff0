"""`python -m mrl_demo train`: from captioned pictures to a checkpoint, on a GPU or a CPU, over as many runs
as it takes.

Ties data, loss and session together and writes what came of it. Knows no search; its scores are a first look.
"""

from __future__ import annotations

import datetime
import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from mrl_demo.circumstances import circumstances, machine
from mrl_demo.model.checkpoint import Card, write_checkpoint
from mrl_demo.model.towers import (
    choose_device,
    cpu_share,
    encode_image,
    encode_text,
    model_config,
)
from mrl_demo.training.beginning import First, TwoTowers, open_first, start
from mrl_demo.training.between import draw_between, with_dims
from mrl_demo.training.config import TrainConfig, completed
from mrl_demo.training.held_out import held_out_scores
from mrl_demo.training.lineage import check_start, trainings
from mrl_demo.training.log import append_entry
from mrl_demo.training.losses import temperatures
from mrl_demo.training.made import made_on
from mrl_demo.training.mixture import Mixture
from mrl_demo.training.photos import whole_pictures
from mrl_demo.training.precision import fast, normaliser
from mrl_demo.training.session import Session, schedule
from mrl_demo.training.sources import Part, open_parts
from mrl_demo.training.vocabulary import Vocabulary, text_tokens

# The share of the way in which pictures are seen at `early_pixels`. In the rest the weights get used to
# full size: a network trained on small pictures alone knows much less of large ones (checkpoints/LOG.md).
_EARLY = 0.5

__all__ = ["TrainConfig", "TrainReport", "run"]


@dataclass(frozen=True)
class TrainReport:
    """What a finished run made: the checkpoint's card, the training time over all its runs, the last
    running loss."""

    card: Card
    seconds: float
    loss: float


def run(config: TrainConfig, parts: Sequence[Part] = ()) -> TrainReport:
    """Trains to the end, going on with the unfinished run in `config.work` if there is one; writes
    checkpoint and log.

    Args:
        parts: what `config.data` names, for who has read it already; else it is read.

    Raises:
        CollectionError: the training set is missing or damaged, or the checkpoint to begin with saw, or may
            have seen, pictures that would be held out.
        ValueError: the config does not fit the model, the machine, or the unfinished run.
    """
    device = choose_device(config.device or None)
    torch.set_num_threads(config.threads or cpu_share())
    code = circumstances()["commit"]  # now: by the end of a long run the checkout may have moved on
    # The last nested dim is the towers' full dim: a single one makes a fixed-feature model of that size.
    model_cfg = {**model_config(config.model), "embed_dim": config.nested_dims[-1]}
    first = open_first(config.start_from) if config.start_from else None
    session = start(config, model_cfg, device, first)
    size = model_cfg["vision_cfg"]["image_size"]
    if config.early_pixels > size:
        raise ValueError(f"early_pixels must be at most the {size} that {config.model} takes, or 0")
    parts = parts or open_parts(config.data, size, config.held_out, config.split_seed)
    if first:
        check_start(first.card, parts, config.held_out, config.split_seed)
    mixture = Mixture(parts, config.batch_size, config.shares, config.seed, config.names)
    # With the revisions that the Hub's sets were found at and what all sets hold: a run goes on with the very
    # same data.
    recipe = {
        **config.recipe(),
        "data": ",".join(part.source for part in parts),
        "content of the data": [part.files.digest for part in parts],
        "start_from": first.card.fingerprint if first else None,
    }
    session.resume(config.work, recipe, completed({"seed": config.seed}))
    session.goes_on_at(code)
    words_met = Vocabulary.of(mixture.parts, model_cfg["text_cfg"]["context_length"])
    _train(config, recipe, session, mixture, words_met, device)
    learned = session.result()
    _forget_strangers(learned.towers, words_met)
    scores = held_out_scores(learned.towers, parts, words_met.reader, config.nested_dims, device)
    return _finish(config, session, learned, model_cfg, words_met, scores, device, mixture, first)


def _train(
    config: TrainConfig,
    recipe: dict[str, Any],
    session: Session[TwoTowers],
    mixture: Mixture,
    vocabulary: Vocabulary,
    device: torch.device,
) -> None:
    steps = config.epochs * mixture.steps_an_epoch
    weights = torch.tensor(config.weights, device=device) if config.weights else None
    normalise = normaliser(device)
    session.model.train()
    bar = tqdm(total=steps, initial=session.step, desc="train", unit="step", mininterval=2)
    while session.progress < 1:
        began = time.perf_counter()
        step = session.step
        batch = mixture.batch(step)
        tokens = text_tokens(
            [vocabulary.token_ids(caption) for caption in batch.texts],
            vocabulary.reader.context_length,
            vocabulary.start,
            vocabulary.end,
            config.noise_words,
            vocabulary.tokens,
            random.Random(f"noise {config.seed}-{step}"),
        )
        generator = torch.Generator().manual_seed(config.seed * 1_000_003 + step)
        pixels = batch.pixels(generator, device)
        if config.early_pixels and session.progress < _EARLY:
            pixels = whole_pictures(pixels, config.early_pixels)
        with fast(device):
            image_features = encode_image(session.model.towers, normalise(pixels))
            text_features = encode_text(session.model.towers, tokens.to(device))
        dims, shares = config.nested_dims, weights
        logs: Tensor = session.model.log_temperatures
        if config.between:
            drawn = draw_between(dims, random.Random(f"dims {config.seed}-{step}"))
            dims, logs, shares = with_dims(drawn, dims, logs, shares)
        loss = batch.loss(image_features, text_features, dims, logs, shares)
        session.descend(loss, config.learning_rate * schedule(session.progress, config.warmup))
        session.model.bound_temperatures()
        session.seconds += time.perf_counter() - began
        # With a time limit the schedule runs by the clock once that is ahead of the steps: it always ends
        # annealed.
        session.progress = session.step / steps
        if config.max_minutes:
            session.progress = max(session.progress, session.seconds / 60 / config.max_minutes)
        bar.update()
        bar.set_postfix(loss=f"{session.loss:.3f}", progress=f"{session.progress:.0%}", refresh=False)
        if session.step % config.save_every == 0:
            session.save(config.work, recipe)
    bar.close()
    session.save(config.work, recipe)


@torch.no_grad()
def _forget_strangers(towers: nn.Module, vocabulary: Vocabulary) -> None:
    """Zero the embeddings of tokens the vocabulary lacks: they are noise, and zeros compress to nothing."""
    model: Any = towers
    keep = torch.zeros(len(model.token_embedding.weight), 1, device=model.token_embedding.weight.device)
    keep[sorted({*vocabulary.tokens, vocabulary.start, vocabulary.end, 0})] = 1
    model.token_embedding.weight.mul_(keep)


def _summed(config: TrainConfig) -> str:
    """What the loss is a sum of, in words."""
    drawn = len(draw_between(config.nested_dims, random.Random(0))) if config.between else 0
    return (
        f"sum over {len(config.nested_dims)} nested dims"
        + (f" and {drawn} drawn between them" if drawn else "")
        + (", each times its weight" if config.weights else "")
    )


def _finish(
    config: TrainConfig,
    session: Session[TwoTowers],
    learner: TwoTowers,
    model_cfg: dict[str, Any],
    vocabulary: Vocabulary,
    scores: dict[str, dict[str, float]],
    device: torch.device,
    mixture: Mixture,
    first: First | None,
) -> TrainReport:
    """Writes the checkpoint, adds to the log, and forgets the unfinished run."""
    loss = session.loss if session.loss is not None else math.nan
    learned = temperatures(learner.log_temperatures.detach()).tolist()
    model: Any = learner.towers
    with torch.no_grad():  # so that plain open_clip scales its logits as training did at full dim
        model.logit_scale.fill_(-math.log(learned[-1]))
    made = made_on(device, session.commits)
    now = datetime.datetime.fromisoformat(made["date"]).strftime("%Y-%m-%d %H:%M UTC")
    epochs = session.step / mixture.steps_an_epoch
    parts = zip(mixture.parts, mixture.sizes, strict=True)
    facts = {
        "command": f"`{made['command']}`",
        "commit": made["commit"],
        "hardware": machine(made),
        "data": "; ".join(
            f"{part.source}: {len(part.rows)} pictures trained on, {len(part.held_out)} held out, "
            f"{size} in a batch"
            for part, size in parts
        ),
        **({"started from": f"{first.card.name}, {first.card.fingerprint[:12]}"} if first else {}),
        "steps": f"{session.step} of {config.batch_size} ({epochs:.1f} epochs)",
        "time": f"{session.seconds:.0f} s",
        "loss": f"{loss:.3f} ({_summed(config)})",
    }
    card = Card(
        name=config.name,
        full_dim=config.nested_dims[-1],
        nested_dims=config.nested_dims,
        temperatures=tuple(round(value, 5) for value in learned),
        known_words=vocabulary.words,
        training={
            "config": config.to_json(),
            "date": now,
            **facts,
            "made": made,
            "parts": [part.to_json() for part in mixture.parts],
            **({"earlier": trainings(first.card)} if first else {}),
        },
        scores=scores,
    )
    card = write_checkpoint(config.out, learner.towers, model_cfg, card)
    append_entry(
        config.log,
        f"{now}: {config.name}",
        {**facts, "weights": card.fingerprint[:12]},
        config.nested_dims,
        scores,
    )
    session.forget(config.work)
    return TrainReport(card, session.seconds, loss)
