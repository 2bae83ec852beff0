"""The search tab's main acts in Chromium: ask, drag, switch, click, upload."""

from __future__ import annotations

import base64
import io
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from mrl_demo.search.cascade import Cascade
from mrl_demo.search.collection import Collection
from mrl_demo.ui.blocks import build_ui
from tests.browser import acts
from tests.browser.conftest import LOOKS, Open, SlowEncoder
from tests.fakes import FakeEncoder, paint
from tests.ui.serving import serve


def test_the_page_comes_up_with_an_example_answered(open_page: Open, collection: Collection) -> None:
    page = open_page()
    example = collection.examples[0]
    hits = collection.search(example.embedding, Cascade.flat(32), k=12)
    assert acts.keys(page) == hits.keys.tolist()
    assert page.input_value("#mrl-text") == example.text
    expect(page.locator(".mrl-examples button").first).to_have_attribute("aria-pressed", "true")


def test_another_example_answers_with_its_own_pictures(open_page: Open, collection: Collection) -> None:
    page = open_page()
    page.click("text=a yellow cupcake on wood")
    expect(page.locator("[data-asked]")).to_have_text("a yellow cupcake on wood")
    hits = collection.search(collection.examples[2].embedding, Cascade.flat(32), k=12)
    assert acts.keys(page) == hits.keys.tolist()


@LOOKS
def test_every_step_of_the_slider_shows_that_dim_without_a_request(
    open_page: Open, collection: Collection, theme: str, width: int
) -> None:
    page = open_page(theme=theme, width=width)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    seen = {}
    last = int(page.get_attribute("#mrl-dim-range", "max") or 0)
    for stop in [*range(last, -1, -1), *range(last + 1)]:
        acts.to_dim(page, stop)
        seen[acts.dim(page)] = acts.keys(page)
    assert asked == []
    embedding = collection.examples[0].embedding
    for dim, keys in seen.items():
        assert keys == collection.search(embedding, Cascade.flat(dim), k=12).keys.tolist()
    assert len({tuple(keys) for keys in seen.values()}) > 5


def test_what_changed_against_full_dim_is_marked(open_page: Open) -> None:
    page = open_page()
    acts.to_dim(page, 3)
    here, full = acts.keys(page), acts.keys(page, "mrl-full")
    marks = page.locator(".mrl-here .mrl-mark").all_inner_texts()
    for rank, (key, mark) in enumerate(zip(here, marks, strict=True)):
        assert (mark == "new") == (key not in full)
        assert (mark == "kept") == (key == full[rank])
    lost = page.locator(".mrl-full .mrl-mark").all_inner_texts().count("lost")
    assert lost == len(set(full) - set(here)) > 0
    assert f"{12 - lost} of the 12 best" in acts.stat(page, "recall")
    acts.to_dim(page, int(page.get_attribute("#mrl-dim-range", "max") or 0))
    assert set(page.locator(".mrl-mark").all_inner_texts()) == {"kept"}
    assert acts.stat(page, "recall").split("\n")[1].startswith("1.00")


def test_nothing_moves_on_a_slider_step(open_page: Open) -> None:
    page = open_page()
    page.wait_for_timeout(300)
    before = page.evaluate(acts.PLACES)
    for stop in (0, 9, 20, 31):
        acts.to_dim(page, stop)
        assert page.evaluate(acts.PLACES) == before


def test_modes_and_first_stages_can_be_switched(open_page: Open) -> None:
    page = open_page()
    acts.to_dim(page, 7)
    flat = acts.stat(page, "recall")
    page.click(".mrl-mode >> text=Adaptive")
    expect(page.locator(".mrl-cascade")).to_contain_text("8 → 512")
    assert acts.dim(page) == 8 and acts.stat(page, "recall") > flat
    page.click(".mrl-mode >> text=Funnel")
    expect(page.locator(".mrl-cascade")).to_contain_text("8 → 16 → 32 → 64 → 128 → 256 → 512")
    page.click(".mrl-first >> text=HNSW")
    expect(page.locator('[data-stat="search"]')).to_contain_text("hnsw")
    page.click("summary:has-text('stage by stage')")
    assert page.locator(".mrl-steps tbody tr").count() == 7
    expect(page.locator(".mrl-steps tbody tr").first).to_contain_text("HNSW graph")


def test_two_quick_changes_keep_both(open_page: Open) -> None:
    page = open_page()
    acts.press_at_once(page, '.mrl-search [value="funnel"]', '.mrl-search [value="hnsw"]')
    expect(page.locator(".mrl-cascade")).to_contain_text("32 → 64 → 128 → 256 → 512")
    expect(page.locator('[data-stat="search"]')).to_contain_text("hnsw")
    acts.press_at_once(page, ".mrl-examples button:nth-child(2)", '.mrl-search [value="flat"]')
    expect(page.locator(".mrl-cascade")).not_to_contain_text("→")
    expect(page.locator("[data-asked]")).to_have_text("a blue chair on grass")
    expect(page.locator('.mrl-search [value="hnsw"]')).to_be_checked()


@LOOKS
def test_a_typed_text_is_searched(open_page: Open, theme: str, width: int) -> None:
    page = open_page(theme=theme, width=width)
    acts.search(page, "a green bottle on snow")
    expect(page.locator("[data-asked]")).to_have_text("a green bottle on snow")
    acts.to_dim(page, 31)
    expect(page.locator(".mrl-here .mrl-caption").first).to_contain_text("green bottle on snow")
    assert "0 ms" not in acts.stat(page, "encode").split("\n")[1:2]


def test_words_that_nothing_was_asked_with_yet_stand(open_page: Open) -> None:
    page = open_page()
    words = page.locator("#mrl-text")
    words.fill("a green")
    page.click(".mrl-mode >> text=Adaptive")
    expect(page.locator(".mrl-search .mrl-cascade")).to_contain_text("→")
    expect(words).to_have_value("a green")
    page.evaluate(acts.GIVE_PICTURE, ["drop", picture("white"), ""])
    expect(page.locator("[data-asked]")).to_have_text("by-drop.png")
    expect(words).to_have_value("a green")  # perhaps to join the picture
    page.click("text=a blue chair on grass")
    expect(words).to_have_value("a blue chair on grass")


def test_a_result_clicked_is_searched_with(open_page: Open) -> None:
    page = open_page()
    tile = page.locator(".mrl-here .mrl-tile").nth(4)
    key, caption = acts.keys(page)[4], tile.locator(".mrl-caption").inner_text()
    tile.click()
    expect(page.locator("[data-asked]")).to_have_text(caption)
    expect(page.locator(".mrl-asked img")).to_be_visible()
    assert acts.keys(page)[0] == key


def test_a_picture_can_be_uploaded(open_page: Open, tmp_path: Path) -> None:
    page = open_page()
    paint("purple", "table", "marble", "warm").save(tmp_path / "mine.png")
    page.set_input_files('input[type="file"]', tmp_path / "mine.png")
    expect(page.locator("[data-asked]")).to_have_text("mine.png")
    acts.to_dim(page, 31)
    expect(page.locator(".mrl-here .mrl-caption").first).to_contain_text("purple table on marble")


def test_a_picture_can_be_dropped_and_pasted(open_page: Open) -> None:
    page = open_page()
    for way, colour in (("drop", "white"), ("paste", "blue")):
        page.evaluate(acts.GIVE_PICTURE, [way, picture(colour), ""])
        expect(page.locator("[data-asked]")).to_have_text(f"by-{way}.png")
        acts.to_dim(page, 31)
        expect(page.locator(".mrl-here .mrl-caption").first).to_contain_text(f"{colour} mug on grass")


def picture(colour: str) -> str:
    """A painted mug, as `acts.GIVE_PICTURE` takes it."""
    data = io.BytesIO()
    paint(colour, "mug", "grass", "warm").save(data, "PNG")
    return base64.b64encode(data.getvalue()).decode()


def test_what_is_pasted_elsewhere_or_as_words_is_not_searched(open_page: Open) -> None:
    page = open_page()
    uploads: list[str] = []
    page.on("request", lambda request: uploads.append(request.url) if "/upload" in request.url else None)
    page.evaluate(acts.GIVE_PICTURE, ["paste", picture("blue"), "cells of a table"])
    acts.to_tab(page, "Funnel")
    page.evaluate(acts.GIVE_PICTURE, ["paste", picture("blue"), ""])
    page.wait_for_timeout(500)
    assert uploads == []
    expect(page.locator(".mrl-search [data-asked]")).to_have_text("a red mug")


def test_an_upload_that_comes_after_another_query_is_dropped(open_page: Open) -> None:
    page = open_page()
    held: list[Route] = []
    page.route("**/upload*", lambda route: held.append(route))
    page.evaluate(acts.GIVE_PICTURE, ["drop", picture("blue"), ""])
    acts.expect_message(page, "Uploading by-drop.png")
    page.click("text=a blue chair on grass")
    expect(page.locator("[data-asked]")).to_have_text("a blue chair on grass")
    held[0].continue_()
    page.wait_for_timeout(700)
    expect(page.locator("[data-asked]")).to_have_text("a blue chair on grass")


def test_any_whole_dim_can_be_typed(open_page: Open, collection: Collection) -> None:
    page = open_page()
    page.fill("#mrl-dim-any", "77")
    page.press("#mrl-dim-any", "Enter")
    expect(page.locator(".mrl-dim-now")).to_have_text("77")
    hits = collection.search(collection.examples[0].embedding, Cascade.flat(77), k=12)
    assert acts.keys(page) == hits.keys.tolist()
    expect(page.locator(".mrl-dim-of")).to_contain_text("between trained dims")


def test_charts_follow_the_slider_and_have_tables(open_page: Open) -> None:
    page = open_page()
    acts.to_dim(page, 31)
    assert page.locator(".mrl-you-text").all_text_contents() == ["here: 512"] * 3
    memory = page.locator(".mrl-chart").nth(2)
    expect(memory.locator(".mrl-legend b").first).to_have_text("1,024 B")
    memory.locator("summary").click()
    expect(memory.locator("tbody tr").nth(31)).to_be_attached()
    expect(memory.locator("tr.mrl-at th")).to_have_text("512")
    with page.expect_download() as saved:
        memory.locator("text=Save as CSV").click()
    lines = Path(saved.value.path()).read_text().splitlines()
    assert lines[0].startswith("dim,Flat") and lines[-1].startswith("512,1024")


def test_a_search_waits_for_the_encoder_and_then_runs(open_page: Open, collection: Collection) -> None:
    slow = SlowEncoder()
    with serve(build_ui(collection, slow.holder), collection) as address:
        page = open_page(at=address)
        acts.search(page, "a red mug")
        acts.expect_message(page, "The encoder is still loading")
        page.click("text=a blue chair on grass")  # meanwhile examples answer
        expect(page.locator("[data-asked]")).to_have_text("a blue chair on grass")
        acts.search(page, "a white table")
        acts.expect_message(page, "still loading")
        page.click(".mrl-mode >> text=Adaptive")  # changes how, not what
        slow.go.set()
        expect(page.locator("[data-asked]")).to_have_text("a white table")
        expect(page.locator(".mrl-cascade")).to_contain_text("→ 512")
        expect(page.locator(".mrl-encoder")).to_have_attribute("data-state", "ready")
        page.close()


def test_captions_are_text_never_markup(open_page: Open, collection: Collection) -> None:
    page: Page = open_page()
    acts.search(page, "<img src=x onerror=document.title='caught'> mug")
    expect(page.locator("[data-asked]")).to_contain_text("<img src=x")
    assert page.title() != "caught"
    assert FakeEncoder().name in page.locator(".mrl-encoder").inner_text()
