"""The command line: flags made from dataclasses, plain errors, and the commands that join rooms."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from mrl_demo.__main__ import COMMANDS, add_flags, build, main
from tests.fakes import FakeEncoder


@dataclass(frozen=True)
class Example:
    name: str = field(metadata={"help": "100% needed"})
    dims: tuple[int, ...] = field(default=(8, 16), metadata={"help": "dims"})
    out: Path | None = field(default=None, metadata={"help": "where"})
    quick: bool = field(default=False, metadata={"help": "or not"})


def parsed(*arguments: str) -> Example:
    parser = argparse.ArgumentParser()
    add_flags(parser, Example, positional=("name",))
    given = vars(parser.parse_args(list(arguments)))
    return Example(**{key: tuple(v) if isinstance(v, list) else v for key, v in given.items()})


def test_flags_have_the_fields_types_and_defaults() -> None:
    assert parsed("mug") == Example("mug")
    assert parsed("mug", "--dims", "4", "8", "--out", "x", "--quick") == Example(
        "mug", (4, 8), Path("x"), True
    )


def test_a_percent_sign_in_a_help_text_does_not_break_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        parsed("--help")
    assert stop.value.code == 0
    assert "100% needed" in capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        build(COMMANDS[name], ["--help"], name)
    assert stop.value.code == 0
    assert COMMANDS[name].summary in " ".join(capsys.readouterr().out.split())


def test_an_unknown_command_is_named_and_the_known_ones_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serch"]) == 2
    said = capsys.readouterr().err
    assert "'serch'" in said
    assert all(name in said for name in COMMANDS)


@pytest.fixture
def fake_load(monkeypatch: pytest.MonkeyPatch) -> FakeEncoder:
    from mrl_demo.model.encoder import Encoder

    encoder = FakeEncoder()
    monkeypatch.setattr(Encoder, "load", lambda *_args, **_more: encoder)
    return encoder


def test_search_prints_the_hits_and_what_each_stage_did(
    small_collection: Path, fake_load: FakeEncoder, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["search", "a red mug", "--collection", str(small_collection), "--k", "3"]
    assert main([*arguments, "--dims", "16", "512", "--shortlists", "20"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert "red mug" in lines[0]
    assert lines[3].startswith("exact   at  16 dims") and "20 kept" in lines[3]
    assert lines[4].startswith("rerank  at 512 dims") and "3 kept" in lines[4]


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (["--dims", "513"], "513"),
        (["--dims", "0"], "0"),
        (["--dims", "16", "512"], "shortlist"),
        (["--k", "100000"], "100000"),
        (["--first-stage", "magic"], "magic"),
        (["--collection", "nowhere/at/all"], "nowhere/at/all"),
    ],
)
def test_what_cannot_be_searched_is_one_plain_line_and_exit_code_2(
    small_collection: Path,
    fake_load: FakeEncoder,
    extra: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    collection = [] if "--collection" in extra else ["--collection", str(small_collection)]
    assert main(["search", "a red mug", *collection, *extra]) == 2
    complaint = capsys.readouterr().err
    assert complaint.startswith("search: ") and complaint.count("\n") == 1
    assert said in complaint.replace(",", "")


def test_index_makes_a_collection_and_names_what_it_skipped(
    tmp_path: Path, fake_load: FakeEncoder, capsys: pytest.CaptureFixture[str]
) -> None:
    from PIL import Image

    photos = tmp_path / "photos"
    photos.mkdir()
    for index in range(3):
        pixels = np.full((40, 40, 3), 60 * index, np.uint8)
        Image.fromarray(pixels).save(photos / f"grey {index}.png")
    (photos / "broken.jpg").write_bytes(b"not a picture")
    assert main(["index", str(photos), "--out", str(tmp_path / "made")]) == 0
    said = capsys.readouterr().out
    assert "skipped" in said and "broken.jpg" in said
    assert "3 images" in said
    assert main(["search", "anything", "--collection", str(tmp_path / "made"), "--k", "3"]) == 0
    assert "grey 1.png" in capsys.readouterr().out


def test_a_collection_of_another_encoder_is_refused(
    small_collection: Path,
    fake_load: FakeEncoder,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fake_load, "fingerprint", "another")
    assert main(["search", "a red mug", "--collection", str(small_collection)]) == 2
    assert "embedded by another checkpoint (fake, fake-512)" in capsys.readouterr().err


def test_search_says_what_the_encoder_cannot_read(
    small_collection: Path,
    fake_load: FakeEncoder,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fake_load, "check_text", lambda text: [f"unknown: {text}"], raising=False)
    assert main(["search", "Becher", "--collection", str(small_collection), "--k", "1"]) == 0
    assert "note: unknown: Becher" in capsys.readouterr().err
