"""Mixed batches: as much of each set as asked, the same for the same step, each set's loss by itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from mrl_demo.training.data import epoch_rows
from mrl_demo.training.losses import matryoshka_contrastive_loss, start_log_temperatures
from mrl_demo.training.mixture import Mixture, batch_sizes
from mrl_demo.training.sources import Part, open_parts
from tests.training.tiny import labelled_set, product_set, training_set


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[Part]:
    folder: Path = tmp_path_factory.mktemp("sets")
    training_set(folder / "still.parquet", 40)
    labelled_set(folder / "photos" / "train.parquet", 80)
    labelled_set(folder / "photos" / "val.parquet", 8)
    product_set(folder / "products" / "train.parquet", 60)
    names = ",".join(str(folder / name) for name in ("still.parquet", "photos", "products"))
    return open_parts(names, 16, 0.1, seed=0)


def test_every_batch_holds_its_share_of_each_set_and_the_same_for_the_same_step(parts: list[Part]) -> None:
    mixture = Mixture(parts, 16, (1, 2, 1), seed=3)
    one, again, other = (mixture.batch(step) for step in (5, 5, 6))
    assert [len(batch.rows) for batch in one.batches] == mixture.sizes == [4, 8, 4]
    assert one.texts == again.texts != other.texts
    pixels = [batch.pixels(torch.Generator().manual_seed(1), torch.device("cpu")) for batch in (one, again)]
    assert pixels[0].shape == (16, 3, 16, 16)
    assert torch.equal(*pixels)
    assert mixture.steps_an_epoch == sum(len(part.rows) for part in parts) // 16


def test_what_is_held_out_never_comes_into_a_batch_and_the_rest_does(parts: list[Part]) -> None:
    mixture = Mixture(parts, 12, (), seed=0)
    batches = [mixture.batch(step).batches for step in range(60)]
    for place, part in enumerate(parts):
        seen = {int(row) for batch in batches for row in batch[place].rows}
        assert seen == set(part.rows.tolist())
        assert not seen & set(part.held_out.tolist())


def test_one_set_alone_gives_its_own_batches_and_the_plain_loss(parts: list[Part]) -> None:
    mixture = Mixture(parts[:1], 8, (), seed=2)
    batch = mixture.batch(3)
    rows = epoch_rows(parts[0].rows, 8, 2)(3)
    alone = parts[0].data.batch(rows, 2, 3)
    assert np.array_equal(batch.batches[0].rows, rows)
    assert batch.texts == alone.texts
    images, texts = torch.randn(2, 8, 6, generator=torch.Generator().manual_seed(0))
    temperatures = start_log_temperatures((2, 6))
    expected = matryoshka_contrastive_loss(
        images, texts, (2, 6), temperatures, positives=alone.told[0].positives
    )
    torch.testing.assert_close(batch.loss(images, texts, (2, 6), temperatures), expected)


def test_a_picture_is_told_only_from_captions_of_its_own_set(parts: list[Part]) -> None:
    """Making another set's captions alike to a picture changes nothing in the gradient of its features."""
    batch = Mixture(parts, 12, (), seed=0).batch(0)
    temperatures = start_log_temperatures((6,))
    images, texts = torch.randn(2, 12, 6, generator=torch.Generator().manual_seed(0))

    def gradient(texts: torch.Tensor) -> torch.Tensor:
        features = images.clone().requires_grad_()
        batch.loss(features, texts, (6,), temperatures).backward()  # type: ignore[no-untyped-call]
        assert features.grad is not None
        return features.grad

    changed = texts.clone()
    changed[4:] = images[0]
    before, after = gradient(texts), gradient(changed)
    assert torch.equal(before[:4], after[:4])
    assert not torch.equal(before[4:], after[4:])


def test_sizes_add_up_and_what_leaves_too_few_is_refused(parts: list[Part]) -> None:
    assert batch_sizes(128, (1, 1, 1)) == [43, 42, 43]
    assert sum(batch_sizes(100, (0.3, 5, 1.7))) == 100
    for shares in ((1, 0, 1), (1, 100, 100)):
        with pytest.raises(ValueError):
            batch_sizes(20, shares)
    with pytest.raises(ValueError, match="as many shares"):
        Mixture(parts, 12, (1, 1), seed=0)


def test_photos_are_told_from_the_names_of_all_classes_and_a_few_captions(parts: list[Part]) -> None:
    """Their loss by hand: four fifths that of the names, one fifth that of the captions."""
    batch = Mixture(parts[1:2], 8, (), seed=0, names=0.8).batch(0)
    captions, names = batch.batches[0].told
    assert (len(captions.texts), len(names.texts)) == (2, 4)
    assert batch.texts == [*captions.texts, *names.texts]
    images = torch.randn(8, 6, generator=torch.Generator().manual_seed(0))
    texts = torch.randn(6, 6, generator=torch.Generator().manual_seed(1))
    logs = start_log_temperatures((2, 6))
    of_captions = matryoshka_contrastive_loss(images, texts[:2], (2, 6), logs, None, captions.positives)
    of_names = matryoshka_contrastive_loss(images, texts[2:], (2, 6), logs, None, names.positives)
    torch.testing.assert_close(batch.loss(images, texts, (2, 6), logs), 0.2 * of_captions + 0.8 * of_names)


def test_sets_without_classes_are_told_from_captions_whatever_the_share_of_names(parts: list[Part]) -> None:
    with_names, without = (Mixture([parts[0], parts[2]], 12, (), 0, names) for names in (0.8, 0.0))
    assert with_names.batch(3).texts == without.batch(3).texts
    assert all(len(batch.told) == 1 for batch in with_names.batch(3).batches)
