"""Fixtures for the tests of every room. Packs are made once and shared: who changes one takes `own_pack`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mrl_demo.collection import Pack
from tests.fakes import FakeEncoder, make_small_collection


@pytest.fixture(scope="session")
def fake_encoder() -> FakeEncoder:
    """An encoder without torch; see tests/fakes.py."""
    return FakeEncoder()


@pytest.fixture(scope="session")
def small_pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """200 painted pictures, embedded, with examples; read only. Its folder is `small_pack.path`."""
    return make_small_collection(tmp_path_factory.mktemp("packs") / "small")


@pytest.fixture
def small_collection(small_pack: Pack) -> Path:
    """The folder of `small_pack`; read only."""
    return small_pack.path


@pytest.fixture
def own_pack(small_pack: Pack, tmp_path: Path) -> Path:
    """The folder of a copy of `small_pack` that a test may damage."""
    return Path(shutil.copytree(small_pack.path, tmp_path / "own"))
