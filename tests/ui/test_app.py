"""app.py: what it serves when all is there, and when something is missing."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import gradio as gr
import pytest

from mrl_demo.collection import Pack, embed_pack
from mrl_demo.errors import CheckpointError
from mrl_demo.ui.encoder_holder import EncoderHolder
from tests.fakes import FakeEncoder

ROOT = Path(__file__).resolve().parents[2]


class NoEncoder:
    @staticmethod
    def load(path: Path) -> None:
        raise CheckpointError(f"there is no checkpoint in {path}")


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    # torch is not what is tested here, and takes seconds to import.
    no_model = ModuleType("mrl_demo.model.encoder")
    no_model.Encoder = NoEncoder  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mrl_demo.model.encoder", no_model)
    spec = importlib.util.spec_from_file_location("app_under_test", ROOT / "app.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "app_under_test", module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[gr.Blocks, dict[str, Any]]]:
    """What would have been served."""
    calls: list[tuple[gr.Blocks, dict[str, Any]]] = []
    monkeypatch.setattr(gr.Blocks, "launch", lambda self, **options: calls.append((self, options)))
    return calls


def shown(page: gr.Blocks) -> str:
    return str(page.get_config_file())


def test_the_port_comes_from_the_environment(app: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.setenv("GRADIO_SERVER_PORT", "7999")
    assert app.ServeConfig().port == 7999
    monkeypatch.setenv("PORT", "8123")
    assert app.ServeConfig().port == 8123


def test_a_collection_is_served_without_its_checkpoint(
    app: ModuleType, launched: list[Any], small_collection: Path, tmp_path: Path
) -> None:
    app.run(app.ServeConfig(collection=small_collection, checkpoint=tmp_path / "nowhere", port=8124))
    page, options = launched[0]
    assert options["server_port"] == 8124 and options["max_file_size"] == "40mb"
    assert "search_text" in shown(page)


def test_the_same_pictures_by_another_encoder_are_offered_as_well(
    app: ModuleType, launched: list[Any], own_pack: Path
) -> None:
    embed_pack(own_pack, FakeEncoder(64, name="MRL photos"), out=own_pack.parent / "photos")
    app.run(app.ServeConfig(collection=own_pack))
    page, _ = launched[0]
    assert [path for path, *_ in page.pages] == ["", "by-mrl-photos"]
    assert "search_text_by_mrl_photos" in shown(page)


def test_the_other_encoder_comes_though_the_first_one_failed(
    app: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by its fingerprint among our own checkpoints, wherever the first was to come from."""
    monkeypatch.setattr(NoEncoder, "load", staticmethod(lambda path: path))

    def fails() -> Any:
        raise CheckpointError("it is damaged")

    photos = Pack.open(ROOT / "assets/still-life-photos")
    first = EncoderHolder(fails).start()
    assert app.load_other(photos, Path("nowhere/else"), first) == ROOT / "checkpoints/photos"
    assert app.load_encoder(photos, None) == ROOT / "checkpoints/photos"
    assert app.load_encoder(photos, Path("named")) == Path("named")


def test_a_missing_collection_gives_a_notice(app: ModuleType, launched: list[Any], tmp_path: Path) -> None:
    app.run(app.ServeConfig(collection=tmp_path / "nowhere"))
    page, _ = launched[0]
    assert "nowhere" in shown(page) and "mrl_demo index FOLDER" in shown(page)


def test_a_damaged_collection_gives_a_notice(app: ModuleType, launched: list[Any], own_pack: Path) -> None:
    (own_pack / "embeddings.npy").write_bytes(b"")
    app.run(app.ServeConfig(collection=own_pack))
    assert "mrl_demo index FOLDER" in shown(launched[0][0])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_stop_deletes_what_visitors_brought(tmp_path: Path, number: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    script = (
        "import app; from mrl_demo.ui.visits import VISITS; from pathlib import Path\n"
        "print(VISITS.open().place('a.png'))\n"
        f"app.run(app.ServeConfig(Path('nowhere'), host='127.0.0.1', port={port}))"
    )
    with subprocess.Popen(
        [sys.executable, "-u", "-c", script],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            brought = Path(server.stdout.readline().strip())
            assert any("Running on" in line for line in server.stdout) and brought.exists()
            server.send_signal(number)
            server.communicate(timeout=5)
        finally:
            server.kill()
    assert brought.is_relative_to(tmp_path) and not brought.exists()
    assert not list(tmp_path.glob("matryoshka-visits-*"))
