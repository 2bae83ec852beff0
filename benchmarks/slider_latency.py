"""Slider step to pixels in Chromium: how long after a key press the frame that shows the new dim is drawn.

python benchmarks/slider_latency.py [--collection DIR] [--out FILE] [--steps N]

Serves the page in this process, presses arrow keys on the slider as a visitor does, and measures from the
input event to the end of the frame that follows (a task queued from requestAnimationFrame runs after that
frame is drawn). Counts requests meanwhile; there should be none. Thumbnails are in the browser's cache, as
the issue's target says.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Page, sync_playwright

from mrl_demo.errors import CheckpointError
from mrl_demo.evaluation.report import circumstances
from mrl_demo.search.collection import Collection
from mrl_demo.ui.blocks import build_ui, launch_options
from mrl_demo.ui.encoder_holder import EncoderHolder, EncoderLike

HERE = Path(__file__).resolve().parents[1]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]

# Resolves with milliseconds from the input event's own time stamp to the end of the next frame.
WATCH = """() => {
  const range = document.querySelector("#mrl-dim-range");
  range.addEventListener("input", (event) => {
    const started = event.timeStamp;
    const scripted = performance.now();
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.taken.push([performance.now() - started, scripted - started]);
      channel.port2.postMessage(0);
    });
  });
  range.focus();
}"""


def no_encoder() -> EncoderLike:
    raise CheckpointError("the slider needs no encoder")


def measure(page: Page, steps: int) -> list[float]:
    """Milliseconds of `steps` slider steps, back and forth over all stops."""
    page.evaluate("window.taken = []")
    last = int(page.get_attribute("#mrl-dim-range", "max") or 1)
    for step in range(steps):
        page.keyboard.press("ArrowRight" if step // last % 2 == 0 else "ArrowLeft")
        page.wait_for_timeout(40)
    page.wait_for_timeout(300)
    taken: list[list[float]] = page.evaluate("window.taken")
    return [frame for frame, _ in taken]


def run(collection_folder: Path, out: Path, steps: int) -> dict[str, Any]:
    """Serve, measure, write `out`, and return what was written."""
    collection = Collection.open(collection_folder)
    page = build_ui(collection, EncoderHolder(no_encoder).start())
    _, address, _ = page.launch(prevent_thread_lock=True, quiet=True, **launch_options(collection))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        visitor = browser.new_page(viewport={"width": 1440, "height": 1000})
        visitor.goto(address)
        visitor.wait_for_selector(".mrl-tile img", timeout=60_000)
        visitor.focus("#mrl-dim-range")
        visitor.keyboard.press("Home")
        visitor.wait_for_load_state("networkidle")
        visitor.evaluate(WATCH)
        measure(visitor, 2 * 31)  # warm: every thumbnail decoded once
        visitor.keyboard.press("Home")
        asked: list[str] = []
        visitor.on("request", lambda request: asked.append(request.url))
        taken = sorted(measure(visitor, steps))
        browser.close()
    page.close(verbose=False)
    result = {
        **circumstances(),
        "what": "input event to the end of the frame that shows it; 1440 x 1000, k = 12, thumbnails cached",
        "data": {"name": collection.name, "count": len(collection)},
        "steps": len(taken),
        "requests_while_dragging": len(asked),
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(taken[int(0.95 * (len(taken) - 1))], 1),
        "max_ms": round(taken[-1], 1),
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1) + "\n")
    print(
        json.dumps(
            {
                name: result[name]
                for name in ("steps", "requests_while_dragging", "p50_ms", "p95_ms", "max_ms")
            }
        )
    )
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the slider: input to pixels in Chromium.")
    parser.add_argument("--collection", type=Path, default=HERE / "assets/still-life")
    parser.add_argument("--out", type=Path, default=HERE / "assets/results/slider-latency.json")
    parser.add_argument("--steps", type=int, default=124)
    options = parser.parse_args()
    run(options.collection, options.out, options.steps)


if __name__ == "__main__":
    main()
