"""Data sets of the Hub, by a stand-in on this machine: fetched once, of one revision, and errors that say
what to do.

The library reads its settings when it is imported, so each question is asked by a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mrl_demo.training.hub import PINNED
from tests.training.hub_stand_in import HubStandIn, serving
from tests.training.tiny import labelled_bytes, model_file

ROOT = Path(__file__).resolve().parents[2]
OLD, NEW = "a" * 40, "b" * 40
NOWHERE = "http://127.0.0.1:9"  # nothing listens there

FETCH = """
import sys
from mrl_demo.errors import CollectionError
from mrl_demo.training.hub import fetch
try:
    found = fetch(sys.argv[1])
except CollectionError as error:
    sys.exit(str(error))
for name in found.names:
    print(found.revision, name, (found.root / name).read_text())
"""


def environment(endpoint: str, cache: Path, **more: str) -> dict[str, str]:
    aside = ("HF_HUB_OFFLINE", "HF_HUB_CACHE", "HF_TOKEN")
    own = {"HF_ENDPOINT": endpoint, "HF_HOME": str(cache), "HF_HUB_DISABLE_TELEMETRY": "1"}
    return {**{name: value for name, value in os.environ.items() if name not in aside}, **own, **more}


def fetch(spec: str, endpoint: str, cache: Path, **more: str) -> tuple[list[str], str]:
    """What a new process fetches, a line a file, and what it says of an error."""
    done = subprocess.run(
        [sys.executable, "-c", FETCH, spec],
        cwd=ROOT,
        env=environment(endpoint, cache, **more),
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout.splitlines(), done.stderr


def hub(name: str = "someone/things") -> HubStandIn:
    return HubStandIn(
        name,
        {"main": NEW},
        {
            OLD: {"data/train-00000.parquet": b"old"},
            NEW: {
                "data/train-00000.parquet": b"new",
                "data/valid-00000.parquet": b"more",
                "README.md": b"no",
            },
        },
    )


def test_a_set_is_fetched_once_and_read_from_the_cache_without_a_network(tmp_path: Path) -> None:
    expected = [f"{NEW} data/train-00000.parquet new", f"{NEW} data/valid-00000.parquet more"]
    with serving(hub()) as stand_in:
        # The library draws bars on terminals alone, unless it is told this.
        lines, said = fetch("hub:someone/things", stand_in.endpoint, tmp_path, TQDM_POSITION="-1")
        assert lines == expected
        assert "train-00000.parquet: 100%" in said and "valid-00000.parquet: 100%" in said
        assert not any("README" in line for line in stand_in.asked)
        before = [line for line in stand_in.asked if line.startswith("GET /datasets")]
        assert len(before) == 2
        assert fetch("hub:someone/things", stand_in.endpoint, tmp_path)[0] == expected
        assert [line for line in stand_in.asked if line.startswith("GET /datasets")] == before
    assert fetch("hub:someone/things", NOWHERE, tmp_path)[0] == expected


def test_a_named_revision_stays_what_it_is_and_is_not_asked_for_again(tmp_path: Path) -> None:
    with serving(hub()) as stand_in:
        assert fetch(f"hub:someone/things@{OLD}", stand_in.endpoint, tmp_path)[0] == [
            f"{OLD} data/train-00000.parquet old"
        ]
        stand_in.asked.clear()
        assert fetch(f"hub:someone/things@{OLD}", stand_in.endpoint, tmp_path)[0]
        assert stand_in.asked == []


def test_a_download_that_was_broken_off_is_not_taken_for_the_whole_set(tmp_path: Path) -> None:
    with serving(hub()) as stand_in:
        fetch("hub:someone/things", stand_in.endpoint, tmp_path)
    (missing,) = tmp_path.rglob("valid-00000.parquet")
    missing.unlink()
    lines, error = fetch("hub:someone/things", NOWHERE, tmp_path)
    assert not lines
    assert "not all in the cache" in error


@pytest.mark.parametrize("offline", ["", "1"])
def test_without_a_network_the_error_says_what_to_do(tmp_path: Path, offline: str) -> None:
    lines, error = fetch("hub:someone/things", NOWHERE, tmp_path, HF_HUB_OFFLINE=offline)
    assert not lines
    assert "Traceback" not in error
    for told in (
        "hub:someone/things",
        str(tmp_path),
        "with a network",
        "HF_ENDPOINT",
        "--data path/to/folder",
    ):
        assert told in error


def test_what_the_hub_has_not_got_is_said(tmp_path: Path) -> None:
    with serving(hub()) as stand_in:
        assert "not this revision" in fetch("hub:someone/things@nine", stand_in.endpoint, tmp_path)[1]
        assert "no such data set" in fetch("hub:someone/else", stand_in.endpoint, tmp_path)[1]
    empty = HubStandIn("someone/things", {"main": NEW}, {NEW: {"styles.csv": b"a,b"}})
    with serving(empty) as stand_in:
        assert "@refs/convert/parquet" in fetch("hub:someone/things", stand_in.endpoint, tmp_path)[1]
    assert "hub:owner/name" in fetch("hub:things", NOWHERE, tmp_path)[1]


def test_training_on_a_set_of_the_hub_by_the_command_line(tmp_path: Path) -> None:
    """The pinned revision of the very set, with its schema, its class numbers and its own validation part."""
    name = "zh-plus/tiny-imagenet"
    files = {
        "data/train-00000-of-00001-aa.parquet": labelled_bytes(tmp_path / "t.parquet", 24),
        "data/valid-00000-of-00001-bb.parquet": labelled_bytes(tmp_path / "v.parquet", 8),
    }
    flags = {
        "data": "tiny-imagenet",
        "model": model_file(tmp_path / "tiny.json"),
        "out": str(tmp_path / "out"),
        "work": str(tmp_path / "work"),
        "log": str(tmp_path / "LOG.md"),
        "batch-size": "8",
        "epochs": "1",
        "threads": "1",
    }
    command = [sys.executable, "-m", "mrl_demo", "train", "--nested-dims", "8", "32"]
    for flag, value in flags.items():
        command += [f"--{flag}", value]
    with serving(HubStandIn(name, {}, {PINNED[name]: files})) as stand_in:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment(stand_in.endpoint, tmp_path / "cache"),
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr
    entry = (tmp_path / "LOG.md").read_text()
    assert f"hub:{name}@{PINNED[name]}: 24 pictures trained on, 8 held out" in entry
    assert "zero-shot top-1" in entry
