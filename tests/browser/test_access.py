"""The page for everyone: the keyboard alone, a narrow screen, both themes, axe-core."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser import acts
from tests.browser.conftest import LOOKS, Open


def test_the_slider_is_moved_with_the_keyboard(open_page: Open) -> None:
    page = open_page()
    page.focus("#mrl-dim-range")
    page.keyboard.press("ArrowRight")
    assert acts.dim(page) == 40
    page.keyboard.press("Home")
    assert acts.dim(page) == 1
    page.keyboard.press("End")
    assert acts.dim(page) == 512
    expect(page.locator("#mrl-dim-range")).to_have_attribute(
        "aria-valuetext", "512 of 512 dims, a trained dim"
    )


def test_the_main_act_needs_no_mouse(open_page: Open) -> None:
    page = open_page()
    page.focus("#mrl-text")
    page.keyboard.press("Control+A")
    page.keyboard.type("a blue chair")
    page.keyboard.press("Enter")
    expect(page.locator("[data-asked]")).to_have_text("a blue chair")
    page.focus(".mrl-here .mrl-tile >> nth=0")
    page.keyboard.press("Tab")
    caption = page.evaluate("document.activeElement.querySelector('.mrl-caption').textContent")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("[data-asked]")).to_have_text(caption)
    page.locator(".mrl-mode input").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".mrl-cascade")).to_contain_text("→ 512")


@LOOKS
def test_no_serious_accessibility_violation_and_no_sideways_scrolling(
    open_page: Open, theme: str, width: int
) -> None:
    page = open_page(width=width, height=844, theme=theme)
    acts.to_dim(page, 3)  # lost and new ones are marked
    for summary in page.locator("summary").all():
        summary.click()
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []


def test_the_dark_theme_is_dark(open_page: Open) -> None:
    light = "(selector) => getComputedStyle(document.querySelector(selector)).backgroundColor"
    bright = open_page(theme="light").evaluate(light, ".mrl-controls")
    dark = open_page(theme="dark").evaluate(light, ".mrl-controls")
    assert bright == "rgb(255, 255, 255)" and dark != bright


def test_no_width_scrolls_sideways(open_page: Open) -> None:
    page = open_page()
    for width in (320, 360, 720, 768, 1024, 1081, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_dim_stays_in_sight_on_a_phone(open_page: Open) -> None:
    page = open_page(width=390, height=844)
    page.locator(".mrl-full .mrl-tile").last.scroll_into_view_if_needed()
    page.mouse.wheel(0, 400)
    page.wait_for_timeout(200)
    expect(page.locator("#mrl-dim-range")).to_be_in_viewport()
    acts.to_dim(page, 31)
    assert acts.dim(page) == 512


def test_a_picture_s_tile_says_everything_to_a_screen_reader(open_page: Open) -> None:
    page = open_page()
    label = page.locator(".mrl-here .mrl-tile").first.get_attribute("aria-label") or ""
    assert label.startswith("Search with: a ") and "Rank 1, score 0." in label


def test_the_page_is_light(open_page: Open) -> None:
    page = open_page()
    page.wait_for_load_state("networkidle")
    loaded = page.evaluate(acts.WEIGHT)
    assert 50_000 < loaded < 3_000_000
