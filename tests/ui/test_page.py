"""The served page: its routes, its functions for the browser, its endpoints for programs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client, handle_file

from mrl_demo.search.collection import Collection
from mrl_demo.ui.blocks import build_notice, build_ui
from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.queries import Queries
from mrl_demo.ui.search_tab import page_functions
from mrl_demo.ui.thumbnails import page_base, thumbnail_base
from tests.fakes import FakeEncoder, paint
from tests.ui.serving import serve

# What programs may call: a name that goes is a program that breaks.
ENDPOINTS = {
    "search_text",
    "search_image",
    "search_text_and_image",
    "search_text_and_item",
    "search_item",
    "search_example",
    "collection_info",
    "classify_image",
    "classify_item",
    "measure_scale",
    "scale_status",
    "scale_result",
    "stop_scale",
    "index_your_images",
    "index_your_folder",
    "your_images_status",
    "stop_your_images",
    "search_your_images",
    "search_your_images_image",
    "search_your_images_item",
    "plan_your_images",
    "export_your_images",
    "remove_your_images",
    "walk_funnel",
    "walk_funnel_item",
    "measure_cascade",
    "find_cheapest",
    "embedding_map",
    "prefix_knowledge",
    "evidence",
    "evidence_report",
}


@pytest.fixture(scope="module")
def address(collection: Collection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    before = os.environ.get("GRADIO_TEMP_DIR")
    os.environ["GRADIO_TEMP_DIR"] = str(tmp_path_factory.mktemp("gradio"))
    page = build_ui(
        collection,
        EncoderHolder.of(FakeEncoder()),
        folders=True,
        evidence=tmp_path_factory.mktemp("results"),
    )
    with serve(page, collection) as address:
        yield address
    os.environ.pop("GRADIO_TEMP_DIR")
    if before is not None:
        os.environ["GRADIO_TEMP_DIR"] = before


@pytest.fixture(scope="module")
def client(address: str) -> Client:
    return Client(address, verbose=False)


def test_thumbnails_may_be_kept_for_ever(address: str, collection: Collection) -> None:
    got = httpx.get(f"{address}{thumbnail_base(collection)}/3.webp")
    assert got.status_code == 200 and got.content == collection.thumbnail(3)
    assert got.headers["content-type"] == "image/webp" and "immutable" in got.headers["cache-control"]
    assert httpx.get(f"{address}{thumbnail_base(collection)}/200.webp").status_code == 404
    assert httpx.get(f"{address}{thumbnail_base(collection)}/x.webp").status_code == 404


def test_page_files_are_served_and_nothing_else(address: str) -> None:
    got = httpx.get(f"{address}{page_base()}/search.js")
    assert got.status_code == 200 and "immutable" in got.headers["cache-control"]
    assert got.headers["content-type"].startswith("text/javascript")
    for name in ("search.html", "nothing.js", "..%2fblocks.py", "%2e%2e%2fblocks.py"):
        assert httpx.get(f"{address}{page_base()}/{name}").status_code == 404


def test_every_action_is_a_documented_endpoint(client: Client) -> None:
    known: dict[str, Any] = client.view_api(return_format="dict", print_info=False)
    assert not known["unnamed_endpoints"]
    assert {name.removeprefix("/") for name in known["named_endpoints"]} == ENDPOINTS
    assert all(endpoint["description"] for endpoint in known["named_endpoints"].values())


def test_programs_search_by_text_item_and_example(client: Client) -> None:
    got = client.predict(
        text="a red mug", dim=64, mode="funnel", first_stage="exact", k=5, api_name="/search_text"
    )
    assert len(got["hits"]) == 5 and "red mug" in got["hits"][0]["caption"]
    assert got["stages"][0]["dim"] == 64 and 0 <= got["recall_against_full_dim"] <= 1
    item = client.predict(key=3, api_name="/search_item")
    assert item["hits"][0]["key"] == 3 and len(item["hits"]) == 12
    assert client.predict(index=0, api_name="/search_example")["query"] == "a red mug"
    assert client.predict(api_name="/collection_info")["count"] == 200


def test_programs_search_by_image(client: Client, tmp_path: Path) -> None:
    paint("blue", "chair", "grass", "warm").save(tmp_path / "chair.png")
    got = client.predict(image=handle_file(tmp_path / "chair.png"), dim=512, api_name="/search_image")
    assert "blue chair on grass" in got["hits"][0]["caption"]


def test_programs_filter_and_learn_what_fell_where(client: Client) -> None:
    assert "red" in client.predict(api_name="/collection_info")["filters"]["colour"]
    got = client.predict(text="a red mug", dim=2, where={"colour": "green"}, k=9, api_name="/search_text")
    assert len(got["hits"]) == 9 and all("green" in hit["caption"] for hit in got["hits"])
    assert len(got["lost"]) == round(9 * (1 - got["recall_against_full_dim"])) > 0
    assert all(lost["stage"] == 1 and lost["rank"] > lost["handed_on"] == 9 for lost in got["lost"])


def test_programs_join_words_with_a_picture(client: Client, tmp_path: Path) -> None:
    paint("blue", "chair", "grass", "warm").save(tmp_path / "chair.png")
    image = handle_file(tmp_path / "chair.png")
    asked = {"text": "a red mug", "weight": 1.0, "dim": 512}
    got = client.predict(image=image, **asked, api_name="/search_text_and_image")
    assert "blue chair on grass" in got["hits"][0]["caption"] and got["query"] == "a red mug + chair.png"
    asked["weight"] = 0.0
    got = client.predict(key=3, **asked, api_name="/search_text_and_item")
    assert "red mug" in got["hits"][0]["caption"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"text": "mug", "where": {"taste": "sweet"}, "api_name": "/search_text"}, "no filter 'taste'"),
        ({"text": "", "api_name": "/search_text"}, "Type a few words"),
        ({"text": "mug", "dim": 513, "api_name": "/search_text"}, "from 1 to 512, got 513"),
        ({"text": "mug", "k": 0, "api_name": "/search_text"}, "k must be"),
        ({"key": 999, "api_name": "/search_item"}, "from 0 to 199"),
        ({"image": {"path": "/etc/passwd"}, "api_name": "/search_image"}, "Upload a picture first"),
    ],
)
def test_programs_are_told_what_was_wrong(client: Client, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(Exception, match=said):
        client.predict(**asked)


def test_the_browser_s_function_never_raises(collection: Collection) -> None:
    ask, status = page_functions(collection, Queries(collection, EncoderHolder.of(FakeEncoder())))
    good = {"query": {"kind": "item", "key": 1}, "mode": "flat", "first_stage": "exact", "k": 12, "dim": 32}
    assert ask(good)["stops"]
    for bad in (None, [], {}, {**good, "dim": 0}, {**good, "k": "many"}, {**good, "query": {"kind": "item"}}):
        assert ask(bad)["error"]
    waiting, _ = page_functions(collection, Queries(collection, EncoderHolder(FakeEncoder)))
    assert "loading" in waiting({**good, "query": {"kind": "text", "text": "mug"}})["wait"]
    assert status()["state"] == "ready"


def test_an_unforeseen_error_is_not_shown_raw(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries = Queries(collection, EncoderHolder.of(FakeEncoder()))
    ask, _ = page_functions(collection, queries)
    monkeypatch.setattr(queries, "resolve", lambda asked: 1 / 0)
    said = ask({"query": {}, "mode": "flat", "first_stage": "exact", "k": 12, "dim": 32})["error"]
    assert "Something went wrong" in said and "division" not in said


def test_a_notice_shows_text_and_no_markup() -> None:
    notice = build_notice("there is no <b>collection</b> in x", "make one")
    with serve(notice, None) as address:
        text = httpx.get(f"{address}/config").text
    assert "&lt;b&gt;collection" in text and "make one" in text
