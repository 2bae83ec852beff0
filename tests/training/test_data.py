"""Batches: the same for the same seed and step, and honest about which caption is true of which picture."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch

from mrl_demo.errors import CollectionError
from mrl_demo.still_life.captions import readings
from mrl_demo.still_life.free_text import sample_statement
from mrl_demo.still_life.scene import sample_scene
from mrl_demo.training.augment import augment_photos, augment_products, augment_still_lifes
from mrl_demo.training.data import TrainingSet, epoch_rows
from mrl_demo.training.subjects import PRODUCTS, STILL_LIFE, Augmentation
from tests.training.tiny import training_set

ROWS: list[Mapping[str, str | int]] = [
    {"category": "mug", "colour": "red"},
    {"category": "mug", "colour": "blue"},
    {"category": "bell", "colour": "red"},
]


def by_hand() -> TrainingSet:
    return TrainingSet(
        torch.zeros(3, 3, 4, 4, dtype=torch.uint8), ROWS, lambda row, rng: (str(row["category"]), {})
    )


def test_a_caption_is_a_positive_of_every_picture_it_is_true_of() -> None:
    captions = ["a mug", "a blue mug", "something red"]
    stated: list[Mapping[str, str | int]] = [
        {"category": "mug"},
        {"category": "mug", "colour": "blue"},
        {"colour": "red"},
    ]
    positives = by_hand().positives(np.arange(3), captions, stated)
    #                                    a mug, a blue mug, something red
    assert positives.tolist() == [[True, False, True], [True, True, False], [False, False, True]]


def test_equal_captions_are_positives_whatever_they_are_said_to_state() -> None:
    positives = by_hand().positives(np.arange(3), ["a mug", "a mug", "a bell"], ROWS)
    assert positives.tolist() == [[True, True, False], [True, True, False], [False, False, True]]


def test_what_is_said_of_one_of_two_things_is_true_of_the_picture() -> None:
    pair = next(
        scene.attributes() for scene in (sample_scene(1, k) for k in range(99)) if scene.relation == "left of"
    )
    alone = {**pair, "relation": "", "other_category": "", "other_colour": "", "other_finish": ""}
    pixels = torch.zeros(2, 3, 4, 4, dtype=torch.uint8)
    data = TrainingSet(pixels, [pair, alone] * 3, sample_statement, readings)
    mirrored = {
        "category": pair["other_category"],
        "relation": "right of",
        "other_category": pair["category"],
    }
    stated: list[Mapping[str, str | int]] = [
        {"category": pair["category"], "count": 1},
        {"category": pair["other_category"], "colour": pair["other_colour"]},
        mirrored,
        {**mirrored, "relation": "left of"},
        {"category": pair["category"], "colour": pair["other_colour"]},
        {"category": "of another world"},
    ]
    positives = data.positives(np.arange(6), [str(k) for k in range(6)], stated)
    assert positives[:2].fill_diagonal_(False).tolist() == [
        [False, True, True, False, False, False],
        [True, False, False, False, False, False],
    ]


def test_the_same_step_gives_the_same_batch_and_another_step_another(tmp_path: Path) -> None:
    data = TrainingSet.open(training_set(tmp_path / "t.parquet"), 32, sample_statement)
    rows = epoch_rows(np.arange(len(data)), 16, seed=3)
    one, again, other = (data.batch(rows(step), 3, step) for step in (4, 4, 5))
    assert one.texts == again.texts
    assert np.array_equal(one.rows, again.rows)
    assert torch.equal(one.told[0].positives, again.told[0].positives)
    assert one.texts != other.texts
    assert one.told[0].positives.diagonal().all()


def test_an_epoch_shows_every_picture_once_and_the_next_in_another_order() -> None:
    rows = epoch_rows(np.arange(40), 10, seed=0)
    first = np.concatenate([rows(step) for step in range(4)])
    second = np.concatenate([rows(step) for step in range(4, 8)])
    assert sorted(first) == sorted(second) == list(range(40))
    assert not np.array_equal(first, second)


def test_what_is_held_out_is_not_trained_on(tmp_path: Path) -> None:
    data = TrainingSet.open(training_set(tmp_path / "t.parquet"), 32, sample_statement)
    train, held_out = data.split(0.1, seed=0)
    assert len(held_out) == 8
    assert sorted([*train, *held_out]) == list(range(80))


def test_pictures_of_another_size_are_brought_to_the_models(tmp_path: Path) -> None:
    data = TrainingSet.open(training_set(tmp_path / "t.parquet", 4), 16, sample_statement)
    assert data.pixels.shape == (4, 3, 16, 16)
    assert data.pixels.dtype == torch.uint8


def test_a_missing_or_damaged_training_set_is_said_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="is missing"):
        TrainingSet.open(tmp_path / "none.parquet", 32, sample_statement)
    broken = training_set(tmp_path / "t.parquet")
    broken.write_bytes(broken.read_bytes()[:500])
    with pytest.raises(CollectionError):
        TrainingSet.open(broken, 32, sample_statement)


@pytest.mark.parametrize("augment", [augment_still_lifes, augment_products])
def test_augmentation_never_changes_hue(augment: Augmentation) -> None:
    pixels = torch.tensor([0.8, 0.4, 0.1])[None, :, None, None].expand(16, 3, 8, 8).contiguous()
    before = pixels.clone()
    changed = augment(pixels, torch.Generator().manual_seed(0))
    assert torch.equal(pixels, before)
    ratio = changed / pixels
    assert (ratio.amax(dim=(1, 2, 3)) - ratio.amin(dim=(1, 2, 3)) < 1e-5).all()
    assert 0.9 < float(ratio.min()) < float(ratio.max()) < 1.1
    assert torch.equal(changed, augment(pixels, torch.Generator().manual_seed(0)))


def test_still_lifes_are_never_mirrored_since_captions_say_left_and_right() -> None:
    right = torch.zeros(64, 3, 16, 16)
    right[..., 8:] = 1  # white on the right
    still, products = (
        augment(right, torch.Generator().manual_seed(0)) for augment in (STILL_LIFE.augment, PRODUCTS.augment)
    )
    stayed = (still[..., 8:].mean(dim=(1, 2, 3)) > still[..., :8].mean(dim=(1, 2, 3))).float()
    half = (products[..., 8:].mean(dim=(1, 2, 3)) > products[..., :8].mean(dim=(1, 2, 3))).float()
    assert stayed.mean() == 1
    assert 0.3 < half.mean() < 0.7


def test_photos_are_cropped_and_their_colours_vary_but_no_hue_turns() -> None:
    pixels = torch.tensor([0.7, 0.4, 0.1])[None, :, None, None].expand(16, 3, 8, 8).contiguous()
    before = pixels.clone()
    changed = augment_photos(pixels, torch.Generator().manual_seed(0))
    assert torch.equal(pixels, before)
    assert changed.shape == pixels.shape
    assert changed.min() >= 0 and changed.max() <= 1
    assert (changed[:, 0] > changed[:, 1]).all() and (changed[:, 1] > changed[:, 2]).all()
    assert (changed.mean(dim=(1, 2, 3)).std()) > 0.01
    assert torch.equal(changed, augment_photos(pixels, torch.Generator().manual_seed(0)))


def classes(*names: str) -> TrainingSet:
    """Three pictures of the first class, one of each other."""
    rows = [{"label": name} for name in (names[0], *names, names[0])]
    pixels = torch.zeros(len(rows), 3, 2, 2, dtype=torch.uint8)
    return TrainingSet(
        pixels,
        rows,
        lambda row, rng: (str(row["label"]), row),
        naming=lambda row, rng: str(row["label"]).rstrip("2"),
    )


def test_every_class_is_named_and_true_of_its_own_pictures() -> None:
    named = classes("cat", "dog", "bus").named(np.array([0, 2, 4, 3]), random.Random(0))
    assert named.texts == ["cat", "dog", "bus"]
    assert named.positives.tolist() == [
        [True, False, False],
        [False, True, False],
        [True, False, False],
        [False, False, True],
    ]


def test_classes_that_are_called_alike_are_not_told_apart() -> None:
    named = classes("crane", "crane2", "bus").named(np.array([0, 2, 3]), random.Random(0))
    assert named.texts == ["crane", "crane", "bus"]
    assert named.positives.tolist() == [[True, True, False], [True, True, False], [False, False, True]]


def test_of_pictures_told_from_names_one_in_four_has_a_caption_of_its_own() -> None:
    data = classes("cat", "dog", "bus")
    rows = np.array([4, 3, 0, 1, 2, 3, 0, 1])
    captions, names = data.batch(rows, 0, 0, names=0.75).told
    assert captions.texts == ["cat", "dog"]  # of the first and the fifth
    assert captions.positives[[0, 4]].tolist() == [[True, False], [False, True]]
    assert captions.positives[1].tolist() == [False, False]  # a bus: nothing is asked of it
    assert (captions.share, names.share) == (0.25, 0.75)
    assert [len(data.batch(rows, 0, 0, names=share).told) for share in (0.0, 1.0)] == [1, 1]


def test_a_set_without_classes_has_no_names() -> None:
    with pytest.raises(ValueError, match="no classes"):
        by_hand().named(np.arange(3), random.Random(0))
