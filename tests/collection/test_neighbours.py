"""Packs find those beside them that show the same pictures."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import numpy as np
import pytest

from mrl_demo.collection import Pack, embed_pack, write_pack
from mrl_demo.collection.neighbours import neighbours
from tests.fakes import FakeEncoder, small_rows


def test_neighbours_are_those_that_show_the_same_pictures(
    own_pack: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = own_pack.parent
    for name in ("second", "first"):
        embed_pack(own_pack, FakeEncoder(8), out=folder / name)
    (folder / "alias").symlink_to(own_pack)  # the same pack, not another
    write_pack(folder / "other pictures", list(small_rows(5)), name="o", title="O")
    (folder / "no pack").mkdir()
    assert [pack.name for pack in neighbours(Pack.open(own_pack))] == ["first", "second"]
    assert neighbours(Pack.open(folder / "other pictures")) == []
    # Seen from one that borrows, the owner is a neighbour as well.
    found = {pack.path.name for pack in neighbours(Pack.open(folder / "first"))}
    assert found == {own_pack.name, "second"}

    (folder / "second" / "embeddings.npy").unlink()
    with caplog.at_level(logging.WARNING):
        assert [pack.name for pack in neighbours(Pack.open(own_pack))] == ["first"]
    assert "embeddings.npy is missing" in caplog.text
    vectors = np.load(folder / "first" / "embeddings.npy")
    vectors[3, 3] = np.nan  # found out by whoever reads them, not on opening
    np.save(folder / "first" / "embeddings.npy", vectors)
    assert neighbours(Pack.open(own_pack)) == []
    shutil.rmtree(folder / "first")
    assert neighbours(Pack.open(own_pack)) == []
