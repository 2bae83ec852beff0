"""A visitor in headless Chromium: opens the page, drags, searches, goes through the tabs; and what that took.

Times are taken in the page (`watch.js`), not here, so that the driver's own delays are not in them. Knows the
page's elements; holds nothing to a goal.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as Late

from tests.browser.acts import to_tab

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
WATCH = (Path(__file__).parent / "watch.js").read_text()
SHOWN = """() => {
  const pictures = [...document.querySelectorAll(".mrl-tiles img")];
  return pictures.length > 0 && pictures.every((picture) => picture.naturalWidth);
}"""
RANGE = "#mrl-dim-range"
STEP_MS = 40  # between two presses of a key that is held
CALM_MS = 600  # after which what an act set going is over
PATIENCE_MS = 120_000
SIZES = {1440: 1000, 390: 844}  # width to height of a window
THUMBNAIL = "/mrl/thumb/"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or the one that CHROMIUM names."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, address: str, width: int = 1440, theme: str = "light") -> Iterator[Page]:
    """The page in a window of its own with nothing in its cache, its first pictures shown, watched."""
    context = browser.new_context(viewport={"width": width, "height": SIZES[width]})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{address}/?__theme={theme}")
    page.wait_for_function(SHOWN)
    page.evaluate(WATCH)
    try:
        yield page
    finally:
        context.close()


def wait_for_encoder(page: Page) -> None:
    page.wait_for_selector('.mrl-encoder[data-state="ready"]')


def steps(page: Page, count: int) -> list[float]:
    """Move the slider by `count` key presses, to and fro over all stops; milliseconds from each to pixels."""
    page.focus(RANGE)
    page.keyboard.press("Home")
    page.wait_for_timeout(CALM_MS)
    page.evaluate("measured.steps.length = 0")
    last = int(page.get_attribute(RANGE, "max") or 1)
    for step in range(count):
        page.keyboard.press("ArrowRight" if step // last % 2 == 0 else "ArrowLeft")
        page.wait_for_timeout(STEP_MS)
    page.wait_for_timeout(CALM_MS)
    taken: list[float] = page.evaluate("measured.steps")
    if len(taken) != count:
        raise RuntimeError(f"the slider was moved {count} times, and {len(taken)} frames were seen")
    return taken


def requests_during(page: Page, act: Callable[[], object]) -> list[str]:
    """Addresses that the server is asked for while `act` runs, without what the browser's cache answers.

    (Chromium looks up the page's icon there whenever the page's address changes.)
    """
    asked: dict[str, str] = {}
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")

    def received(event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache"):
            asked.pop(event["requestId"], None)

    network.on(
        "Network.requestWillBeSent", lambda event: asked.update({event["requestId"]: event["request"]["url"]})
    )
    network.on("Network.requestServedFromCache", lambda event: asked.pop(event["requestId"], None))
    network.on("Network.responseReceived", received)
    act()
    page.wait_for_timeout(CALM_MS)
    network.detach()
    return list(asked.values())


@dataclass(frozen=True)
class Search:
    """Milliseconds from the press until the answer came, and until its last picture was drawn."""

    answered: float
    drawn: float


def ask_text(page: Page, text: str) -> Search:
    """Search for words, with Enter."""
    page.fill("#mrl-text", text)
    return _answer(page, text, lambda: page.press("#mrl-text", "Enter"))


def ask_picture(page: Page, file: Path) -> Search:
    """Search with a file, by choosing it."""
    return _answer(page, file.name, lambda: page.set_input_files('.mrl-search input[type="file"]', file))


def ask_example(page: Page, index: int) -> Search:
    """Search by pressing an example."""
    chip = page.locator(".mrl-examples button").nth(index)
    return _answer(page, chip.inner_text(), chip.click)


def _answer(page: Page, label: str, act: Callable[[], object]) -> Search:
    before = int(page.evaluate("measured.answers.length"))
    act()
    page.wait_for_function("(before) => measured.answers.length > before", arg=before)
    answer = page.evaluate("measured.answers.at(-1)")
    if answer["asked"] != label or answer["broken"]:
        said = page.locator(".mrl-search .mrl-message").inner_text()
        raise RuntimeError(f"asked for {label!r}, the page shows {answer} and says {said!r}")
    page.wait_for_timeout(CALM_MS)  # a visitor looks; what is fetched ahead arrives
    return Search(answer["answered"], answer["drawn"])


@dataclass(frozen=True)
class Shift:
    """The sum of layout shifts (as `PerformanceObserver` gives them, no unit), and how far what moved went at
    most: pixels to the right and down, by element. The browser names at most five elements a frame.
    """

    total: float
    moved: dict[str, tuple[int, int]]


def shift_during(page: Page, act: Callable[[], object]) -> Shift:
    """What moved while `act` ran."""
    page.wait_for_timeout(CALM_MS)
    page.evaluate("measured.shifts.length = 0")
    act()
    page.wait_for_timeout(CALM_MS)
    found = page.evaluate("measured.shifts")
    moved: dict[str, tuple[int, int]] = {}
    for each in (source for entry in found for source in entry["moved"]):
        way = round(each["right"]), round(each["down"])
        moved[each["element"]] = max(
            way, moved.get(each["element"], (0, 0)), key=lambda by: abs(by[0]) + abs(by[1])
        )
    return Shift(round(sum(entry["value"] for entry in found), 5), moved)


def weight(browser: Browser, address: str) -> list[dict[str, Any]]:
    """What a first visit transfers, headers included: `{kind, requests, bytes}` a kind, heaviest first."""
    requests: Counter[str] = Counter()
    transferred: Counter[str] = Counter()
    responses: dict[str, tuple[str, str]] = {}
    context = browser.new_context(viewport={"width": 1440, "height": SIZES[1440]})
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")

    def received(event: dict[str, Any]) -> None:
        responses[event["requestId"]] = (event["response"]["url"], event["response"]["mimeType"])

    def finished(event: dict[str, Any]) -> None:
        url, mime = responses.get(event["requestId"], ("", ""))
        if url.startswith("http"):
            requests[kind_of(url, mime)] += 1
            transferred[kind_of(url, mime)] += int(event["encodedDataLength"])

    network.on("Network.responseReceived", received)
    network.on("Network.loadingFinished", finished)
    page.goto(address, timeout=PATIENCE_MS)
    page.wait_for_function(SHOWN, timeout=PATIENCE_MS)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(CALM_MS)
    context.close()
    return [
        {"kind": kind, "requests": requests[kind], "bytes": size} for kind, size in transferred.most_common()
    ]


def kind_of(url: str, mime: str) -> str:
    """What a response is: "thumbnails", "scripts", "styles", "page", "fonts", "images", "data" or "other"."""
    if THUMBNAIL in url:
        return "thumbnails"
    for part, kind in (
        ("javascript", "scripts"),
        ("css", "styles"),
        ("html", "page"),
        ("font", "fonts"),
        ("image/", "images"),
        ("json", "data"),
        ("event-stream", "data"),
    ):
        if part in mime:
            return kind
    return "other"


def violations(page: Page, tabs: Sequence[str], patience_s: float) -> dict[str, list[str]]:
    """What axe-core finds on each tab: `rule: first element` of each violation.

    Details are opened first. A tab at work (the scale tab measures) is waited for, `patience_s` at most.
    """
    found = {}
    for tab in tabs:
        to_tab(page, tab)
        page.wait_for_selector(".mrl[aria-busy]:visible")
        page.wait_for_timeout(CALM_MS)
        try:
            page.wait_for_selector('.mrl[aria-busy="false"]:visible', timeout=patience_s * 1000)
        except Late:
            print(f"{tab} is still at work after {patience_s:.0f} s: looked at as it is", flush=True)
        page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
        page.wait_for_timeout(CALM_MS)
        rules = Axe().run(page).response["violations"]
        found[tab] = [f"{rule['id']}: {rule['nodes'][0]['target'][0]}" for rule in rules]
    return found
