"""A real Chromium (Debian's) and a page served to it. No Chromium is a failure, not a skip: see the
Makefile.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect, sync_playwright

from mrl_demo.collection import Pack
from mrl_demo.search.collection import Collection
from mrl_demo.ui.blocks import build_ui
from mrl_demo.ui.encoder_holder import EncoderHolder
from tests.fakes import FakeEncoder
from tests.ui.serving import serve

# Chromium in a container, and no requests of its own.
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]

Open = Callable[..., Page]
# Everything on the page is used in both themes, on a wide screen and on a phone.
LOOKS = pytest.mark.parametrize(
    ("theme", "width"), [("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390)]
)
READY = ".mrl-here .mrl-tile img"
PATIENCE_MS = 30_000  # for machines that do much else
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def chromium() -> Iterator[BrowserContext]:
    """One visitor's browser for all tests: what it has loaded once it need not load again."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    if not os.path.exists(program):
        pytest.fail("The page is tested in Chromium and there is none: `make browser` installs Debian's.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser.new_context()
        browser.close()


@pytest.fixture(scope="session")
def collection(small_pack: Pack) -> Collection:
    return Collection(small_pack)


@pytest.fixture(scope="session", autouse=True)
def uploads_apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = os.environ.get("GRADIO_TEMP_DIR")
    os.environ["GRADIO_TEMP_DIR"] = str(tmp_path_factory.mktemp("gradio"))
    yield
    if before is None:
        del os.environ["GRADIO_TEMP_DIR"]
    else:
        os.environ["GRADIO_TEMP_DIR"] = before


@pytest.fixture(scope="session")
def address(collection: Collection, uploads_apart: None) -> Iterator[str]:
    """The page with an encoder that is there from the start."""
    with serve(build_ui(collection, EncoderHolder.of(FakeEncoder())), collection) as address:
        yield address


class SlowEncoder:
    """A holder whose encoder comes when the test lets it."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.holder = EncoderHolder(self._load).start()

    def _load(self) -> FakeEncoder:
        assert self.go.wait(60)
        return FakeEncoder()


@pytest.fixture
def open_page(chromium: BrowserContext, address: str) -> Iterator[Open]:
    """Opens the page and waits until it has answered; afterwards there must have been no script error and no
    request to anyone but the page's own server."""
    pages: list[Page] = []
    wrong: list[str] = []

    def opened(
        width: int = 1440, height: int = 1000, theme: str = "light", at: str = "", ready: str = READY
    ) -> Page:
        own = at or address

        def watch(request: Request) -> None:
            if not request.url.startswith((own, "data:", "blob:")):
                wrong.append(f"request to {request.url}")

        page = chromium.new_page()
        pages.append(page)
        page.set_default_timeout(PATIENCE_MS)
        page.set_viewport_size({"width": width, "height": height})
        page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
        page.on("request", watch)
        page.goto(f"{own}/?__theme={theme}")
        page.wait_for_selector(ready)
        return page

    yield opened
    for page in pages:
        page.close()
    assert wrong == []
