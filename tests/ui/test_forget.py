"""Query pictures do not stay: what was uploaded is deleted once it is old."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from mrl_demo.search.collection import Collection
from mrl_demo.ui import blocks
from mrl_demo.ui.blocks import build_ui
from mrl_demo.ui.encoder_holder import EncoderHolder
from tests.fakes import FakeEncoder
from tests.ui.serving import serve


def test_an_upload_is_deleted_when_it_is_old(
    collection: Collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setattr(blocks, "FORGET", (1, 2))
    with serve(build_ui(collection, EncoderHolder.of(FakeEncoder())), collection) as address:
        sent = httpx.post(f"{address}/gradio_api/upload", files={"files": ("mug.png", b"a picture")})
        path = Path(sent.json()[0])
        assert path.read_bytes() == b"a picture" and path.is_relative_to(tmp_path)
        end = time.monotonic() + 30
        while path.exists() and time.monotonic() < end:
            time.sleep(0.2)
        assert not path.exists()
