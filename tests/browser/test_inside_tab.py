"""The look into the embedding in Chromium: drag, point, keep in sight, single out, save."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from mrl_demo.search.collection import Collection
from mrl_demo.ui.blocks import build_ui
from mrl_demo.ui.encoder_holder import EncoderHolder
from tests.browser import acts
from tests.browser.conftest import LOOKS, Open
from tests.fakes import FakeEncoder
from tests.ui.serving import serve
from tests.ui.test_inside_tab import probes

RANGE = "#mrl-inside-range"
TO_STOP = """(range, stop) => {
  range.value = stop;
  range.dispatchEvent(new Event("input", {bubbles: true}));
}"""
PARTS = ".mrl-plane, .mrl-known li, .mrl-values, .mrl-inside h2"
PLACES = """(parts) => [...document.querySelectorAll(parts)].map((part) => {
  const box = part.getBoundingClientRect();
  return [box.x, box.y, box.width, box.height].map(Math.round).join();
})"""
# Where the first dot is, found by pointing along the rows of the map until one is hit.
FIND_DOT = """() => {
  const canvas = document.querySelector(".mrl-plane canvas"), box = canvas.getBoundingClientRect();
  for (let y = 20; y < box.height; y += 12) for (let x = 20; x < box.width; x += 12) {
    const at = {clientX: box.left + x, clientY: box.top + y, bubbles: true};
    canvas.dispatchEvent(new PointerEvent("pointermove", at));
    if (!document.querySelector(".mrl-tip").hidden) return [box.left + x, box.top + y];
  }
}"""


@pytest.fixture(scope="module")
def inside_address(
    collection: Collection, uploads_apart: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("results")
    (folder / "probes.json").write_text(json.dumps(probes(collection)))
    page = build_ui(collection, EncoderHolder.of(FakeEncoder()), evidence=folder)
    with serve(page, collection) as address:
        yield address


@pytest.fixture
def open_inside(open_page: Open, inside_address: str) -> Open:
    def opened(**how: object) -> Page:
        page = open_page(at=inside_address, **how)
        acts.to_tab(page, "Inside the embedding")
        expect(page.locator(".mrl-inside")).to_have_attribute("aria-busy", "false")
        expect(page.locator(".mrl-inside .mrl-message")).to_have_text("All 200 pictures.")
        return page

    return opened


def to_stop(page: Page, stop: int) -> None:
    page.locator(RANGE).evaluate(TO_STOP, stop)


@LOOKS
def test_a_slider_step_asks_nobody_and_moves_nothing_but_dots(
    open_inside: Open, theme: str, width: int
) -> None:
    page = open_inside(theme=theme, width=width)
    page.wait_for_timeout(400)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    before = page.evaluate(PLACES, PARTS)
    for stop, dim in ((0, 2), (16, 512), (4, 8)):
        to_stop(page, stop)
        expect(page.locator("[data-map-title]")).to_have_text(f"The collection in its first {dim} numbers")
        assert page.evaluate(PLACES, PARTS) == before
    assert asked == []
    expect(page.locator("[data-map-shown]")).to_contain_text("% of their variance")


def test_what_a_prefix_knows_follows_the_slider(open_inside: Open) -> None:
    page = open_inside()
    colour = page.locator(".mrl-known li")
    expect(colour).to_contain_text("Colour")
    expect(colour.locator("b")).to_have_text("0.50")
    to_stop(page, 10)
    expect(colour.locator("b")).to_have_text("0.90")
    to_stop(page, 0)
    expect(colour.locator("b")).to_have_text("–")


def test_a_dot_shows_its_picture_and_stays_in_sight_when_clicked(
    open_inside: Open, collection: Collection
) -> None:
    page = open_inside()
    page.wait_for_timeout(400)
    x, y = page.evaluate(FIND_DOT)
    expect(page.locator(".mrl-tip img")).to_be_visible()
    key = int(page.locator(".mrl-tip img").get_attribute("src").split("/")[-1].removesuffix(".webp"))
    expect(page.locator(".mrl-tip p")).to_have_text(collection.caption(key))
    page.mouse.click(x, y)
    page.mouse.move(5, 5)
    expect(page.locator(".mrl-tip")).to_be_hidden()
    to_stop(page, 16)
    expect(page.locator(".mrl-pinned img")).to_have_attribute("src", f"{_thumbnails(page)}/{key}.webp")
    expect(page.locator(".mrl-pinned")).to_be_visible()


def _thumbnails(page: Page) -> str:
    return (page.locator(".mrl-pinned img").get_attribute("src") or "").rsplit("/", 1)[0]


def test_the_map_is_walked_with_the_keyboard(open_inside: Open) -> None:
    page = open_inside()
    page.wait_for_timeout(400)
    page.focus(".mrl-plane canvas")
    seen = set()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
        expect(page.locator("[data-said]")).not_to_be_empty()
        seen.add(page.locator(".mrl-tip img").get_attribute("src"))
    assert len(seen) >= 2
    page.keyboard.press("Enter")
    expect(page.locator(".mrl-pinned")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".mrl-pinned")).to_be_hidden()


def test_a_value_is_singled_out(open_inside: Open) -> None:
    page = open_inside()
    page.select_option("#mrl-colour-by", "colour")
    red = page.locator(".mrl-values button", has_text="red")
    expect(page.locator(".mrl-values button")).to_have_count(8)
    expect(red).to_have_text("red25")
    red.click()
    expect(red).to_have_attribute("aria-pressed", "true")
    red.click()
    expect(red).to_have_attribute("aria-pressed", "false")


def test_the_points_are_a_table_and_files(open_inside: Open) -> None:
    page = open_inside()
    page.click(".mrl-points summary")
    expect(page.locator(".mrl-points tbody tr")).to_have_count(200)
    with page.expect_download() as saved:
        page.locator(".mrl-points").get_by_text("Save as CSV").click()
    lines = Path(saved.value.path()).read_text().splitlines()
    assert lines[0].startswith("key,x,y,") and len(lines) == 201
    with page.expect_download() as saved:
        page.locator(".mrl-points").get_by_text("Save as JSON").click()
    held = json.loads(Path(saved.value.path()).read_text())
    assert held["dim"] == 8 and len(held["rows"]) == 200 and held["rows"][0]["colour"] == "red"


def test_what_did_not_load_is_tried_again(open_page: Open, inside_address: str) -> None:
    page = open_page(at=inside_address)
    page.route("**/component_server**", lambda route: route.abort())
    acts.to_tab(page, "Inside the embedding")
    said = page.locator(".mrl-inside .mrl-message")
    expect(said).to_contain_text("there is no map yet")
    page.unroute("**/component_server**")
    page.click(".mrl-inside [data-again]")
    expect(said).to_have_text("All 200 pictures.")
    expect(page.locator(".mrl-inside [data-again]")).to_be_hidden()


@LOOKS
def test_no_accessibility_violation_and_no_sideways_scrolling(
    open_inside: Open, theme: str, width: int
) -> None:
    page = open_inside(width=width, height=844, theme=theme)
    for summary in page.locator(".mrl-inside summary").all():
        summary.click()
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []
