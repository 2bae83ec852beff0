"""The Classify tab's main acts in Chromium: classes of one's own, a picture, the threshold."""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from mrl_demo.search.collection import Collection
from mrl_demo.ui.blocks import build_ui
from tests.browser import acts
from tests.browser.conftest import LOOKS, Open, SlowEncoder
from tests.fakes import paint
from tests.ui.serving import serve

ROWS = ".mrl-said-table tbody tr"
PLACES = """() => [".mrl-said-table", ".mrl-threshold", "[data-plot]"].map((part) => {
  const box = document.querySelector(part).getBoundingClientRect();
  return [box.x, box.y, box.width, box.height].map(Math.round).join();
})"""


def opened(open_page: Open, **how: object) -> Page:
    page = open_page(**how)
    acts.to_tab(page, "Classify")
    expect(page.locator(ROWS)).to_have_count(7)
    return page


def to_threshold(page: Page, index: int) -> None:
    page.locator("#mrl-threshold").evaluate(
        "(range, at) => { range.value = at; range.dispatchEvent(new Event('input', {bubbles: true})); }",
        index,
    )


@LOOKS
def test_an_upload_is_classified_among_one_s_own_classes(
    open_page: Open, tmp_path: Path, theme: str, width: int
) -> None:
    page = opened(open_page, theme=theme, width=width)
    page.fill("#mrl-classes-text", "a red mug\na blue chair\n\na green bottle")
    expect(page.locator("[data-count-classes]")).to_have_text("3 classes")
    paint("blue", "chair", "", "").save(tmp_path / "chair.png")
    page.set_input_files(".mrl-classify input[type=file]", tmp_path / "chair.png")
    expect(page.locator(".mrl-classify figcaption")).to_have_text("chair.png")
    expect(page.locator(f"{ROWS} >> nth=6")).to_contain_text("a blue chair")
    expect(page.locator("[data-measured]")).to_contain_text("nothing to measure by")
    page.click("text=The collection's own")
    expect(page.locator("[data-measured]")).to_contain_text("measured on 200 pictures")
    expect(page.locator("[data-count-classes]")).to_have_text("5 classes")


def test_the_threshold_decides_where_it_stops_without_a_request(open_page: Open) -> None:
    page = opened(open_page)
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    before = page.evaluate(PLACES)
    to_threshold(page, 0)
    expect(page.locator("[data-verdict]")).to_contain_text("stops at 8 of 512")
    expect(page.locator("[data-reading]")).to_contain_text("at 8.0 dims on average")
    last = int(page.get_attribute("#mrl-threshold", "max") or 0)
    to_threshold(page, last)
    expect(page.locator("[data-verdict]")).to_contain_text("stops at 512 of 512")
    expect(page.locator("[data-spent]")).to_contain_text("1,016 numbers")
    assert page.evaluate(PLACES) == before
    page.click("text=Learned for each dim")
    expect(page.locator("#mrl-threshold")).to_be_disabled()
    assert asked == []


def test_before_the_first_answer_there_is_nothing_to_set(open_page: Open, collection: Collection) -> None:
    slow = SlowEncoder()
    with serve(build_ui(collection, slow.holder), collection) as address:
        page = open_page(at=address)
        acts.to_tab(page, "Classify")
        expect(page.locator(".mrl-classify .mrl-message")).to_contain_text("still loading")
        for part in (".mrl-verdict", ".mrl-stopping"):
            expect(page.locator(part)).to_be_hidden()
        sample = page.locator(".mrl-samples button").nth(2)
        sample.click()
        page.click(".mrl-classes .mrl-go")
        slow.go.set()
        expect(page.locator(ROWS)).to_have_count(7)
        expect(page.locator("#mrl-threshold")).to_be_visible()
        expect(sample).to_have_attribute("aria-pressed", "true")
        page.close()


def test_what_was_wrong_with_the_classes_is_said(open_page: Open) -> None:
    page = opened(open_page)
    page.fill("#mrl-classes-text", "mug\nmug")
    page.click(".mrl-classes .mrl-go")
    expect(page.locator(".mrl-classify .mrl-message")).to_have_text("a class is named twice: mug")
    expect(page.locator(ROWS)).to_have_count(7)


def test_only_a_picture_that_cannot_be_read_is_given_back(open_page: Open, tmp_path: Path) -> None:
    page = opened(open_page)
    message, name = page.locator(".mrl-classify .mrl-message"), page.locator(".mrl-classify figcaption")
    first = name.inner_text()
    (tmp_path / "no.png").write_bytes(b"no picture")
    page.set_input_files(".mrl-classify input[type=file]", tmp_path / "no.png")
    expect(message).to_contain_text("no.png is not an image")
    expect(name).to_have_text(first)
    expect(page.locator(".mrl-verdict")).to_be_visible()
    page.fill("#mrl-classes-text", "mug\nmug")
    paint("blue", "chair", "", "").save(tmp_path / "chair.png")
    page.set_input_files(".mrl-classify input[type=file]", tmp_path / "chair.png")
    expect(message).to_have_text("a class is named twice: mug")
    expect(name).to_have_text("chair.png")
    expect(page.locator(".mrl-verdict")).to_be_hidden()  # it was of another picture
    page.fill("#mrl-classes-text", "a red mug\na blue chair")
    page.click(".mrl-classes .mrl-go")
    expect(page.locator(f"{ROWS} >> nth=6")).to_contain_text("a blue chair")
    expect(name).to_have_text("chair.png")


@LOOKS
def test_everyone_can_use_it(open_page: Open, theme: str, width: int) -> None:
    page = opened(open_page, theme=theme, width=width, height=844)
    page.locator(".mrl-stopping summary").click()
    page.locator(".mrl-samples button").nth(2).click()
    expect(page.locator(".mrl-samples button").nth(2)).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []
