"""Visitors' own images: indexed, searched, exported, and gone afterwards."""

from __future__ import annotations

import asyncio
import io
import tempfile
import threading
import time
import zipfile
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from usearch.index import Index

from mrl_demo.collection import Pack
from mrl_demo.errors import QueryError
from mrl_demo.search.plan import Plan
from mrl_demo.ui import visits as visits_module
from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.visit_folder import ALIVE, NAME, VisitFolder
from mrl_demo.ui.visit_routes import received
from mrl_demo.ui.visits import VISITS, Visit, Visits
from mrl_demo.ui.your_images_tab import is_local, visit_functions
from tests.fakes import FakeEncoder

LOCAL = SimpleNamespace(headers={"host": "localhost:7860"}, client=SimpleNamespace(host="127.0.0.1"))


@pytest.fixture
def holder(fake_encoder: FakeEncoder) -> EncoderHolder:
    return EncoderHolder.of(fake_encoder)


@pytest.fixture
def visit(small_pack: Pack) -> Iterator[Visit]:
    """A visitor who has brought a zip of thirty pictures and one that is none."""
    visit = VISITS.open()
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for key in range(30):
            archive.writestr(f"{small_pack.caption(key, 'medium')} {key}.webp", small_pack.thumbnail(key))
        archive.writestr("broken.png", b"no")
    visit.place("trip.zip").write_bytes(data.getvalue())
    yield visit
    VISITS.remove(visit.token)


def indexed(visit: Visit, holder: EncoderHolder) -> Visit:
    task = visit.index(holder)
    task.wait(30)
    assert task.status()["state"] == "done", task.status()
    return visit


def test_a_zip_becomes_a_collection_that_can_be_searched(visit: Visit, holder: EncoderHolder) -> None:
    calls: dict[str, Any] = {call.__name__: call for call in visit_functions(holder, False)}
    asked = {"token": visit.token}
    assert calls["search_images"]({**asked, "query": {"kind": "item", "key": 0}})["error"].startswith("Bring")
    assert calls["index_images"](asked, LOCAL)["task"]["what"] == "Indexing"
    assert visit.task is not None
    visit.task.wait(30)
    status = calls["visit_status"](asked)
    assert status["collection"]["count"] == 30 and status["left_out_count"] == 1
    assert status["left_out"][0][0] == "trip/broken.png"
    answer = calls["search_images"]({**asked, "query": {"kind": "item", "key": 3}})
    assert [stop["dim"] for stop in answer["stops"]] == status["collection"]["stops"]
    assert answer["stops"][-1]["keys"][0] == 3 and answer["stops"][-1]["recall"] == 1
    assert set(answer["captions"]) >= {str(key) for key in answer["stops"][0]["keys"]}
    assert calls["search_images"]({**asked, "query": {"kind": "text", "text": "a red mug"}})["stops"]


def test_a_zip_is_one_in_capitals_too_and_a_damaged_one_deletes_no_other_s_pictures(
    visit: Visit, holder: EncoderHolder, small_pack: Pack
) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("later.webp", small_pack.thumbnail(40))
    visit.place("TRIP.ZIP").write_bytes(data.getvalue())
    assert len(indexed(visit, holder).collection) == 31
    visit.place("trip.zip").write_bytes(b"no zip")
    task = visit.index(holder)
    task.wait(30)
    assert "trip.zip is no zip file" in task.status()["text"]
    assert len(indexed(visit, holder).collection) == 31
    visit.place("trip.zip").write_bytes(data.getvalue())
    collection = indexed(visit, holder).collection
    assert collection.source(31) == "trip 2/later.webp"


def test_what_was_brought_is_counted_as_it_lies_on_the_disk(visit: Visit, holder: EncoderHolder) -> None:
    packed = next(visit.place("probe.png").parent.glob("trip.zip"))
    visit.grow(packed.stat().st_size)
    indexed(visit, holder)
    lying = [path.stat().st_size for path in packed.parent.rglob("*") if path.is_file()]
    assert len(lying) == 32 and visit.nbytes == sum(lying)


def test_more_pictures_are_added_without_encoding_the_first_again(
    visit: Visit, holder: EncoderHolder, small_pack: Pack
) -> None:
    indexed(visit, holder)
    visit.place("one more.webp").write_bytes(small_pack.thumbnail(40))
    indexed(visit, holder)
    assert len(visit.collection) == 31 and visit.report is not None and visit.report.reused == 30


def test_everything_can_be_taken_along(visit: Visit, holder: EncoderHolder) -> None:
    indexed(visit, holder)
    assert np.load(visit.export("embeddings.npy")).shape == (30, 512)
    graph = Index.restore(str(visit.export("index.usearch", "64")))
    assert (len(graph), graph.ndim) == (30, 64)
    with pytest.raises(QueryError, match="no plan yet"):
        visit.export("plan.json")
    task = visit.make_plan(0.9, 5)
    task.wait(60)
    assert Plan.from_json(visit.export("plan.json").read_text()) == visit.plan
    for what, dim in (("../secret", None), ("index.usearch", "0"), ("index.usearch", "many")):
        with pytest.raises(QueryError):
            visit.export(what, dim)


def test_a_stopped_run_goes_on_where_it_was(visit: Visit) -> None:
    class Slow(FakeEncoder):
        def encode_image(self, image: Any) -> Any:
            begun.set()
            assert go.wait(30)
            return super().encode_image(image)

    begun, go = threading.Event(), threading.Event()
    encoder = Slow()
    task = visit.index(EncoderHolder.of(encoder))
    assert begun.wait(30)
    with pytest.raises(QueryError, match="still going on"):
        visit.index(EncoderHolder.of(encoder))
    task.stop()
    go.set()
    task.wait(30)
    assert task.status()["state"] == "stopped" and visit.queries is None
    indexed(visit, EncoderHolder.of(encoder))
    assert visit.report is not None and visit.report.reused == visits_module.BATCH


def test_only_a_visit_that_is_over_is_told_as_gone(visit: Visit, holder: EncoderHolder) -> None:
    calls: dict[str, Any] = {call.__name__: call for call in visit_functions(holder, False)}
    asked = {"token": visit.token, "query": {"kind": "text", "text": ""}}
    refused = calls["search_images"](asked)
    assert refused["error"] and "gone" not in refused
    VISITS.remove(visit.token)
    for name in ("visit_status", "stop_work", "search_images", "plan_images"):
        said = calls[name](asked)
        assert said["gone"] and "no longer on the server" in said["error"]
    assert calls["index_images"](asked, LOCAL)["gone"]


def test_one_picture_is_too_few_to_plan_with(holder: EncoderHolder, small_pack: Pack) -> None:
    visit = VISITS.open()
    plan = {call.__name__: call for call in visit_functions(holder, False)}["plan_images"]
    visit.place("one.webp").write_bytes(small_pack.thumbnail(0))
    indexed(visit, holder)
    assert "at least 2 pictures, got 1" in plan({"token": visit.token})["error"]
    visit.place("two.webp").write_bytes(small_pack.thumbnail(1))
    indexed(visit, holder)
    assert plan({"token": visit.token})["task"] and visit.task is not None
    visit.task.wait(60)
    assert visit.task.status()["state"] == "done", visit.task.status()
    VISITS.remove(visit.token)


def test_nothing_is_left_of_a_visit_that_ended(visit: Visit, holder: EncoderHolder) -> None:
    indexed(visit, holder)
    folder = visit.export("embeddings.npy").parents[1]
    assert folder.is_dir() and folder.name == visit.token
    VISITS.remove(visit.token)
    assert not folder.exists()
    with pytest.raises(QueryError, match="no longer on the server"):
        VISITS.get(visit.token)
    VISITS.remove(visit.token)


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
    monkeypatch.setattr(visits_module, "MOST_BYTES", 100)
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


def test_nothing_is_left_of_an_upload_that_breaks_off() -> None:
    async def blocks() -> AsyncIterator[bytes]:
        yield b"half of"
        raise ConnectionError("the visitor went away")

    visit = VISITS.open()
    # In a thread of its own: in this one the browser tests' event loop may be running.
    with ThreadPoolExecutor(1) as apart, pytest.raises(ConnectionError):
        apart.submit(asyncio.run, received(visit, "a.png", blocks())).result()
    assert visit.nbytes == 0 and visit.place("a.png").name == "a.png"
    VISITS.remove(visit.token)


def test_only_pictures_and_zips_are_taken() -> None:
    visit = VISITS.open()
    for name in ("notes.txt", "", "..", "a.exe"):
        with pytest.raises(QueryError, match="neither a picture"):
            visit.place(name)
    path = visit.place("../../up.png")
    assert path.name == "up.png" and visit.place("up.png").name == "up 2.png"
    VISITS.remove(visit.token)
    assert not path.exists()


def test_a_folder_can_be_named_only_from_this_machine(
    holder: EncoderHolder, small_pack: Pack, tmp_path: Path
) -> None:
    (tmp_path / "a.webp").write_bytes(small_pack.thumbnail(1))
    visit = VISITS.open()
    asked = {"token": visit.token, "folder": str(tmp_path)}
    index = {call.__name__: call for call in visit_functions(holder, True)}["index_images"]
    passed_on = SimpleNamespace(headers={**LOCAL.headers, "x-forwarded-for": "1.2.3.4"}, client=LOCAL.client)
    rebound = SimpleNamespace(headers={"host": "evil.example"}, client=LOCAL.client)
    for request in (passed_on, rebound):
        assert not is_local(request) and "only on the machine" in index(asked, request)["error"]
    closed = {call.__name__: call for call in visit_functions(holder, False)}["index_images"]
    assert "only on the machine" in closed(asked, LOCAL)["error"]
    assert "no folder" in index({**asked, "folder": "/nowhere/at/all"}, LOCAL)["error"]
    assert index(asked, LOCAL)["task"] and visit.task is not None
    visit.task.wait(30)
    assert len(visit.collection) == 1 and (tmp_path / "a.webp").exists()
    VISITS.remove(visit.token)
    assert (tmp_path / "a.webp").exists()
