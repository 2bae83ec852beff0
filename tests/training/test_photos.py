"""Labelled photos: decoded once, read from the cache afterwards, cropped within their bounds."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from mrl_demo.errors import CollectionError
from mrl_demo.training.photos import Photos, crops, whole_pictures


def write(path: Path, shades: list[int], size: int = 16) -> Path:
    """Flat grey squares, labelled with the last digit of their shade."""
    rows = []
    for shade in shades:
        buffer = io.BytesIO()
        Image.new("RGB", (size, size), (shade,) * 3).save(buffer, "PNG")
        rows.append({"image": {"bytes": buffer.getvalue(), "path": ""}, "label": shade % 10})
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def test_files_are_read_in_order_and_once(tmp_path: Path) -> None:
    files = [write(tmp_path / "a.parquet", [10, 21]), write(tmp_path / "b.parquet", [32], size=20)]
    cache = tmp_path / "work" / "photos.npy"
    photos = Photos.open(files, 16, cache)
    assert photos.pixels.shape == (3, 16, 16, 3)
    assert photos.pixels[:, 0, 0, 0].tolist() == [10, 21, 32]
    assert photos.labels.tolist() == [0, 1, 2]
    stamp = cache.stat().st_mtime_ns
    assert np.array_equal(Photos.open(files, 16, cache).pixels, photos.pixels)
    assert cache.stat().st_mtime_ns == stamp
    write(files[0], [20, 31])  # as many of other photos, by the same name
    assert Photos.open(files, 16, cache).pixels[:, 0, 0, 0].tolist() == [20, 31, 32]
    cache.with_suffix(".digest").unlink()  # decoded by an older version, who knows from what
    stamp = cache.stat().st_mtime_ns
    Photos.open(files, 16, cache)
    assert cache.stat().st_mtime_ns > stamp
    torch.testing.assert_close(photos.tensor(np.array([2]))[0, 0, 0, 0], torch.tensor(32 / 255))


def test_missing_files_and_columns_are_said_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match=r"no photos to read at .*none\.parquet"):
        Photos.open([tmp_path / "none.parquet"], 16, tmp_path / "c.npy")
    pq.write_table(pa.table({"image": [1]}), tmp_path / "x.parquet")
    with pytest.raises(CollectionError, match="columns image and label; it has image"):
        Photos.open([tmp_path / "x.parquet"], 16, tmp_path / "c.npy")


@pytest.mark.parametrize("image", [{"bytes": b"no picture", "path": ""}, {"bytes": None, "path": ""}, None])
def test_a_picture_that_cannot_be_decoded_is_said_in_plain_words(
    tmp_path: Path, image: dict[str, object] | None
) -> None:
    file = write(tmp_path / "a.parquet", [10])
    rows = [*pq.read_table(file).to_pylist(), {"image": image, "label": 1}]
    pq.write_table(pa.Table.from_pylist(rows), file)
    with pytest.raises(CollectionError, match=r"a\.parquet holds a picture that cannot be decoded"):
        Photos.open([file], 16, tmp_path / "c.npy")
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


def test_crops_show_a_part_of_each_picture_and_depend_on_the_generator_alone() -> None:
    ramp = torch.linspace(0, 1, 32).repeat(32, 1).expand(64, 3, 32, 32).contiguous()
    before = ramp.clone()
    cut = crops(ramp, 24, torch.Generator().manual_seed(1))
    assert cut.shape == (64, 3, 24, 24)
    assert torch.equal(ramp, before)
    assert cut.min() >= 0 and cut.max() <= 1
    spans = cut[:, 0, 12].max(dim=1).values - cut[:, 0, 12].min(dim=1).values
    assert spans.min() > 0.3 and spans.max() <= 1  # half to all of the width
    rising = (cut[:, 0, 12, -1] > cut[:, 0, 12, 0]).float().mean()
    assert 0.3 < rising < 0.7  # about half are mirrored
    assert torch.equal(cut, crops(ramp, 24, torch.Generator().manual_seed(1)))
    assert not torch.equal(cut, crops(ramp, 24, torch.Generator().manual_seed(2)))


def test_whole_pictures_keep_their_edges_and_their_mean() -> None:
    ramp = torch.linspace(0, 1, 32).repeat(32, 1).expand(2, 3, 32, 32)
    small = whole_pictures(ramp, 24)
    assert small.shape == (2, 3, 24, 24)
    torch.testing.assert_close(small.mean(), ramp.mean())
    assert small[..., 0].max() < 0.05 and small[..., -1].min() > 0.95
    assert whole_pictures(ramp, 32) is ramp
