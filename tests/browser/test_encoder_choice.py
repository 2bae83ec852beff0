"""Where several encoders see the same pictures, one is chosen at the top of the page, and nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from mrl_demo.collection import Pack
from tests.browser import acts
from tests.browser.conftest import LOOKS, READY, Open
from tests.fakes import paint
from tests.ui.serving import serve_two_encoders


@pytest.fixture(scope="module")
def two_encoders(
    small_pack: Pack, uploads_apart: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    with serve_two_encoders(small_pack, tmp_path_factory.mktemp("two")) as address:
        yield address


@LOOKS
def test_the_other_encoder_answers_what_was_asked_of_the_first(
    open_page: Open, two_encoders: str, theme: str, width: int
) -> None:
    page = open_page(at=two_encoders, theme=theme, width=width)
    acts.search(page, "a blue vase")
    expect(page).to_have_url(re.compile("q=a[+]blue[+]vase"))  # the answer is there
    nav = page.get_by_role("navigation", name="Encoder")
    expect(nav.locator("[aria-current]")).to_have_text("fake")
    nav.get_by_text("MRL photos").click()
    page.wait_for_url("**/by-mrl-photos?**")
    page.wait_for_selector(READY)
    expect(page.locator("#mrl-text")).to_have_value("a blue vase")
    expect(page.get_by_text("At full dim 64")).to_be_visible()
    expect(nav.locator("[aria-current]")).to_have_text("MRL photos")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []
    acts.to_tab(page, "Your images")
    expect(page.locator(".mrl-promise")).to_contain_text("read by MRL photos. Choose another")
    page.go_back()
    expect(nav.locator("[aria-current]")).to_have_text("fake")
    expect(page.locator("#mrl-text")).to_have_value("a blue vase")


def to_the_other(page: Page) -> None:
    page.get_by_role("navigation", name="Encoder").get_by_text("MRL photos").click()
    page.wait_for_url("**/by-mrl-photos**")


def test_a_picture_of_one_s_own_goes_along_and_outlives_a_reload(
    open_page: Open, two_encoders: str, tmp_path: Path
) -> None:
    paint("blue", "chair", "", "").save(tmp_path / "chair.png")
    page = open_page(at=two_encoders)
    page.set_input_files(".mrl-search input[type=file]", tmp_path / "chair.png")
    asked = page.locator(".mrl-search [data-asked]")
    expect(asked).to_have_text("chair.png")
    page.wait_for_timeout(600)  # the address is written when the slider rests
    to_the_other(page)
    for _ in range(2):
        page.wait_for_selector(READY)
        expect(page.get_by_text("At full dim 64")).to_be_visible()
        expect(asked).to_have_text("chair.png")
        seen = page.locator(".mrl-asked img")
        expect(seen).to_have_js_property("naturalWidth", 64)
        page.reload()
    page.click("text=a blue chair on grass")
    expect(asked).to_have_text("a blue chair on grass")
    page.reload()
    page.wait_for_selector(READY)
    expect(asked).to_have_text("a blue chair on grass")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_tab_and_what_is_asked_there_go_along(
    open_page: Open, two_encoders: str, tmp_path: Path, width: int
) -> None:
    paint("blue", "chair", "", "").save(tmp_path / "chair.png")
    page = open_page(at=two_encoders, width=width)
    acts.to_tab(page, "Classify")
    page.fill("#mrl-classes-text", "a red mug\na blue chair")
    page.set_input_files(".mrl-classify input[type=file]", tmp_path / "chair.png")
    expect(page.locator(".mrl-said-table tbody tr >> nth=6")).to_contain_text("a blue chair")
    to_the_other(page)
    expect(page.locator(".mrl-classify figcaption")).to_have_text("chair.png")
    expect(page.locator("#mrl-classes-text")).to_have_value("a red mug\na blue chair")
    expect(page.locator("[data-verdict]")).to_contain_text("of 64 dims")
    acts.to_tab(page, "Funnel")
    expect(page.locator(".mrl-funnel [data-asked]")).not_to_have_text("")
    page.fill("#mrl-funnel-text", "a green bottle")
    page.press("#mrl-funnel-text", "Enter")
    expect(page.locator(".mrl-funnel [data-asked]")).to_have_text("a green bottle")
    page.get_by_role("navigation", name="Encoder").get_by_text("fake").click()
    expect(page.locator(".mrl-funnel [data-asked]")).to_have_text("a green bottle")
    expect(page.locator("#mrl-funnel-text")).to_have_value("a green bottle")


def test_a_dim_that_the_other_encoder_lacks_becomes_its_full_one(open_page: Open, two_encoders: str) -> None:
    page = open_page(at=two_encoders)
    page.locator("#mrl-dim-any").fill("300")
    page.locator("#mrl-dim-any").press("Enter")
    expect(page).to_have_url(re.compile("dim=300"))
    page.get_by_role("navigation", name="Encoder").get_by_text("MRL photos").click()
    page.wait_for_url("**/by-mrl-photos?**dim=64**")
    page.wait_for_selector(READY)
    expect(page.locator(".mrl-search .mrl-dim-now")).to_have_text("64")  # once the address is read


def test_a_single_encoder_is_no_choice(open_page: Open) -> None:
    page = open_page()
    expect(page.get_by_role("navigation", name="Encoder")).to_have_count(0)
