"""Whatever a visitor gives the page, it says plainly what was wrong and goes on answering."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from mrl_demo.errors import CheckpointError
from mrl_demo.search.collection import Collection
from mrl_demo.ui.blocks import build_notice, build_ui
from mrl_demo.ui.encoder_holder import EncoderHolder
from tests.browser import acts
from tests.browser.conftest import Open
from tests.fakes import FakeEncoder
from tests.ui.serving import serve


def still_works(page: Page) -> None:
    page.click("text=a blue chair on grass")
    expect(page.locator("[data-asked]")).to_have_text("a blue chair on grass")
    expect(page.locator(".mrl-message")).to_have_text("")


def not_a_picture(path: Path) -> None:
    path.write_text("this is a letter, not a picture")


def truncated(path: Path) -> None:
    Image.effect_noise((300, 300), 60).save(path, "PNG")
    path.write_bytes(path.read_bytes()[:4000])


def enormous(path: Path) -> None:
    """A small PNG file that says it is 50,000 x 50,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(10_000)))
        + chunk(b"IEND", b"")
    )


def nothing(path: Path) -> None:
    path.write_bytes(b"")


def test_a_bad_upload_is_said_and_the_page_goes_on(open_page: Open, tmp_path: Path) -> None:
    page = open_page()
    before = acts.keys(page)
    for make in (not_a_picture, truncated, enormous, nothing):
        file = tmp_path / f"{make.__name__}.png"
        make(file)
        page.set_input_files('input[type="file"]', file)
        expect(page.locator('.mrl-message[data-tone="bad"]')).to_contain_text(file.name)
        assert acts.keys(page) == before
    still_works(page)


def test_a_dim_that_is_none_is_said(open_page: Open) -> None:
    page = open_page()
    for dim, got in (("0", "0"), ("513", "513"), ("-4", "-4"), ("7.5", "7.5"), ("", "nothing")):
        page.fill("#mrl-dim-any", dim)
        page.locator("#mrl-dim-any").dispatch_event("change")
        acts.expect_message(page, f"dim must be a whole number from 1 to 512, got {got}")
        assert acts.dim(page) == 32
    still_works(page)


def test_texts_that_are_none_too_long_or_foreign_are_said(open_page: Open) -> None:
    page = open_page()
    acts.search(page, "   ")
    acts.expect_message(page, "Type a few words")
    still_works(page)
    acts.search(page, ("red mug " * 1250)[:10_000])
    acts.expect_message(page, "only the first")
    assert len(acts.keys(page)) == 12
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
    acts.search(page, "eine rote Tasse 赤いマグ")
    acts.expect_message(page, "never seen in training")
    still_works(page)


def test_more_results_than_there_are_is_cut_and_said(open_page: Open) -> None:
    page = open_page()
    page.fill("#mrl-k", "500")
    page.press("#mrl-k", "Enter")
    acts.expect_message(page, "k = 500 is more than the collection has")
    assert len(acts.keys(page)) == 60
    page.fill("#mrl-k", "0")
    page.press("#mrl-k", "Enter")
    acts.expect_message(page, "k must be a whole number from 1 up")
    assert page.input_value("#mrl-k") == "60"
    still_works(page)


def test_without_a_checkpoint_examples_still_answer(open_page: Open, collection: Collection) -> None:
    def missing() -> FakeEncoder:
        raise CheckpointError("there is no checkpoint in checkpoints/nowhere")

    with serve(build_ui(collection, EncoderHolder(missing).start()), collection) as address:
        page = open_page(at=address)
        expect(page.locator(".mrl-encoder")).to_contain_text("there is no checkpoint in checkpoints/nowhere")
        acts.search(page, "a red mug")
        acts.expect_message(page, "there is no checkpoint")
        still_works(page)
        page.locator(".mrl-here .mrl-tile").nth(2).click()
        expect(page.locator(".mrl-asked img")).to_be_visible()
        page.close()


def test_a_server_that_went_away_is_said(open_page: Open, collection: Collection) -> None:
    with serve(build_ui(collection, EncoderHolder.of(FakeEncoder())), collection) as address:
        page = open_page(at=address)
    page.route("**/component_server*", lambda route: route.abort())
    acts.search(page, "a red mug")
    acts.expect_message(page, "The server did not answer")
    acts.to_dim(page, 31)
    assert acts.dim(page) == 512


def test_a_missing_collection_gives_a_page_that_says_what_to_do(open_page: Open) -> None:
    with serve(build_notice("There is no collection in assets/nowhere.", "Make one."), None) as address:
        page = open_page(at=address, ready=".mrl-notice")
        expect(page.locator(".mrl-notice")).to_contain_text("There is no collection in assets/nowhere.")
        expect(page.locator(".mrl-notice")).to_contain_text("Make one.")
        page.close()
