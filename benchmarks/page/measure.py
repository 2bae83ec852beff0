"""The page's measures: start the app as its users do, visit it in headless Chromium, hold it to its goals.

python -m benchmarks.page.measure [--quick] [--out FILE]

Writes assets/results/page.json; with --quick (few rounds, not to be quoted) .work/page.json. Wants a quiet
machine.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import Browser, Page

from benchmarks.page import calls, chromium, questions, served
from benchmarks.page.figures import Row, held_to, spread, table, timed, write
from mrl_demo.collection import Pack

RESULT = served.ROOT / "assets/results/page.json"
QUICK_RESULT = served.ROOT / ".work/page.json"
PACK = served.ROOT / "assets/still-life"
MODES = ("Flat", "Adaptive", "Funnel")
THEMES = ("light", "dark")
SEED = 0
WHAT = (
    "Chromium on the machine that serves. Slider: from the input event to the end of the frame that shows "
    "the step, 1440 x 1000, 12 results, thumbnails cached. Searches: from Enter, the press or the chosen "
    "file to the end of the frame that shows the last picture of both grids, thumbnails fetched where "
    "they are new. First searches: as soon as the page is up, in a browser with nothing in its cache; of a "
    "server just started, words as soon as the page says that the encoder is ready. Words and pictures "
    "(JPEG, 1024 x 1024) were never asked before. Shifts count those after a key press too, in all three "
    "modes. Weight is what is transferred, headers included."
)


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    starts: int = 5
    steps: int = 186
    texts: int = 60
    pictures: int = 40
    axe_widths: tuple[int, ...] = tuple(chromium.SIZES)
    axe_patience_s: float = 240


QUICK = Effort(starts=1, steps=31, texts=5, pictures=4, axe_widths=(390,), axe_patience_s=1)


def first_searches(browser: Browser, effort: Effort) -> list[Row]:
    """The first search of a server just started: by an example, then (of another server) by words."""
    text = next(questions.texts(Pack.open(PACK), SEED + 1))
    examples, texts = [], []
    for _ in range(effort.starts):
        with served.started() as app, chromium.opened(browser, app.address) as page:
            examples.append(chromium.ask_example(page, 1))
        with served.started() as app, chromium.opened(browser, app.address) as page:
            chromium.wait_for_encoder(page)
            texts.append(chromium.ask_text(page, text))
        print(
            f"first searches: example {examples[-1].drawn:.0f} ms, words {texts[-1].drawn:.0f} ms", flush=True
        )
    return [
        drawn("First search of a server just started, by an example", examples, "max", 300),
        drawn("First search of a server whose encoder is just ready, by words", texts, "max", 300),
    ]


def new_visitors(browser: Browser, address: str, effort: Effort) -> list[Row]:
    """The first search of a visitor who has never been here, on a server that is up."""
    texts = questions.texts(Pack.open(PACK), SEED + 2)
    by_example, by_text = [], []
    for _ in range(effort.starts):
        with chromium.opened(browser, address) as page:
            by_example.append(chromium.ask_example(page, 1))
        with chromium.opened(browser, address) as page:
            by_text.append(chromium.ask_text(page, next(texts)))
    return [
        drawn("First search of a new visitor, by an example", by_example, "max", 300),
        drawn("First search of a new visitor, by words", by_text, "max", 300),
    ]


def drawn(measure: str, searches: Sequence[chromium.Search], held: str, goal: float) -> Row:
    """A row of searches until the last picture is drawn; how long the answer alone took stands at its end."""
    row = timed(measure, [search.drawn for search in searches], held, goal)
    return row | {"answer p50": spread([search.answered for search in searches])["p50"]}


def slider(page: Page, effort: Effort) -> list[Row]:
    """Steps to pixels, and requests meanwhile, whose addresses are printed."""
    chromium.steps(
        page, 2 * int(page.get_attribute(chromium.RANGE, "max") or 1)
    )  # every thumbnail decoded once
    taken: list[float] = []
    asked = chromium.requests_during(page, lambda: taken.extend(chromium.steps(page, effort.steps)))
    for address in asked:
        print(f"asked for while the slider moved: {address}", flush=True)
    return [
        timed("A slider step to pixels", taken, "p95", 50),
        held_to("Requests while the slider moves", "count", len(asked), "requests", 0, effort.steps),
    ]


def searches(page: Page, effort: Effort, folder: Path) -> list[Row]:
    """New words, then new pictures (words beside a picture would be a question of both)."""
    pack = Pack.open(PACK)
    texts = questions.texts(pack, SEED)
    files = questions.picture_files(pack, SEED, effort.pictures, folder)
    by_text = [chromium.ask_text(page, next(texts)) for _ in range(effort.texts)]
    by_picture = [chromium.ask_picture(page, file) for file in files]
    return [
        drawn("A new search by words", by_text, "p50", 150),
        drawn("A search by a new picture", by_picture, "p50", 250),
    ]


def shifts(
    browser: Browser, address: str, width: int, folder: Path
) -> tuple[list[Row], list[dict[str, Any]]]:
    """Layout shift while the slider moves, and when results arrive; and a row for each element that moved."""
    pack = Pack.open(PACK)
    texts = questions.texts(pack, SEED + width)
    files = questions.picture_files(pack, SEED + width, 1, folder)
    with chromium.opened(browser, address, width) as page:
        chromium.wait_for_encoder(page)
        stops = int(page.get_attribute(chromium.RANGE, "max") or 1)
        moving = []
        for mode in MODES:
            page.locator(".mrl-mode label", has_text=mode).click()
            page.wait_for_timeout(chromium.CALM_MS)
            page.wait_for_selector('.mrl-search[aria-busy="false"]')
            moving.append(chromium.shift_during(page, lambda: chromium.steps(page, stops)))
        arriving = []
        for text in itertools.islice(texts, 3):
            page.evaluate("scrollTo(0, 0)")
            page.fill("#mrl-text", text)  # typing and scrolling are the visitor's own doing
            arriving.append(chromium.shift_during(page, partial(chromium.ask_text, page, text)))
        arriving.append(chromium.shift_during(page, lambda: chromium.ask_picture(page, files[0])))
    rows, moved = [], []
    for measure, found, n in (
        (f"Layout shift while the slider moves, {width} px wide", moving, stops * len(MODES)),
        (f"Layout shift when results arrive, {width} px wide", arriving, len(arriving)),
    ):
        total = round(sum(each.total for each in found), 4)
        rows.append(held_to(measure, "sum", total, "", 0, n))
        for each in found:
            moved += [
                {"while": measure, "element": element, "px right": right, "px down": down}
                for element, (right, down) in each.moved.items()
            ]
    return rows, moved


def access(browser: Browser, address: str, effort: Effort) -> tuple[Row, list[dict[str, Any]]]:
    """axe-core on every tab, in both themes, at each width: violations in all, and a row a tab."""
    with urlopen(address + calls.CONFIG, timeout=30) as config:
        tabs = calls.tab_names(json.load(config))
    rows: dict[str, dict[str, Any]] = {tab: {"tab": tab} for tab in tabs}
    which: dict[str, list[str]] = {tab: [] for tab in tabs}
    for width in effort.axe_widths:
        for theme in THEMES:
            with chromium.opened(browser, address, width, theme) as page:
                for tab, found in chromium.violations(page, tabs, effort.axe_patience_s).items():
                    rows[tab][f"{theme}, {width} px"] = len(found)
                    which[tab] += [each for each in found if each not in which[tab]]
    for tab, row in rows.items():
        row["which"] = "; ".join(which[tab])
    looks = len(effort.axe_widths) * len(THEMES)
    total = sum(sum(value for value in row.values() if isinstance(value, int)) for row in rows.values())
    row = held_to("axe-core violations, all tabs", "count", total, "violations", 0, looks * len(tabs))
    return row, list(rows.values())


def measure(effort: Effort) -> dict[str, Any]:
    """All measures; `measures` holds a row each, the other lists their details."""
    with chromium.chromium() as browser, TemporaryDirectory() as folder:
        rows = first_searches(browser, effort)
        with served.started() as app:
            loads = chromium.weight(browser, app.address)
            before_thumbnails = [load for load in loads if load["kind"] != "thumbnails"]
            requests = sum(load["requests"] for load in before_thumbnails)
            size = sum(load["bytes"] for load in before_thumbnails)
            with chromium.opened(browser, app.address) as page:
                chromium.wait_for_encoder(page)
                app.settle()
                rows = slider(page, effort) + rows + searches(page, effort, Path(folder))
            rows += new_visitors(browser, app.address, effort)
            moved: list[dict[str, Any]] = []
            for width in chromium.SIZES:
                found, what_moved = shifts(browser, app.address, width, Path(folder))
                rows, moved = rows + found, moved + what_moved
            rows.append(
                held_to("Page weight before thumbnails", "sum", round(size / 1e6, 3), "MB", 3, requests)
            )
            found_by_axe, tabs = access(browser, app.address, effort)  # last: the scale tab sets work going
            rows.append(found_by_axe)
        return {
            "title": "The page's measures",
            "what": WHAT,
            "chromium": browser.version,
            "measures": rows,
            "weight": loads,
            "accessibility": tabs,
            "moved": moved,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the page in Chromium and hold it to its goals.")
    parser.add_argument("--quick", action="store_true", help="few rounds: to see that it works, not to quote")
    parser.add_argument("--out", type=Path, default=None)
    options = parser.parse_args()
    effort, load_before = QUICK if options.quick else Effort(), os.getloadavg()[0]
    found = measure(effort)
    data = Pack.open(PACK)
    fields = {
        "seed": SEED,
        "quick": options.quick,
        "effort": asdict(effort),
        "data": {"name": data.name, "title": data.title, "count": len(data)},
        **found,
    }
    out = options.out or (QUICK_RESULT if options.quick else RESULT)
    result = write(
        out, "benchmarks.page.measure", ("playwright", "axe-playwright-python"), load_before, fields
    )
    print(table(result["measures"]), f"written to {out}", sep="\n")


if __name__ == "__main__":
    main()
