"""All visits together: who is forgotten when, and how much room there is."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pytest

from mrl_demo.errors import QueryError
from mrl_demo.ui import visit as visit_module
from mrl_demo.ui import visits as visits_module
from mrl_demo.ui.visit_folder import ALIVE, NAME, VisitFolder
from mrl_demo.ui.visits import Visits


def test_idle_visits_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    visits = Visits()
    late, lively = visits.open(), visits.open()
    late.used -= visits_module.IDLE + 1
    visits.sweep()
    assert visits.get(lively.token) is lively
    with pytest.raises(QueryError):
        visits.get(late.token)
    monkeypatch.setattr(visits_module, "MOST_LOOKERS", 2)
    lively.used = time.monotonic() - 10
    others = [visits.open() for _ in range(2)]
    assert [visits.get(other.token) for other in others] == others
    with pytest.raises(QueryError):
        visits.get(lively.token)


def test_who_only_looks_pushes_nobody_s_pictures_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits_module, "MOST_LOOKERS", 1)
    monkeypatch.setattr(visits_module, "MOST_VISITS", 2)
    visits = Visits()
    brought = []
    for _ in range(2):
        visit = visits.open()
        visit.place("a.png")
        visit.used -= 10
        brought.append(visit)
    lookers = [visits.open() for _ in range(3)]
    assert [visits.get(visit.token) for visit in brought] == brought
    assert len(visits) == 3 and visits.get(lookers[-1].token)
    lookers[-1].place("b.png")
    brought[1].used -= 10
    brought[1].grow(1)  # an upload that is still coming in
    visits.sweep()
    assert visits.get(brought[1].token) and visits.get(lookers[-1].token)
    with pytest.raises(QueryError):
        visits.get(brought[0].token)


def test_what_a_killed_process_left_is_deleted_and_what_lives_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, foreign = tmp_path / f"{NAME}left", tmp_path / f"{NAME}without-a-lock"
    for folder in (left, foreign):
        folder.mkdir()
    (left / ALIVE).touch()
    first, second = VisitFolder(), VisitFolder()
    assert not left.exists() and foreign.exists()
    assert first.path.exists() and second.path.exists()


def test_there_is_room_for_so_much_of_one_and_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visit_module, "MOST_BYTES", 100)
    monkeypatch.setattr(visits_module, "MOST_BYTES_OF_ALL", 150)
    visits = Visits()
    one, other = visits.open(), visits.open()
    one.grow(100)
    with pytest.raises(QueryError, match="the most one can bring"):
        one.grow(1)
    other.grow(50)
    with pytest.raises(QueryError, match="for all visitors' pictures are full"):
        other.grow(1)
    one.drop(one.place("gone.png"), 60)  # taken back
    other.grow(50)
    visits.remove(one.token)
    assert visits.room() == 50
