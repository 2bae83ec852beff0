"""Fixtures of the page's tests: the painted collection, opened, and something to ask it with."""

from __future__ import annotations

import pytest

from mrl_demo.collection import Pack
from mrl_demo.search.collection import Collection
from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.queries import Queries
from tests.fakes import FakeEncoder


@pytest.fixture(scope="session")
def collection(small_pack: Pack) -> Collection:
    return Collection(small_pack)


@pytest.fixture
def queries(collection: Collection, fake_encoder: FakeEncoder) -> Queries:
    return Queries(collection, EncoderHolder.of(fake_encoder))
