"""`python -m mrl_demo render`: sample, render and pack one split of the still-life collection.

Every picture is written to a work folder as soon as it is done, so a killed run goes on where it stopped. At
the end the split is packed into Parquet, whole or not at all. How a picture is made, this file does not know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from mrl_demo.still_life.card import FILES, packed_seed, write_card
from mrl_demo.still_life.catalogue import CATEGORIES
from mrl_demo.still_life.scene import Combinations, Scene, combinations_fit, sample_scene
from mrl_demo.whole import whole


@dataclass(frozen=True)
class Split:
    """One part of the collection: pictures `size` pixels a side of `count` scenes of one seed."""

    seed: int
    count: int
    size: int
    combinations: Combinations


# The splits have seeds of their own, so that no scene is shared, and validation has only combinations of
# category, colour, finish and pattern that training never has; `pack` refuses where either is violated.
SPLITS = {
    "gallery": Split(1, 6000, 192, "all"),
    "train": Split(2, 24_000, 64, "open"),
    "validation": Split(3, 2000, 64, "reserved"),
    "queries": Split(4, 500, 192, "all"),
}
REDRAWS = 5
REDRAW_STEP = 10_000_000  # a picture with a fault is replaced by scene index + REDRAW_STEP, and so on


@dataclass(frozen=True)
class RenderConfig:
    """`render`: one split of the collection. Zero for seed, count or size means the split's own."""

    split: str = field(default="gallery", metadata={"help": "gallery, train, validation or queries"})
    seed: int = field(default=0, metadata={"help": "seed of the scenes; 0: 1, 2, 3 and 4 in that order"})
    count: int = field(default=0, metadata={"help": "how many pictures; 0: 6000, 24000, 2000 and 500"})
    size: int = field(default=0, metadata={"help": "pixels a side; 0: 192, 64, 64 and 192"})
    again: tuple[str, ...] = field(
        default=(), metadata={"help": "categories to render again, after their models changed"}
    )
    workers: int = field(default=2, metadata={"help": "processes, one thread each"})
    work: Path = field(default=Path(".work/still-life"), metadata={"help": "where unfinished work is kept"})
    out: Path = field(default=Path("assets/still-life"), metadata={"help": "the collection's folder"})

    def __post_init__(self) -> None:
        """Raises ValueError, saying what is allowed."""
        if self.split not in SPLITS:
            raise ValueError(f"split must be one of {', '.join(SPLITS)}, got {self.split!r}")
        if self.workers < 1:
            raise ValueError(f"workers must be at least 1, got {self.workers}")
        unknown = sorted(set(self.again) - set(CATEGORIES))
        if unknown:
            raise ValueError(f"there is no category {', '.join(unknown)}; there are {', '.join(CATEGORIES)}")
        for name in ("seed", "count", "size"):
            given = getattr(self, name)
            if given < 0:
                raise ValueError(f"{name} must not be negative, got {given}")
            object.__setattr__(self, name, given or getattr(SPLITS[self.split], name))

    @property
    def folder(self) -> Path:
        """Where this split's pictures wait to be packed."""
        return self.work / f"{self.split}-seed{self.seed}-{self.size}px"

    def scene(self, index: int, attempt: int = 0) -> Scene:
        """The scene of picture `index`; of a later attempt, when the pictures before it had faults."""
        return sample_scene(self.seed, index + attempt * REDRAW_STEP, SPLITS[self.split].combinations)


def run(config: RenderConfig) -> None:
    """Render what is missing of the split, then pack it."""
    forget(config)
    render_missing(config)
    pack(config)


def forget(config: RenderConfig) -> None:
    """Remove the pictures that show a category of `config.again`, so that they are missing."""
    for path in sorted(config.folder.glob("*.json")) if config.again else ():
        scene = Scene.from_json(path.read_text())
        if {scene.category, scene.other_category} & set(config.again):
            path.with_suffix(".webp").unlink(missing_ok=True)


def render_missing(config: RenderConfig) -> None:
    """Render, in `config.workers` processes, every picture that is not in the work folder yet.

    One whose scene is no longer drawn (the catalogue or the sampling changed since) counts as missing. What
    a model looks like is not in its scene: see `forget`.
    """
    from multiprocessing import get_context

    from tqdm import tqdm

    from mrl_demo.still_life.render import single_thread

    config.folder.mkdir(parents=True, exist_ok=True)
    missing = [index for index in range(config.count) if not _is_done(config, index)]
    if not missing:
        return
    with get_context("spawn").Pool(config.workers, initializer=single_thread) as pool:
        done = pool.imap_unordered(partial(_render_one, config), missing)
        bar = tqdm(
            done, total=config.count, initial=config.count - len(missing), desc=config.split, unit="image"
        )
        for index, faults in bar:
            if faults:
                tqdm.write(f"{config.split} {index}: drawn again, it was {'; '.join(faults)}")


def pack(config: RenderConfig) -> None:
    """Write the split's Parquet file: the pack's items for the gallery, else a file of its own beside them.

    Raises ValueError when its scenes are another split's too, or a combination does not belong in this one.
    """
    from mrl_demo.collection.build import write_pack
    from mrl_demo.collection.items import write_items

    _check_nothing_shared(config)
    if config.split == "gallery":
        write_pack(config.out, rows(config), name="still-life", title="Still lifes", licence="CC0-1.0")
    else:
        with whole(config.out / FILES[config.split]) as beside:
            write_items(beside, rows(config))
    write_card(config.out)


def rows(config: RenderConfig) -> Iterator[dict[str, Any]]:
    """The split's items in order, as a collection stores them.

    Raises FileNotFoundError for a missing picture, ValueError for a combination that is not of this split.
    """
    from mrl_demo.still_life.captions import captions

    for index in range(config.count):
        scene = Scene.from_json(_picture(config, index).with_suffix(".json").read_text())
        if not combinations_fit(scene.attributes(), SPLITS[config.split].combinations):
            raise ValueError(
                f"{config.split} picture {index} shows a {scene.colour} {scene.finish} {scene.category}, "
                f"{scene.pattern}: {config.split} holds {SPLITS[config.split].combinations} combinations only"
            )
        short, medium, long = captions(scene.attributes())
        yield {
            "image": {
                "bytes": _picture(config, index).read_bytes(),
                "path": f"{config.split}-{index:05d}.webp",
            },
            "caption_short": short,
            "caption_medium": medium,
            "caption_long": long,
            **scene.attributes(),
            "scene": scene.to_json(),
        }


def _picture(config: RenderConfig, index: int) -> Path:
    return config.folder / f"{index:05d}.webp"


def _is_done(config: RenderConfig, index: int) -> bool:
    """Whether the picture is there and its scene is one that would be drawn today."""
    picture = _picture(config, index)
    told = picture.with_suffix(".json")
    if not (picture.exists() and picture.stat().st_size and told.exists()):
        return False
    found = told.read_text()
    return any(found == config.scene(index, attempt).to_json() for attempt in range(REDRAWS))


def _render_one(config: RenderConfig, index: int) -> tuple[int, list[str]]:
    """Render one picture, its scene beside it; returns the faults of the draws that were given up."""
    import io

    from mrl_demo.still_life.render import Quality, fault, render

    faults: list[str] = []
    for attempt in range(REDRAWS):
        scene = config.scene(index, attempt)
        picture = render(scene, Quality(config.size))
        found = fault(picture)
        if found is None:
            break
        faults.append(
            f"{found} ({scene.colour} {scene.finish} {scene.category}, {scene.setting}, {scene.light})"
        )
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=82 if config.size > 100 else 88, method=6)
    target = _picture(config, index)
    # A picture of an older scene goes first and the new one comes last: where one is, its scene is too.
    target.unlink(missing_ok=True)
    with whole(target.with_suffix(".json")) as beside:
        beside.write_text(scene.to_json())
    with whole(target) as beside:
        beside.write_bytes(buffer.getvalue())
    return index, faults


def _check_nothing_shared(config: RenderConfig) -> None:
    """Raises ValueError when another split beside this one, or one still to be rendered, has its seed."""
    for other, split in SPLITS.items():
        packed = config.out / FILES[other]
        seed = packed_seed(packed) if packed.exists() else split.seed
        if other != config.split and seed == config.seed:
            raise ValueError(
                f"seed {seed} is the {other} split's; give {config.split} another, so that no scene is shared"
            )
