"""The render command, with painted pictures in place of the renderer: resuming, packing, what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from multiprocessing.pool import ThreadPool
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mrl_demo.collection import Pack, read_items
from mrl_demo.still_life import command, render
from mrl_demo.still_life.card import FILES
from mrl_demo.still_life.command import SPLITS, RenderConfig, pack, rows
from mrl_demo.still_life.render import fault, tone_map
from mrl_demo.still_life.scene import sample_scene
from mrl_demo.whole import whole


def paint(config: RenderConfig) -> None:
    """What `render_missing` leaves behind, without rendering."""
    config.folder.mkdir(parents=True)
    for index in range(config.count):
        scene = config.scene(index)
        path = config.folder / f"{index:05d}.webp"
        Image.new("RGB", (config.size, config.size), (index, 90, 120)).save(path)
        path.with_suffix(".json").write_text(scene.to_json())


class Threads:
    """What `multiprocessing.get_context` returns, with threads in place of processes."""

    def Pool(self, workers: int, initializer: object) -> ThreadPool:
        return ThreadPool(workers)


def rendered(config: RenderConfig, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The pictures that `render_missing` would render."""
    missing: list[int] = []
    monkeypatch.setattr(command, "_render_one", lambda config, index: missing.append(index) or (index, []))
    monkeypatch.setattr("multiprocessing.get_context", lambda method: Threads())
    command.render_missing(config)
    return sorted(missing)


def settings(tmp_path: Path, split: str) -> RenderConfig:
    return RenderConfig(split, count=5, size=16, work=tmp_path / "work", out=tmp_path / "out")


def test_each_split_has_its_own_seed_count_and_size() -> None:
    splits = [RenderConfig(split) for split in SPLITS]
    assert [(one.split, one.seed, one.count, one.size) for one in splits] == [
        ("gallery", 1, 6000, 192),
        ("train", 2, 24_000, 64),
        ("validation", 3, 2000, 64),
        ("queries", 4, 500, 192),
    ]
    assert len({one.folder for one in splits}) == len({FILES[one.split] for one in splits}) == 4


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"split": "test"}, "split must be one of gallery, train, validation, queries, got 'test'"),
        ({"workers": 0}, "workers must be at least 1, got 0"),
        ({"count": -3}, "count must not be negative, got -3"),
    ],
)
def test_bad_settings_are_refused(options: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        RenderConfig(**options)  # type: ignore[arg-type]


def test_the_gallery_becomes_a_pack_with_captions_attributes_and_scenes(tmp_path: Path) -> None:
    config = settings(tmp_path, "gallery")
    paint(config)
    pack(config)
    made = Pack.open(config.out)
    scene = sample_scene(1, 3)
    assert len(made) == 5 and made.attributes["category"][3] == scene.category
    assert scene.colour in made.caption(3, "medium")
    row = list(read_items(config.out / "items.parquet"))[3]
    assert json.loads(row["scene"])["shape_seed"] == scene.shape_seed


def test_the_training_set_lies_beside_it(tmp_path: Path) -> None:
    config = settings(tmp_path, "train")
    paint(config)
    pack(config)
    found = list(read_items(config.out / "train.parquet"))
    assert [row["image"]["path"] for row in found][:2] == ["train-00000.webp", "train-00001.webp"]
    assert {path.name for path in config.out.iterdir()} == {
        "train.parquet",
        "README.md",
        "distributions.svg",
    }


def test_a_missing_picture_is_not_packed_over(tmp_path: Path) -> None:
    config = settings(tmp_path, "train")
    paint(config)
    (config.folder / "00002.webp").unlink()
    with pytest.raises(FileNotFoundError, match=r"00002\.webp"):
        list(rows(config))
    with pytest.raises(FileNotFoundError):
        pack(config)
    assert not (config.out / "train.parquet").exists()


def test_two_splits_never_share_scenes(tmp_path: Path) -> None:
    config = RenderConfig("train", seed=1, count=5, size=16, work=tmp_path, out=tmp_path / "out")
    with pytest.raises(ValueError, match="seed 1 is the gallery split's"):
        pack(config)


def test_a_seed_that_was_packed_for_another_split_is_refused(tmp_path: Path) -> None:
    train = RenderConfig("train", seed=9, count=5, size=16, work=tmp_path / "work", out=tmp_path / "out")
    paint(train)
    pack(train)
    with pytest.raises(ValueError, match="seed 9 is the train split's"):
        pack(RenderConfig("queries", seed=9, count=5, size=16, work=tmp_path / "work", out=tmp_path / "out"))


def test_a_combination_that_is_not_of_the_split_is_refused(tmp_path: Path) -> None:
    config = settings(tmp_path, "validation")
    paint(config)
    pack(config)
    (config.folder / "00001.json").write_text(settings(tmp_path, "train").scene(0).to_json())
    with pytest.raises(ValueError, match=r"validation picture 1 shows a .*: validation holds reserved comb"):
        pack(config)


def test_pictures_of_scenes_no_longer_drawn_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = settings(tmp_path, "queries")
    paint(config)
    (config.folder / "00003.json").write_text('{"category": "of old"}')
    (config.folder / "00004.json").write_text(config.scene(4, attempt=2).to_json())
    assert rendered(config, monkeypatch) == [3]


@pytest.mark.parametrize("damage", ["empty", "no scene"])
def test_half_a_picture_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    config = settings(tmp_path, "queries")
    paint(config)
    if damage == "empty":
        (config.folder / "00002.webp").write_bytes(b"")
    else:
        (config.folder / "00002.json").unlink()
    assert rendered(config, monkeypatch) == [2]


def test_a_new_scene_never_stands_beside_an_old_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = settings(tmp_path, "queries")
    paint(config)
    picture = config.folder / "00001.webp"
    picture.with_suffix(".json").write_text('{"category": "of old"}')
    monkeypatch.setattr(render, "render", lambda scene, quality: Image.new("RGB", (16, 16), "red"))
    monkeypatch.setattr(render, "fault", lambda picture: None)

    def killed(path: Path) -> object:
        if path == picture:
            raise KeyboardInterrupt
        return whole(path)

    monkeypatch.setattr(command, "whole", killed)
    with pytest.raises(KeyboardInterrupt):
        command._render_one(config, 1)
    assert not command._is_done(config, 1)


def test_a_category_is_rendered_again_on_demand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = settings(tmp_path, "gallery")
    paint(config)
    category = config.scene(3).category
    again = replace(config, again=(category,))
    command.forget(again)
    shown = [config.scene(index) for index in range(config.count)]
    wanted = [k for k, scene in enumerate(shown) if category in (scene.category, scene.other_category)]
    assert rendered(again, monkeypatch) == wanted and 3 in wanted
    with pytest.raises(ValueError, match="there is no category mgu; there are mug, "):
        RenderConfig(again=("mgu",))


def test_a_complete_split_renders_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = settings(tmp_path, "gallery")
    paint(config)
    monkeypatch.setattr("multiprocessing.get_context", lambda *_: pytest.fail("nothing is missing"))
    command.render_missing(config)


def test_faulty_pictures_are_recognised() -> None:
    rng = np.random.default_rng(0)
    fine = Image.fromarray(rng.integers(40, 220, (64, 64, 3), dtype=np.uint8))
    assert fault(fine) is None
    assert "too dark" in (fault(Image.new("RGB", (64, 64), (9, 9, 12))) or "")
    assert "burnt out" in (fault(Image.new("RGB", (64, 64), (255, 255, 255))) or "")
    assert "near-empty" in (fault(Image.new("RGB", (64, 64), (120, 110, 100))) or "")


def test_tone_mapping_keeps_order_and_range() -> None:
    ramp = np.repeat(np.linspace(0, 20, 50)[None, :, None], 3, 2)
    shown = tone_map(ramp, 0.0)[0, :, 0].astype(int)
    assert shown[0] == 0 and shown[-1] >= 250 and (np.diff(shown) >= 0).all()
