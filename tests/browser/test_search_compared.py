"""The search tab as an instrument: words with a picture, dims side by side, what fell where, filters,
history, addresses, keys, and a page that says when nothing matches.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from mrl_demo.collection import Pack
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.collection import Collection
from mrl_demo.search.engine import Engine
from mrl_demo.ui import graphs
from mrl_demo.ui.blocks import build_ui
from mrl_demo.ui.encoder_holder import EncoderHolder
from tests.browser import acts
from tests.browser.conftest import LOOKS, Open
from tests.fakes import FakeEncoder, paint
from tests.ui.serving import serve

HERE = ".mrl-search .mrl-here"


def asked(page: Page) -> str:
    return page.locator(".mrl-search [data-asked]").inner_text()


def expect_asked(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.locator(".mrl-search [data-asked]")).to_have_text(text)


def restored(open_page: Open, address: str, at: str) -> Page:
    """A page that another visitor opens at the address `at` of `address`."""
    page = open_page()
    page.goto(f"{address}/?{at.split('?')[1]}")
    page.wait_for_selector(f"{HERE} .mrl-tile img", state="attached")
    return page


def test_words_typed_beside_a_picture_are_joined_with_it(open_page: Open, collection: Collection) -> None:
    page = open_page()
    page.locator(f"{HERE} .mrl-tile").nth(2).click()
    expect(page.locator(".mrl-search .mrl-asked img")).to_be_visible()
    expect(page.locator("#mrl-weight")).to_be_hidden()
    key = acts.keys(page)[0]
    acts.search(page, "a yellow cupcake")
    expect_asked(page, re.compile("^a yellow cupcake \\+ "))
    page.locator("#mrl-weight").evaluate(
        "(range) => { range.value = 0; range.dispatchEvent(new Event('change', {bubbles: true})); }"
    )
    words = collection.search(FakeEncoder().encode_text("a yellow cupcake"), Cascade.flat(32), k=12)
    expect(page.locator(f"{HERE} .mrl-tile img >> nth=0")).to_have_attribute(
        "src", re.compile(f"/{words.keys[0]}.webp")
    )
    assert "weight=0" in page.url and f"item={key}" in page.url
    page.click('[aria-label="Remove the picture"]')
    expect_asked(page, "a yellow cupcake")


def test_every_trained_dim_can_be_seen_side_by_side(open_page: Open, collection: Collection) -> None:
    page = open_page()
    page.click("text=All dims")
    rows = page.locator(".mrl-dims .mrl-row")
    expect(rows).to_have_count(1 + len(collection.nested_dims))
    embedding = collection.examples[0].embedding
    for index, dim in enumerate(collection.nested_dims, start=1):
        hits = collection.search(embedding, Cascade.flat(dim), k=12)
        row = rows.nth(index)
        shown = row.locator(".mrl-mini").evaluate_all("(all) => all.map((one) => Number(one.dataset.key))")
        assert shown == hits.keys.tolist()
        assert float(row.locator(".mrl-mini span").first.inner_text()) == pytest.approx(
            hits.scores[0], abs=2e-3
        )
    acts.to_dim(page, 2)
    expect(rows.first.locator("b")).to_have_text("3")
    rows.nth(2).locator(".mrl-row-dim").click()
    assert acts.dim(page) == 16
    rows.nth(3).locator(".mrl-mini").first.hover()
    key = rows.nth(3).locator(".mrl-mini").first.get_attribute("data-key")
    assert page.locator(f'.mrl-mini.mrl-same:not([data-key="{key}"])').count() == 0
    assert page.locator(".mrl-mini.mrl-same").count() > 1


def test_a_lost_picture_says_where_it_fell(open_page: Open) -> None:
    page = open_page()
    acts.to_dim(page, 1)
    lost = page.locator('.mrl-full .mrl-tile[data-mark="lost"]')
    expect(lost.first.locator(".mrl-why")).to_have_text(re.compile(r"^rank \d+ at 2 dims, 12 shown$"))
    page.click(".mrl-mode >> text=Adaptive")
    expect(lost.first.locator(".mrl-why")).to_have_text(
        re.compile(r"^fell outside the shortlist: rank \d+ at 2 dims, 64 passed$")
    )
    assert "lost: fell outside the shortlist" in (lost.first.get_attribute("aria-label") or "")


def test_filters_narrow_the_search_and_come_off_again(open_page: Open) -> None:
    page = open_page()
    page.click('[data-opens="filters"]')
    colour = menu(page, "colour")
    green = colour.locator("option", has_text="green").text_content() or ""
    colour.select_option(label=green)
    expect_asked(page, "a red mug · colour green")
    assert all("green" in text for text in page.locator(f"{HERE} .mrl-caption").all_text_contents())
    expect(page.locator('[data-opens="filters"]')).to_have_text("Filter: 1 on")
    expect(page.locator(".mrl-search .mrl-cascade")).to_contain_text(
        f"{re.search(r'[0-9]+', green).group()} pictures"  # type: ignore[union-attr]
    )
    page.click("text=Take all off")
    expect_asked(page, "a red mug")
    expect(colour).to_have_value("")


def menu(page: Page, column: str) -> Locator:
    """The menu of a filter; the panel of filters is open."""
    return page.locator("#mrl-filters label", has_text=re.compile(f"^{column}")).locator("select")


def choose(page: Page, column: str, value: str) -> None:
    label = menu(page, column).locator("option", has_text=re.compile(f"^{value} ")).text_content() or ""
    menu(page, column).select_option(label=label)


def test_a_filter_that_leaves_few_does_not_cut_k_for_good(open_page: Open) -> None:
    page = open_page()
    page.click('[data-opens="filters"]')
    choose(page, "colour", "green")
    choose(page, "category", "mug")
    tiles = page.locator(f"{HERE} .mrl-tile")
    expect(tiles).to_have_count(5)
    acts.expect_message(page, "The filter leaves 5: showing 5.")
    expect(page).to_have_url(re.compile("k=12"))
    page.click("text=Take all off")
    expect(tiles).to_have_count(12)
    expect(page.locator("#mrl-k")).to_have_value("12")


def test_a_filter_that_is_refused_leaves_the_menus(open_page: Open) -> None:
    page = open_page()
    page.click('[data-opens="filters"]')
    choose(page, "light", "cold")
    expect_asked(page, "a red mug · light cold")
    choose(page, "setting", "snow")
    acts.expect_message(page, "No picture has setting snow and light cold at once")
    expect(menu(page, "setting")).to_have_value("")
    choose(page, "colour", "green")
    expect_asked(page, "a red mug · colour green, light cold")


def test_the_address_restores_query_dim_mode_and_filters(open_page: Open, address: str) -> None:
    page = open_page()
    acts.search(page, "a green bottle on snow")
    expect_asked(page, "a green bottle on snow")
    page.click(".mrl-mode >> text=Funnel")
    expect(page.locator(".mrl-search .mrl-cascade")).to_contain_text("→ 512")
    acts.to_dim(page, 7)
    expect(page).to_have_url(re.compile("q=a\\+green\\+bottle.*dim=8.*mode=funnel"))
    other = restored(open_page, address, page.url + "&f.colour=green")
    expect_asked(other, "a green bottle on snow · colour green")
    assert acts.dim(other) == 8
    expect(other.locator('input[value="funnel"]')).to_be_checked()
    assert all("green" in text for text in other.locator(f"{HERE} .mrl-caption").all_text_contents())


def test_a_wrong_address_is_said_and_the_page_still_answers(open_page: Open, address: str) -> None:
    page = restored(open_page, address, "x?dim=9000&q=a+red+mug")
    acts.expect_message(page, "dim must be a whole number from 1 to 512, got '9000'")
    assert len(acts.keys(page)) == 12


def test_a_view_that_there_is_not_still_shows_the_page(open_page: Open, address: str) -> None:
    page = restored(open_page, address, "x?view=anything&q=a+blue+chair+on+grass")
    expect_asked(page, "a blue chair on grass")
    expect(page.locator('.mrl-view [value="two"]')).to_be_checked()
    expect(page.locator(f"{HERE} .mrl-tile").first).to_be_visible()


def test_back_returns_to_one_s_own_picture(open_page: Open, tmp_path: Path) -> None:
    page = open_page()
    for colour in ("purple", "white"):
        paint(colour, "table", "marble", "warm").save(tmp_path / f"{colour}.png")
        page.set_input_files('.mrl-search input[type="file"]', tmp_path / f"{colour}.png")
        expect_asked(page, f"{colour}.png")
    page.click("text=a blue chair on grass")
    expect_asked(page, "a blue chair on grass")
    for before in ("white.png", "purple.png", "a red mug"):
        page.go_back()
        expect_asked(page, before)


def test_back_returns_to_the_query_before(open_page: Open) -> None:
    page = open_page()
    page.click("text=a blue chair on grass")
    expect_asked(page, "a blue chair on grass")
    page.click("text=a yellow cupcake on wood")
    expect_asked(page, "a yellow cupcake on wood")
    page.go_back()
    expect_asked(page, "a blue chair on grass")
    page.go_back()
    expect_asked(page, "a red mug")


def test_graphs_that_are_missing_are_counted_and_then_searched(
    open_page: Open, small_pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphs, "MOST_ITEMS", 199)
    go, index = threading.Event(), Engine.index

    def held(self: Engine, dim: int) -> object:
        assert go.wait(60)
        return index(self, dim)

    own = Collection(small_pack)
    with serve(build_ui(own, EncoderHolder.of(FakeEncoder())), own) as address:
        page = open_page(at=address)
        with monkeypatch.context() as slowed:
            slowed.setattr(Engine, "index", held)
            page.click('.mrl-search label:has([value="hnsw"])')
            expect(page.locator(".mrl-message")).to_contain_text("Graphs for HNSW are being built: 0 of")
            go.set()
            acts.settled(page)
        expect(page.locator('.mrl-search [value="hnsw"]')).to_be_checked()
        expect(page.locator(".mrl-message")).not_to_contain_text("Graphs")
        page.close()


def test_earlier_searches_can_be_asked_again(open_page: Open) -> None:
    page = open_page()
    page.click("text=a blue chair on grass")
    expect_asked(page, "a blue chair on grass")
    page.locator(f"{HERE} .mrl-tile").nth(3).click()
    expect(page.locator(".mrl-search .mrl-asked img")).to_be_visible()
    page.click('[data-opens="past"]')
    past = page.locator("#mrl-past li button")
    expect(past.first.locator("img")).to_be_visible()
    page.locator("#mrl-past li button", has_text="a blue chair on grass").click()
    expect_asked(page, "a blue chair on grass")
    expect(past.first).to_contain_text("a blue chair on grass")
    page.focus("#mrl-past li button >> nth=0")
    page.keyboard.press("Escape")
    expect(page.locator("#mrl-past")).to_be_hidden()


def test_slash_goes_to_the_query_and_arrows_move_the_dim(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("ArrowRight")
    assert acts.dim(page) == 40
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert acts.dim(page) == 28
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "mrl-text"
    page.keyboard.type("a/b")
    page.keyboard.press("ArrowLeft")
    assert page.input_value("#mrl-text") == "a/b" and acts.dim(page) == 28


@pytest.fixture(scope="module")
def judged(collection: Collection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page whose collection has cut-offs: so high that hardly a hit passes."""
    folder = tmp_path_factory.mktemp("evidence")
    numbers = {"cosine": [1.1] * 512, "right_pass": [0.95] * 512, "wrong_pass": [0.2] * 512}
    data = {"name": collection.name, "count": len(collection)}
    measured = {"data": data, "model": dict(collection.model), "scores": []}
    known = {**measured, "cut_offs": {"text": numbers}, "lift": {"text": 0.1}}
    (folder / "cut-off.json").write_text(json.dumps(known))
    page = build_ui(collection, EncoderHolder.of(FakeEncoder()), evidence=folder)
    with serve(page, collection) as address:
        yield address


@LOOKS
def test_no_good_match_is_said_instead_of_nonsense(
    open_page: Open, judged: str, width: int, theme: str
) -> None:
    page = open_page(at=judged, width=width, theme=theme, ready=".mrl-search .mrl-mode")
    acts.search(page, "a")
    none = page.locator(".mrl-here .mrl-none")
    expect(none).to_contain_text("No good match")
    expect(page.locator(f"{HERE} .mrl-tile").first).to_be_hidden()
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []
    none.locator("button").click()
    expect(page.locator(f"{HERE} .mrl-tile").first).to_be_visible()
    expect(page.locator("#mrl-cut")).not_to_be_checked()
    expect(page).to_have_url(re.compile("cut=off"))


def test_no_good_match_among_what_a_filter_leaves_says_so(open_page: Open, judged: str) -> None:
    page = open_page(at=judged, ready=".mrl-search .mrl-mode")
    page.click('[data-opens="filters"]')
    choose(page, "colour", "green")
    expect(page.locator(".mrl-here .mrl-none")).to_contain_text("The nearest picture that the filter leaves")


@LOOKS
def test_what_opens_is_accessible(open_page: Open, width: int, theme: str) -> None:
    page = open_page(width=width, theme=theme)
    page.click("text=All dims")
    page.click('[data-opens="filters"]')
    page.click('[data-opens="past"]')
    page.locator("#mrl-text").fill("a red mug")
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []
