"""Who is killed while replacing a pack leaves the whole old one or the whole new one, at every step and at
any time."""

from __future__ import annotations

import errno
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mrl_demo.collection import Pack, embed_pack, write_pack
from mrl_demo.collection.items import Item
from mrl_demo.collection.manifest import Manifest
from mrl_demo.collection.staging import Staging
from mrl_demo.errors import CollectionError
from tests.fakes import EXAMPLES, FakeEncoder, small_rows

ROOT = Path(__file__).resolve().parents[2]
ROWS = list(small_rows(40))

# A program that replaces the pack named on its command line and kills itself, without any clean-up, right
# before the n-th thing it does to the disk. Forked for each n, so that the imports are paid for once. Prints
# each n's exit status.
DIES_AT_EACH_STEP = """
import os, signal, sys
from pathlib import Path
import tests.fakes as fakes
from tests.collection.test_staging import replace_by_new
from mrl_demo.collection import embed_pack
import pyarrow.parquet, shutil
old, work, what, steps = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
replace_by_new(Path(shutil.copytree(old, work / "warm")), what)  # what is imported on first use is so now
for n in range(steps):
    shutil.copytree(old, work / str(n))
    pid = os.fork()
    if pid == 0:
        left = [n]
        def dies(function):
            def wrapped(*args, **options):
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                left[0] -= 1
                return function(*args, **options)
            return wrapped
        for name in ("replace", "fsync", "unlink"):
            setattr(os, name, dies(getattr(os, name)))
        replace_by_new(work / str(n), what)
        os._exit(0)
    print(os.waitpid(pid, 0)[1])
"""


def replace_by_new(path: Path, what: str) -> None:
    if what == "rows":
        write_pack(path, ROWS[:20], name="new", title="New")
    else:
        embed_pack(path, FakeEncoder(16), examples=["a red mug"])


def state(path: Path) -> str:
    """Which of the two it is, "old" or "new", after looking at all of it."""
    pack = Pack.open(path)
    pack.verify()
    if pack.full_dim == 8:
        assert (len(pack), pack.name, len(pack.examples)) == (12, "old", len(EXAMPLES))
        return "old"
    assert (len(pack), pack.name, pack.full_dim, len(pack.examples)) in [
        (20, "new", 0, 0),
        (12, "old", 16, 1),
    ]
    return "new"


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("staging") / "old"
    write_pack(path, ROWS[28:], name="old", title="Old")
    return embed_pack(path, FakeEncoder(8), examples=EXAMPLES).path


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
@pytest.mark.parametrize("what", ["rows", "embeddings"])
def test_killed_before_each_step_the_pack_is_old_or_new(old: Path, tmp_path: Path, what: str) -> None:
    steps = 20
    arguments = [sys.executable, "-c", DIES_AT_EACH_STEP, str(old), str(tmp_path), what, str(steps)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(arguments, capture_output=True, text=True, check=True, timeout=60, env=environment)
    statuses = [int(line) for line in done.stdout.split()]
    killed = statuses.count(signal.SIGKILL)
    assert 8 <= killed < steps and statuses == [signal.SIGKILL] * killed + [0] * (steps - killed)
    states = [state(tmp_path / str(n)) for n in range(steps)]
    assert states == sorted(states, reverse=True) and set(states[:killed]) == {
        "old",
        "new",
    }  # one moment decides
    for n in range(steps):  # and the next writer finishes or sweeps up what it finds
        replace_by_new(tmp_path / str(n), what)
        assert state(tmp_path / str(n)) == "new"
        assert not [path.name for path in (tmp_path / str(n)).iterdir() if path.name.startswith(".")]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_killed_at_random_times_the_pack_opens(old: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from tests.collection.test_staging import embed_old, replace_by_new\n"
        "print('ready', flush=True)\n"
        "while True: embed_old(Path(sys.argv[1])); replace_by_new(Path(sys.argv[1]), 'embeddings')"
    )
    path = tmp_path / "pack"
    write_pack(path, ROWS[28:], name="old", title="Old")
    embed_old(path)
    chance = random.Random(5)
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    for _ in range(5):
        writer = subprocess.Popen(
            [sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, env=environment
        )
        assert writer.stdout is not None and writer.stdout.readline() == b"ready\n"
        for _ in range(4):  # opening works while it is being replaced, too
            time.sleep(chance.uniform(0, 0.05))
            assert Pack.open(path).embeddings.shape in [(12, 8), (12, 16)]
        writer.kill()
        writer.communicate()
        assert state(path) in ("old", "new")


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.EIO, "Input/output error")])
@pytest.mark.parametrize("what", ["rows", "embeddings"])
def test_broken_off_at_each_step_the_pack_is_old_or_new(
    old: Path, tmp_path: Path, what: str, error: BaseException, moment: str
) -> None:
    """Unlike a kill, an exception lets the writer clean up: it must not take what is in force already."""
    states = []
    for n in range(20):
        path = Path(shutil.copytree(old, tmp_path / str(n)))
        with pytest.MonkeyPatch.context() as patch:
            steps = itertools.count()
            for name in ("replace", "fsync"):
                patch.setattr(os, name, breaking_off(getattr(os, name), steps, n, error, moment))
            try:
                replace_by_new(path, what)
            except (KeyboardInterrupt, CollectionError):
                states.append(state(path))
            else:
                break
        replace_by_new(path, what)
        assert state(path) == "new"
        assert not [found.name for found in path.iterdir() if found.name.startswith(".")]
    assert len(states) >= 6 and set(states) == {"old", "new"} and states == sorted(states, reverse=True)


def breaking_off(
    function: Callable[..., Any], steps: Iterator[int], at: int, error: BaseException, moment: str
) -> Callable[..., Any]:
    """`function`, which raises `error` before or after doing what it does, when it is step number `at`."""

    def wrapped(*args: Any, **options: Any) -> Any:
        now = next(steps) == at
        if now and moment == "before":
            raise error
        result = function(*args, **options)
        if now:
            raise error
        return result

    return wrapped


def embed_old(path: Path) -> None:
    embed_pack(path, FakeEncoder(8), examples=EXAMPLES)


def test_a_reader_in_a_read_only_folder_sees_through_a_pending_change(old: Path, tmp_path: Path) -> None:
    """Killed right after the moment that counts: new files still under hidden names, old ones under their
    own."""
    path = tmp_path / "p"
    write_pack(path, ROWS[28:], name="old", title="Old")
    embed_old(path)
    staging = Staging(path)
    staging.path("items.parquet").write_bytes((old / "items.parquet").read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mrl_demo.collection.staging._settle", lambda folder: None)
        manifest = Pack.open(path).manifest
        staging.commit(Manifest("new", "New", 12, columns=manifest.columns))
    assert Pack.open(path).name == "new"
    Pack.open(path).verify()


def test_the_second_of_two_writers_fails_loudly_and_spoils_nothing(tmp_path: Path) -> None:
    path = tmp_path / "p"
    write_pack(path, small_rows(5), name="p", title="P")
    names = sorted(found.name for found in path.iterdir())

    def meanwhile() -> Iterator[Item]:
        with pytest.raises(CollectionError, match="is being written by another"):
            write_pack(path, small_rows(6), name="p", title="P")
        yield from small_rows(7)

    assert len(write_pack(path, meanwhile(), name="p", title="P")) == 7
    assert sorted(found.name for found in path.iterdir()) == names  # no lock is left behind
    assert len(write_pack(path, small_rows(6), name="p", title="P")) == 6  # and none is held
