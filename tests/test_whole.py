"""A file is written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from mrl_demo.whole import whole


def test_what_was_written_is_in_place_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "new" / "table.json"
    for text in ("first", "second"):
        with whole(target) as beside:
            beside.write_text(text)
            assert beside.suffix == ".json" and beside.parent == target.parent
        assert target.read_text() == text
    assert list(target.parent.iterdir()) == [target]


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "table.json"
    target.write_text("old")
    with pytest.raises(RuntimeError, match="half way"), whole(target) as beside:
        beside.write_text("ne")
        raise RuntimeError("half way")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_first_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError), whole(tmp_path / "table.json"):
        pass  # nothing was written
    assert list(tmp_path.iterdir()) == []
