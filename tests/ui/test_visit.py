"""Visitors' own images: indexed, searched, exported, and gone afterwards."""

from __future__ import annotations

import asyncio
import io
import threading
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
from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.visit import BATCH, Visit
from mrl_demo.ui.visit_routes import received
from mrl_demo.ui.visits import VISITS
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
    visit.place("one more.webp").write_bytes(small_pack.thumbnail(41))
    assert len(indexed(visit, holder).collection) == 32
    assert ["trip.zip", "is no zip file that can be read: File is not a zip file"] in visit.left_out()
    visit.place("trip.zip").write_bytes(data.getvalue())
    collection = indexed(visit, holder).collection
    assert "trip 2/later.webp" in {collection.source(row) for row in range(len(collection))}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("no.zip", b"no zip", "no.zip is no zip file that can be read"),
        ("empty.zip", b"PK\x05\x06" + bytes(18), "there is no picture (JPEG"),
        ("torn.png", b"no picture", "images in what you brought could be read; torn.png"),
    ],
)
def test_what_holds_no_picture_is_said_without_where_it_lies(
    holder: EncoderHolder, name: str, content: bytes, said: str
) -> None:
    visit = VISITS.open()
    visit.place(name).write_bytes(content)
    task = visit.index(holder)
    task.wait(30)
    status = task.status()
    assert status["state"] == "failed" and said in status["text"]
    assert visit.token not in status["text"] and str(visit._folder.parent) not in status["text"]
    VISITS.remove(visit.token)


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
    assert visit.report is not None and visit.report.reused == BATCH


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
