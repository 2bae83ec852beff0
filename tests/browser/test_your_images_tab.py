"""The Your images tab's main acts in Chromium: bring a zip, search it, take it along, remove it."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from mrl_demo.collection import Pack
from mrl_demo.search.collection import Collection
from mrl_demo.ui.blocks import build_ui
from mrl_demo.ui.encoder_holder import EncoderHolder
from tests.browser import acts
from tests.browser.conftest import LOOKS, Open
from tests.fakes import FakeEncoder
from tests.ui.serving import serve

TILES = ".mrl-yours .mrl-tile"
MESSAGE = ".mrl-yours .mrl-message"
FILES = ".mrl-yours input[type=file]"


@pytest.fixture(scope="module")
def trip(small_pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip of sixteen pictures and one that is none."""
    path = tmp_path_factory.mktemp("zips") / "trip.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for key in range(16):
            archive.writestr(f"{small_pack.caption(key, 'medium')}.webp", small_pack.thumbnail(key))
        archive.writestr("broken.png", b"no picture")
    return path


def opened(open_page: Open, **how: object) -> Page:
    page = open_page(**how)
    acts.to_tab(page, "Your images")
    expect(page.locator(".mrl-promise")).to_contain_text("Only you see them")
    return page


def brought(page: Page, *paths: Path) -> None:
    page.set_input_files(FILES, paths)
    expect(page.locator(TILES)).to_have_count(12)


@LOOKS
def test_a_zip_is_indexed_searched_taken_along_and_removed(
    open_page: Open, address: str, trip: Path, theme: str, width: int
) -> None:
    page = opened(open_page, theme=theme, width=width, height=844)
    brought(page, trip)
    expect(page.locator("[data-count]")).to_have_text("16 pictures")
    page.click(".mrl-left-out summary")
    expect(page.locator(".mrl-left-out li")).to_contain_text("trip/broken.png is not an image")
    page.fill("#mrl-yours-text", "a blue mug")
    page.press("#mrl-yours-text", "Enter")
    expect(page.locator(".mrl-yours [data-asked]")).to_contain_text("a blue mug")
    page.click(".mrl-plan button")
    expect(page.locator(".mrl-yours tr.mrl-at")).to_have_count(1)
    href = page.get_attribute("[data-export='embeddings.npy'] a", "href")
    assert httpx.get(f"{address}{href}").content[:6] == b"\x93NUMPY"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []
    page.click("[data-remove]")
    expect(page.locator(MESSAGE)).to_contain_text("nothing of your images is left")
    expect(page.locator(".mrl-own")).to_be_hidden()
    assert httpx.get(f"{address}{href}").status_code == 404


def test_the_dim_is_dragged_without_a_request(open_page: Open, trip: Path) -> None:
    page = opened(open_page)
    brought(page, trip)
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for stop in (0, 5, 31):
        page.locator("#mrl-yours-range").evaluate(
            "(range, at) => { range.value = at; range.dispatchEvent(new Event('input', {bubbles: true})); }",
            stop,
        )
    expect(page.locator("[data-recall]")).to_have_text("holds 12 of the 12 best at 512")
    assert asked == []


def test_closing_the_page_removes_the_images(open_page: Open, address: str, trip: Path) -> None:
    page = opened(open_page)
    brought(page, trip)
    href = page.get_attribute("[data-export='items.parquet'] a", "href")
    assert httpx.get(f"{address}{href}").status_code == 200
    page.goto("about:blank")
    page.wait_for_timeout(500)
    assert httpx.get(f"{address}{href}").status_code == 404


class HeldEncoder(FakeEncoder):
    """Encodes pictures as soon as the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def encode_image(self, image: Any) -> Any:
        assert self.go.wait(60)
        return super().encode_image(image)


@pytest.fixture
def held(collection: Collection) -> Iterator[tuple[HeldEncoder, str]]:
    """The address of a page whose encoder waits, and that encoder."""
    encoder = HeldEncoder()
    with serve(build_ui(collection, EncoderHolder.of(encoder)), collection) as address:
        yield encoder, address


def test_what_is_dropped_during_indexing_is_indexed_next(
    open_page: Open, held: tuple[HeldEncoder, str], small_pack: Pack, trip: Path, tmp_path: Path
) -> None:
    encoder, address = held
    (tmp_path / "one more.webp").write_bytes(small_pack.thumbnail(40))
    page = opened(open_page, at=address)
    page.set_input_files(FILES, trip)
    expect(page.locator(MESSAGE)).to_contain_text("Indexing")
    page.set_input_files(FILES, tmp_path / "one more.webp")
    expect(page.locator(MESSAGE)).to_contain_text("1 more file is added, indexed next")
    encoder.go.set()
    expect(page.locator("[data-count]")).to_have_text("17 pictures")
    expect(page.locator(".mrl-yours")).to_have_attribute("aria-busy", "false")
    page.close()


def test_a_lost_answer_ends_no_visit(open_page: Open, held: tuple[HeldEncoder, str], trip: Path) -> None:
    encoder, address = held
    page = opened(open_page, at=address)
    page.set_input_files(FILES, trip)
    expect(page.locator(MESSAGE)).to_contain_text("Indexing")
    page.route("**/component_server**", lambda route: route.abort())
    expect(page.locator(MESSAGE)).to_contain_text("The server does not answer")
    page.unroute("**/component_server**")
    expect(page.locator(MESSAGE)).to_contain_text("Indexing")
    encoder.go.set()
    expect(page.locator("[data-count]")).to_have_text("16 pictures")
    page.close()


def test_a_visit_that_is_over_is_said_and_another_begins(open_page: Open, address: str, trip: Path) -> None:
    page = opened(open_page)
    brought(page, trip)
    href = page.get_attribute("[data-export='items.parquet'] a", "href") or ""
    assert httpx.post(f"{address}{href.rsplit('/', 1)[0]}/leave").status_code == 204
    page.fill("#mrl-yours-text", "a blue mug")
    page.press("#mrl-yours-text", "Enter")
    expect(page.locator(MESSAGE)).to_contain_text("no longer on the server")
    expect(page.locator(".mrl-own")).to_be_hidden()
    page.set_input_files(FILES, trip)
    expect(page.locator(".mrl-own")).to_be_visible()
    assert page.get_attribute("[data-export='items.parquet'] a", "href") != href


def test_another_visitor_sees_none_of_them(open_page: Open, trip: Path) -> None:
    brought(opened(open_page), trip)
    other = opened(open_page)
    expect(other.locator(".mrl-own")).to_be_hidden()


def test_other_pictures_of_the_same_rows_are_shown(
    open_page: Open, small_pack: Pack, trip: Path, tmp_path: Path
) -> None:
    (tmp_path / "before all.webp").write_bytes(small_pack.thumbnail(40))
    page = opened(open_page)
    brought(page, trip)
    shown = page.locator(f"{TILES} img").first
    before = shown.get_attribute("src")
    page.set_input_files(FILES, tmp_path / "before all.webp")
    expect(page.locator("[data-count]")).to_have_text("17 pictures")
    expect(shown).not_to_have_attribute("src", str(before))
    expect(page.locator(f"{TILES} .mrl-caption").first).to_contain_text("before all")
    page.click("[data-remove]")
    expect(page.locator(TILES)).to_have_count(0)


def test_a_damaged_zip_keeps_no_other_picture_back(open_page: Open, small_pack: Pack, tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"no zip")
    (tmp_path / "one.webp").write_bytes(small_pack.thumbnail(0))
    page = opened(open_page)
    page.set_input_files(FILES, [tmp_path / "no.zip", tmp_path / "one.webp"])
    expect(page.locator("[data-count]")).to_have_text("1 picture")
    page.click(".mrl-left-out summary")
    expect(page.locator(".mrl-left-out li")).to_contain_text("no.zip is no zip file that can be read")


def test_what_is_no_picture_is_refused_in_plain_words(open_page: Open, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "no.zip").write_bytes(b"no zip")
    page = opened(open_page)
    page.set_input_files(FILES, tmp_path / "notes.txt")
    expect(page.locator(MESSAGE)).to_contain_text("notes.txt is neither a picture")
    page.set_input_files(FILES, tmp_path / "no.zip")
    expect(page.locator(MESSAGE)).to_contain_text("no.zip is no zip file")
