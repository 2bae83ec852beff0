"""The Funnel tab's main acts in Chromium: look, edit in place, see what fell out, find the cheapest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from mrl_demo.search.collection import Collection
from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.funnel import Way, walked
from mrl_demo.ui.funnel_tab import Funnel
from mrl_demo.ui.queries import Queries
from tests.browser import acts
from tests.browser.conftest import LOOKS, Open
from tests.fakes import FakeEncoder

LEVELS = ".mrl-levels > li"
DRAWN = ".mrl-frontier > svg"
PLACES = """() => [
  ...document.querySelectorAll(".mrl-funnel :is(.mrl-stat, .mrl-level, .mrl-frontier)")
].map((part) => {
  const box = part.getBoundingClientRect();
  return [box.x, box.y, box.width, box.height].map(Math.round).join();
})"""
SLIDE = """(range, [value, name]) => {
  if (value !== null) range.value = value;
  range.dispatchEvent(new Event(name, {bubbles: true}));
}"""


def opened(open_page: Open, **how: Any) -> Page:
    page = open_page(**how)
    acts.to_tab(page, "Funnel")
    settled(page)
    return page


def settled(page: Page) -> None:
    expect(page.locator(f"{DRAWN} .mrl-point-here")).to_be_visible()
    expect(page.locator(".mrl-funnel")).to_have_attribute("aria-busy", "false")


def stat(page: Page, name: str) -> str:
    return page.locator(f'.mrl-funnel [data-stat="{name}"] b').inner_text()


@pytest.fixture(scope="module")
def funnel(collection: Collection) -> Funnel:
    return Funnel(collection, Queries(collection, EncoderHolder.of(FakeEncoder())))


def test_it_comes_up_with_the_paper_s_funnel_walked(open_page: Open, funnel: Funnel) -> None:
    page = opened(open_page)
    way = Way.checked(
        {"dims": [16, 32, 64, 128, 256, 512], "shortlists": [200, 100, 50, 25, 10]}, funnel.collection
    )
    expect(page.locator(LEVELS)).to_have_count(6)
    expect(page.locator(".mrl-presets [aria-pressed=true]")).to_have_text("Funnel from 16")
    assert stat(page, "recall") == f"{funnel.measured(way, 'pictures')['recall']:.3f}"
    expect(page.locator(f"{DRAWN} .mrl-point-preset")).to_have_count(7)
    last = page.locator(f"{LEVELS} >> nth=5").locator(".mrl-survivors img")
    expect(last).to_have_count(10)
    answer = walked(funnel.collection, funnel.queries.example(0), way)
    assert [int(img.get_attribute("data-key") or -1) for img in last.all()] == answer["stages"][-1]["keys"]


def test_while_a_shortlist_is_dragged_arithmetic_follows_and_nothing_is_asked(
    open_page: Open, funnel: Funnel
) -> None:
    page = opened(open_page)
    expect(page.locator(f"{DRAWN} .mrl-point-preset")).to_have_count(7)
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    before = page.evaluate(PLACES)
    slider = page.get_by_label("Shortlist of stage 2, by sliding")
    for place in ("100", "300", "700", "0"):
        slider.evaluate(SLIDE, [place, "input"])
    assert asked == [] and page.evaluate(PLACES) == before
    keeps = [int(box.input_value()) for box in page.locator(f"{LEVELS} input[type=number]:visible").all()]
    assert keeps[1:] == [10, 10, 10, 10]  # later ones follow, none grows on the way
    way = Way.checked({"dims": [16, 32, 64, 128, 256, 512], "shortlists": keeps}, funnel.collection)
    assert stat(page, "adds") == f"{round(way.cascade.multiply_adds(200) / 1000)} k"
    slider.evaluate(SLIDE, [None, "change"])
    expect(page.locator('.mrl-funnel [data-stat="recall"] b')).to_have_text(
        f"{funnel.measured(way, 'pictures')['recall']:.3f}"
    )
    settled(page)
    assert page.evaluate(PLACES) == before and asked != []


def test_stages_come_and_go_and_dims_change_in_place(open_page: Open) -> None:
    page = opened(open_page)
    page.click(".mrl-presets >> text=Flat")
    expect(page.locator(LEVELS)).to_have_count(1)
    expect(page.get_by_label("Remove stage 1")).to_be_disabled()
    page.click("text=Add a stage")
    expect(page.locator(".mrl-funnel-way [data-said]")).to_have_text("64 → (200) → 512, an exact first stage")
    page.get_by_label("Dim of stage 1").select_option("24")
    page.get_by_label("Shortlist of stage 1", exact=True).fill("33")
    page.get_by_label("Shortlist of stage 1", exact=True).press("Enter")
    expect(page.locator(".mrl-funnel-way [data-said]")).to_have_text("24 → (33) → 512, an exact first stage")
    page.click(".mrl-funnel >> text=Sign bits")
    expect(page.locator(f"{LEVELS} >> nth=0")).to_contain_text("Compare sign bits at")
    page.get_by_label("Shortlist of stage 1", exact=True).fill("3")
    page.get_by_label("Shortlist of stage 1", exact=True).press("Enter")
    expect(page.locator(".mrl-funnel .mrl-message")).to_contain_text("At least 10 must be handed on")
    expect(page.locator(".mrl-funnel-way [data-said]")).to_have_text("24 → (10) → 512, sign bits")
    page.get_by_label("Remove stage 2").click()
    expect(page.locator(".mrl-funnel-way [data-said]")).to_have_text("24, sign bits")


def test_what_fell_out_says_at_which_rank_it_stood(open_page: Open, funnel: Funnel) -> None:
    page = opened(open_page)
    page.click(".mrl-presets >> text=Adaptive from 8")
    page.get_by_label("Dim of stage 1").select_option("3")
    page.get_by_label("Shortlist of stage 1", exact=True).fill("12")
    page.get_by_label("Shortlist of stage 1", exact=True).press("Enter")
    way = Way.checked({"dims": [3, 512], "shortlists": [12]}, funnel.collection)
    lost = walked(funnel.collection, funnel.queries.example(0), way)["stages"][0]["lost"]
    assert lost
    expect(page.locator('.mrl-funnel [data-stat="query"] b')).to_have_text(f"{10 - len(lost)} of 10")
    fallen = page.locator(f"{LEVELS} >> nth=0").locator(".mrl-fallen li[data-mark=lost]")
    assert fallen.all_inner_texts() == [f"#{one['rank']}" for one in lost[:4]]
    said = fallen.first.locator("img").get_attribute("alt") or ""
    assert f"dropped, it stood at rank {lost[0]['rank']} where 12 were kept" in said


def test_a_text_is_sent_through(open_page: Open) -> None:
    page = opened(open_page)
    page.fill("#mrl-funnel-text", "a green bottle on snow")
    page.press("#mrl-funnel-text", "Enter")
    expect(page.locator("#mrl-levels-title [data-asked]")).to_have_text("a green bottle on snow")
    best = page.locator(f"{LEVELS} >> nth=5").locator("img").first
    assert "green bottle on snow" in (best.get_attribute("alt") or "")


def test_words_that_nothing_was_asked_with_yet_stand(open_page: Open) -> None:
    page = opened(open_page)
    page.fill("#mrl-funnel-text", "a green")
    page.click(".mrl-presets >> text=Flat")
    expect(page.locator(LEVELS)).to_have_count(1)
    expect(page.locator(".mrl-funnel")).to_have_attribute("aria-busy", "false")
    expect(page.locator("#mrl-funnel-text")).to_have_value("a green")
    page.locator(".mrl-funnel .mrl-examples button").nth(1).click()
    expect(page.locator("#mrl-funnel-text")).to_have_value("a blue chair on grass")


def test_two_quick_changes_keep_both(open_page: Open) -> None:
    page = opened(open_page)
    acts.press_at_once(page, ".mrl-funnel .mrl-examples button:nth-child(2)", ".mrl-presets button")
    expect(page.locator("#mrl-levels-title [data-asked]")).to_have_text("a blue chair on grass")
    expect(page.locator(LEVELS)).to_have_count(1)


def test_the_cheapest_is_found_shown_on_the_frontier_and_looked_at(open_page: Open) -> None:
    page = opened(open_page)
    page.get_by_label("with a recall of at least").fill("0.9")
    page.click(".mrl-cheapest .mrl-go")
    options = page.locator(".mrl-options button")
    expect(options.first).to_be_visible()
    expect(page.locator("[data-plan-said]")).to_contain_text("with 95% confidence")
    settled(page)
    expect(page.locator(".mrl-options [aria-pressed=true]")).to_contain_text("chosen")
    assert page.locator(".mrl-chosen").count() == 1
    page.locator(".mrl-options button:has-text('exact, 512')").click()
    expect(page.locator(".mrl-funnel-way [data-said]")).to_have_text("512, an exact first stage")
    page.click(".mrl-frontier label:has-text('Multiply-adds')")
    page.click(".mrl-cheapest summary:has-text('Why')")
    expect(page.locator("[data-why] li").first).to_contain_text("To keep 90.0%")
    settled(page)
    page.click(".mrl-cheapest summary:has-text('Table')")
    rows = page.locator("[data-frontier-table] tbody tr")
    expect(rows).to_have_count(7 + options.count() + 1)
    with page.expect_download() as saved:
        page.locator("[data-frontier-table]").get_by_text("Save as CSV").click()
    assert len(Path(saved.value.path()).read_text().splitlines()) == rows.count() + 1
    with page.expect_download() as saved:
        page.locator("[data-frontier-table]").get_by_text("Save as JSON").click()
    assert json.loads(Path(saved.value.path()).read_text())["plan"]["target_recall"] == 0.9


def test_a_lost_look_at_a_plan_ends_nothing(open_page: Open) -> None:
    page = opened(open_page)
    asked: list[str] = []

    def lossy(route: Route) -> None:
        looks = "plan_status" in (route.request.post_data or "")
        asked.extend(["look"] * looks)
        if looks and len(asked) < 3:
            route.abort()
        else:
            route.continue_()

    page.route("**/component_server**", lossy)
    page.click(".mrl-cheapest .mrl-go")
    expect(page.locator("[data-plan-said]")).to_contain_text("The server does not answer; it is asked again")
    expect(page.locator(".mrl-options button").first).to_be_visible()
    assert len(asked) > 2
    settled(page)


@LOOKS
def test_everyone_can_use_it(open_page: Open, theme: str, width: int) -> None:
    page = opened(open_page, theme=theme, width=width, height=844)
    page.click(".mrl-presets >> text=Adaptive from 8")
    page.get_by_label("Dim of stage 1").select_option("3")  # some fall out
    settled(page)
    page.click(".mrl-cheapest .mrl-go")
    expect(page.locator(".mrl-options button").first).to_be_visible()
    settled(page)
    for summary in page.locator(".mrl-funnel summary:visible").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []
