"""The page as the README shows it: the first example at 8 dims beside the same at all.

python -m benchmarks.page_picture [--query TEXT] [--dim N]     writes assets/page.webp
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

from PIL import Image

from benchmarks.page.chromium import chromium
from benchmarks.page.served import ROOT, started

SHOWN = """() => {
  const seen = (one) => one.getBoundingClientRect().top < innerHeight;
  const pictures = [...document.querySelectorAll(".mrl-here img, .mrl-full img")].filter(seen);
  return pictures.length > 9 && pictures.every((one) => one.complete && one.naturalWidth);
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--query", default="", help="an example on the page; the first, when none is given")
    parser.add_argument("--dim", type=int, default=8)
    parser.add_argument("--out", type=Path, default=ROOT / "assets/page.webp")
    asked = parser.parse_args()
    with started() as app, chromium() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 1180}, color_scheme="light")
        page.goto(app.address)
        page.wait_for_function(SHOWN)
        if asked.query:
            page.get_by_role("button", name=asked.query, exact=True).click()
        page.locator(".mrl-any input").first.fill(str(asked.dim))
        page.keyboard.press("Enter")
        page.locator(".mrl-any input").first.blur()
        page.wait_for_selector('.mrl-encoder[data-state="ready"]')
        page.wait_for_load_state("networkidle")
        page.wait_for_function(SHOWN)
        Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(asked.out, "WEBP", quality=82, method=6)


if __name__ == "__main__":
    main()
