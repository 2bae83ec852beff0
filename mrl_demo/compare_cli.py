"""The commands that compare models: compare and compare-captions train them first; score takes checkpoints.

They join the rooms `training` and `evaluation`, which know nothing of each other: what the one leaves on disk
the other reads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class CompareConfig:
    """`compare`: the models of the paper's comparison, trained by one recipe and measured; goes on after a
    kill."""

    data: str = field(
        default="hub:zh-plus/tiny-imagenet",
        metadata={
            "help": "hub:owner/name, or a folder, of Parquet files train-*, val*-* (image, label); where "
            "labels are WordNet numbers or a classes.tsv (wnid, names, hypernyms) tells of them, mistakes "
            "are also counted by superclass"
        },
    )
    work: Path = field(
        default=Path(".work/compare"), metadata={"help": "where the trained models are kept; resumes there"}
    )
    out: Path = field(
        default=Path("assets/results/compare-tiny-imagenet.json"),
        metadata={"help": "the result file to write"},
    )
    only: tuple[str, ...] = field(
        default=(), metadata={"help": "train only these: MRL, MRL-E, MRL-c2, FF-8 ... FF-512; else all"}
    )
    seeds: tuple[int, ...] = field(default=(0,), metadata={"help": "train each model once a seed"})
    epochs: int = field(default=6, metadata={"help": "times that training sees each photo"})
    crop: int = field(default=48, metadata={"help": "pixels a side that training sees of 64"})
    batch_size: int = field(default=256, metadata={"help": "photos a step"})
    learning_rate: float = field(default=2e-3, metadata={"help": "the highest learning rate"})
    classes: int = field(default=200, metadata={"help": "only photos of the first so many classes"})
    a_class: int = field(default=0, metadata={"help": "at most so many training photos a class; 0 for all"})
    threads: int = field(default=0, metadata={"help": "CPU threads of the training; 0 for all"})
    train: bool = field(default=True, metadata={"help": "train what is not trained yet"})
    readme: Path | None = field(
        default=None, metadata={"help": "a text whose tables of the comparisons are written anew"}
    )
    measure: bool = field(
        default=True, metadata={"help": "measure what is trained and write the result file"}
    )


@dataclass(frozen=True)
class CompareCaptionsConfig:
    """`compare-captions`: MRL against fixed sizes in search by caption; goes on after a kill."""

    data: str = field(
        default="still-life,fashion",
        metadata={"help": "what to train on and to ask about, as `train --data` takes it"},
    )
    work: Path = field(
        default=Path(".work/compare-captions"),
        metadata={"help": "where the trained models are kept; resumes there"},
    )
    out: Path = field(
        default=Path("assets/results/compare-captions.json"), metadata={"help": "the result file to write"}
    )
    only: tuple[str, ...] = field(
        default=(), metadata={"help": "train only these: MRL, MRL-c2, FF-8 ... FF-512; else all"}
    )
    seeds: tuple[int, ...] = field(default=(0,), metadata={"help": "train each model once a seed"})
    model: str = field(
        default="MRL-48px", metadata={"help": "an open_clip model config: its name, or a JSON file"}
    )
    nested_dims: tuple[int, ...] = field(
        default=(8, 16, 32, 64, 128, 256, 512), metadata={"help": "of MRL; FF has a model for each"}
    )
    epochs: int = field(default=4, metadata={"help": "times every picture is seen"})
    batch_size: int = field(default=256, metadata={"help": "pictures a step"})
    optimiser: str = field(default="muon", metadata={"help": "muon or adamw, as of `train`"})
    threads: int = field(default=0, metadata={"help": "CPU threads of the training; 0 for all"})
    train: bool = field(default=True, metadata={"help": "train what is not trained yet"})
    readme: Path | None = field(
        default=None, metadata={"help": "a text whose tables of the comparisons are written anew"}
    )


@dataclass(frozen=True)
class ScoreConfig:
    """`score`: what checkpoints are worth on pictures held out of their training, printed as tables."""

    checkpoints: tuple[Path, ...] = field(metadata={"help": "the checkpoints' folders"})
    data: str = field(
        default="", metadata={"help": "as `train --data` takes it; else what each was trained on"}
    )
    out: Path | None = field(
        default=None, metadata={"help": "a result file to write, with all of them side by side"}
    )
    readme: Path | None = field(
        default=None, metadata={"help": "a text whose table of the encoders is written anew"}
    )
    device: str = field(default="", metadata={"help": "cpu or cuda; empty: cuda when there is one"})


def compare(config: CompareConfig) -> None:
    """Train what is not trained yet, measure what is, and write one result file."""
    if config.train:
        from mrl_demo.training.classify import ClassifyConfig
        from mrl_demo.training.compare import read_source, train_all

        base = ClassifyConfig(
            out=config.work,
            classes=config.classes,
            epochs=config.epochs,
            crop=config.crop,
            batch_size=config.batch_size,
            learning_rate=config.learning_rate,
            threads=config.threads,
        )
        source = read_source(config.data, config.work, base.size, config.classes, config.a_class)
        train_all(base, source, config.seeds, config.only)
    if config.measure:
        from mrl_demo.evaluation.comparison import run

        run(config.work, config.out, config.readme)


def compare_captions(config: CompareCaptionsConfig) -> None:
    """Train and score what is not there yet, and write one result file."""
    if config.train:
        from mrl_demo.training.compare_captions import train_all
        from mrl_demo.training.config import TrainConfig

        base = TrainConfig(
            data=config.data,
            model=config.model,
            nested_dims=config.nested_dims,
            between=False,  # the paper trains the nested dims alone
            epochs=config.epochs,
            batch_size=config.batch_size,
            optimiser=config.optimiser,
            threads=config.threads,
        )
        train_all(base, config.work, config.seeds, config.only)
    from mrl_demo.evaluation.caption_comparison import run

    run(config.work, config.out, config.readme)


def score(config: ScoreConfig) -> None:
    """Print the table that a training run puts into its log, for any checkpoints and data, and write what is
    wanted of them side by side."""
    from mrl_demo.evaluation.encoders import run
    from mrl_demo.evaluation.readme_tables import ENCODER_MARKS
    from mrl_demo.evaluation.report import between
    from mrl_demo.model.checkpoint import read_card
    from mrl_demo.training.held_out import as_measured, score_checkpoint
    from mrl_demo.training.log import score_table

    cards = [read_card(path) for path in config.checkpoints]
    names = [card.name for card in cards]
    if len(set(names)) < len(names):
        raise ValueError(f"encoders are told apart by their names, which must differ: {', '.join(names)}")
    if config.readme:
        if not config.out:
            raise ValueError("--readme shows what the result file holds: name one with --out")
        between(config.readme, ENCODER_MARKS)
    found = []
    for path, card in zip(config.checkpoints, cards, strict=True):
        rows = score_checkpoint(path, config.data, config.device or None)
        print("\n".join([card.name, "", *score_table(card.nested_dims, as_measured(rows)), ""]))
        found.append((card.name, card.fingerprint, card.training, rows))
    if config.out:
        run(found, config.out, config.readme)
