"""The tab of evidence in Chromium: choose a report and a panel, read dims, save; the paper's beside ours."""

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

RESULTS = Path(__file__).resolve().parents[2] / "assets/results"


@pytest.fixture(scope="module")
def evidence_address(collection: Collection, uploads_apart: None) -> Iterator[str]:
    """The page with the result files that are shipped."""
    page = build_ui(collection, EncoderHolder.of(FakeEncoder()), evidence=RESULTS)
    with serve(page, collection) as address:
        yield address


@pytest.fixture
def open_evidence(open_page: Open, evidence_address: str) -> Open:
    def opened(**how: object) -> Page:
        page = open_page(at=evidence_address, **how)
        acts.to_tab(page, "Evidence")
        expect(page.locator(".mrl-report")).to_be_visible()
        return page

    return opened


@LOOKS
def test_the_first_report_shows_ours_beside_the_paper_s(open_evidence: Open, theme: str, width: int) -> None:
    page = open_evidence(theme=theme, width=width)
    made = json.loads((RESULTS / "still-life.json").read_text())
    expect(page.locator("#mrl-report-title")).to_have_text("Search by caption")
    expect(page.locator(".mrl-ours h3 small")).to_have_text("Measured here")
    expect(page.locator(".mrl-theirs").first).to_contain_text("The paper's figures: ImageNet-1K")
    expect(page.locator(".mrl-made")).to_contain_text(made["command"])
    expect(page.locator(".mrl-made")).to_contain_text(made["commit"])
    expect(page.locator(".mrl-made")).to_contain_text(made["hardware"]["cpu"])
    assert page.locator(".mrl-ours svg[role='img'] path.mrl-curve").count() >= 3


def test_every_panel_of_every_report_has_a_table(open_evidence: Open) -> None:
    page = open_evidence()
    for button in page.locator(".mrl-reports button").all():
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(page.locator("#mrl-report-title")).to_have_text(button.inner_text())
        panels = page.locator("#mrl-panel option").count()
        for panel in {0, panels - 1}:
            if panels > 1:
                page.select_option("#mrl-panel", index=panel)
            assert page.locator(".mrl-beside > section").first.locator("tbody tr").count() > 0


def test_a_dim_pointed_at_in_one_chart_is_read_in_the_other(open_evidence: Open) -> None:
    page = open_evidence()
    chart = page.locator(".mrl-ours svg[role='img']")
    box = chart.bounding_box()
    assert box is not None
    chart.click(position={"x": box["width"] - 14, "y": box["height"] / 2})
    assert page.locator(".mrl-ours .mrl-you-text").text_content() == "here: 512"
    assert page.locator(".mrl-theirs .mrl-you-text").first.text_content() == "here: 512"


def test_a_chart_begins_and_ends_where_its_figures_do(open_evidence: Open) -> None:
    page = open_evidence()
    page.get_by_role("button", name="MRL against fixed sizes", exact=True).click()
    expect(page.locator("#mrl-report-title")).to_have_text("MRL against fixed sizes")
    made = json.loads((RESULTS / "compare-tiny-imagenet.json").read_text())
    most = max(100 * row["value"] for row in made["scores"] if row["metric"] == "top_1")
    labels = page.locator(".mrl-ours svg[role='img'] > text:not(.mrl-you-text)").all_text_contents()
    top = max(int(label) for label in labels[:5])
    assert most <= top < 2 * most and "8" in labels and "1" not in labels


def test_a_panel_is_saved_as_csv_and_json(open_evidence: Open) -> None:
    page = open_evidence()
    page.click("text=What each prefix knows")
    expect(page.locator("#mrl-report-title")).to_have_text("What each prefix knows")
    ours = page.locator(".mrl-ours")
    with page.expect_download() as saved:
        ours.get_by_text("Save as CSV").click()
    assert saved.value.suggested_filename == "probes-accuracy-linear-probe.csv"
    assert Path(saved.value.path()).read_text().startswith("dim,")
    with page.expect_download() as saved:
        ours.get_by_text("Save as JSON").click()
    held = json.loads(Path(saved.value.path()).read_text())
    assert held["command"] == "python -m mrl_demo probes" and held["rows"][0]["dim"] == 2


def test_a_server_that_went_away_is_said(open_evidence: Open) -> None:
    page = open_evidence()
    page.route("**/component_server**", lambda route: route.abort())
    page.click("text=Published figures")
    expect(page.locator(".mrl-evidence .mrl-message")).to_contain_text("The server did not answer")
    expect(page.locator("#mrl-report-title")).to_have_text("Search by caption")


def test_what_did_not_load_is_tried_again(open_page: Open, evidence_address: str) -> None:
    page = open_page(at=evidence_address)
    page.route("**/component_server**", lambda route: route.abort())
    acts.to_tab(page, "Evidence")
    expect(page.locator(".mrl-evidence .mrl-message")).to_contain_text("The server did not answer")
    page.unroute("**/component_server**")
    page.click(".mrl-evidence [data-again]")
    expect(page.locator("#mrl-report-title")).to_have_text("Search by caption")
    expect(page.locator(".mrl-evidence [data-again]")).to_be_hidden()


@LOOKS
def test_no_accessibility_violation_and_no_sideways_scrolling(
    open_evidence: Open, theme: str, width: int
) -> None:
    page = open_evidence(width=width, height=844, theme=theme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []
