"""The scale tab: whoever looks first sets the smallest size going; tables, charts, exports, both themes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from mrl_demo.evaluation import scale
from mrl_demo.search.collection import Collection
from mrl_demo.ui.scale_tab import scale_tab
from mrl_demo.ui.scales import Scales
from tests.browser.conftest import LOOKS, Open
from tests.ui.serving import serve

READY = ".mrl-scale .mrl-sizes label"
PLACES = """() => [...document.querySelectorAll(".mrl-scale-bar, .mrl-measured, .mrl-chart")].map((part) => {
  const box = part.getBoundingClientRect();
  return [box.x, box.y, box.width, box.height].map(Math.round).join();
})"""


@pytest.fixture(scope="module")
def scales(collection: Collection) -> Scales:
    return Scales(collection, (400, 600))


@pytest.fixture(scope="module")
def scale_address(scales: Scales, collection: Collection) -> Iterator[str]:
    """A page of this tab alone."""
    page: gr.Blocks
    with gr.Blocks(analytics_enabled=False) as page:
        scale_tab(scales)
    with serve(page, collection) as address:
        yield address


@pytest.fixture(scope="module")
def measured(scales: Scales) -> Scales:
    """Both sizes."""
    for size in scales.sizes:
        scales.wait(60)
        scales.measure(size)
        scales.wait(60)
    return scales


def cells(page: Page, row: int) -> list[str]:
    return page.locator(".mrl-measured tbody tr").nth(row).locator("th, td").all_inner_texts()


def test_the_first_look_measures_the_smallest_size_and_nothing_moves(
    open_page: Open, scale_address: str
) -> None:
    page = open_page(at=scale_address, ready=READY)
    assert cells(page, 0)[1] == "Flat" and page.locator(".mrl-measured tbody tr").count() == 8
    before = page.evaluate(PLACES)
    expect(page.locator("[data-made]")).to_contain_text("Measured on this machine")
    expect(page.locator(".mrl-message")).to_contain_text("400 vectors were measured.")
    assert cells(page, 0)[2] == "1" and float(cells(page, 2)[3]) > 0
    assert [place.split(",")[:2] for place in page.evaluate(PLACES)][:2] == [
        place.split(",")[:2] for place in before
    ][:2]
    expect(page.locator("[data-go]")).to_be_disabled()


def test_another_size_is_measured_when_asked(open_page: Open, scale_address: str) -> None:
    page = open_page(at=scale_address, ready=READY)
    page.click(".mrl-sizes label >> nth=1")
    expect(page.locator("[data-drawn]")).to_contain_text(
        "160 of the collection's own vectors and 440 simulated"
    )
    if page.locator("[data-go]").is_enabled():
        page.click("[data-go]")
    expect(page.locator("[data-made]")).to_contain_text("Measured on this machine")
    assert cells(page, 0)[2] == "1"


def test_what_is_left_out_of_a_size_is_said(
    open_page: Open, collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scale, "GRAPH_MOST", 500)
    blocks: gr.Blocks
    with gr.Blocks(analytics_enabled=False) as blocks:
        scale_tab(Scales(collection, (400, 600)))
    with serve(blocks, collection) as address:
        page = open_page(at=address, ready=READY)
        drawn = page.locator("[data-drawn]")
        expect(drawn).not_to_contain_text("Left out")
        page.click(".mrl-sizes label >> nth=1")
        expect(drawn).to_contain_text("take long to build: HNSW, re-ranked, HNSW at all dims.")
        expect(page.locator(".mrl-measured tbody tr")).to_have_count(6)
        page.close()


def test_figures_have_tables_and_are_saved(open_page: Open, measured: Scales, scale_address: str) -> None:
    page = open_page(at=scale_address, ready=READY)
    expect(page.locator("[data-recall] circle")).to_have_count(8)
    expect(page.locator("[data-growth] path")).to_have_count(8)
    expect(page.locator(".mrl-bars div")).to_have_count(4)
    page.click("[data-growth-table] summary")
    heads = page.locator("[data-growth-table] th[scope=col]")
    expect(heads).to_have_count(3)  # the table is drawn when it is opened
    assert heads.all_inner_texts()[1:] == ["400 vectors", "600 vectors"]
    with page.expect_download() as saved:
        page.locator(".mrl-measured").get_by_text("Save as CSV").click()
    lines = Path(saved.value.path()).read_text().splitlines()
    assert lines[0].startswith("#,way,recall,p50 ms") and lines[1].startswith("1,Flat,1,") and len(lines) == 9
    with page.expect_download() as saved:
        page.locator(".mrl-measured").get_by_text("Save as JSON").click()
    assert '"commit"' in Path(saved.value.path()).read_text()


@LOOKS
def test_no_accessibility_violation_and_no_sideways_scrolling(
    open_page: Open, measured: Scales, scale_address: str, theme: str, width: int
) -> None:
    page = open_page(width=width, height=844, theme=theme, at=scale_address, ready=READY)
    expect(page.locator("[data-growth] path")).to_have_count(8)
    for name in ("growth", "databases"):
        page.click(f"[data-{name}-table] summary")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page, options={"rules": {"page-has-heading-one": {"enabled": False}}})
    violations = found.response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in violations] == []
