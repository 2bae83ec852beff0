"""Where several encoders see the same pictures, one is chosen at the top of the page, and nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from mrl_demo.collection import Pack
from tests.browser import acts
from tests.browser.conftest import LOOKS, READY, Open
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
