"""Start-up: how long after `python app.py` the page shows pictures in Chromium, the first example answered.

python benchmarks/start_up.py [--out FILE] [-- flags of app.py]

Measured from starting the process to the first thumbnail drawn; then to the encoder's readiness, and to the
answer of a typed text. The target is 15 s for the first. Chromium itself is started before the clock.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import sync_playwright

from mrl_demo.circumstances import circumstances
from mrl_demo.whole import whole

HERE = Path(__file__).resolve().parents[1]
PORT = 7899


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure start-up to the first pictures on the page.")
    parser.add_argument("--out", type=Path, default=HERE / "assets/results/start-up.json")
    options, flags = parser.parse_known_args()
    flags = [flag for flag in flags if flag != "--"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.set_default_timeout(120_000)
        started = time.perf_counter()
        command = [sys.executable, str(HERE / "app.py"), "--port", str(PORT), *flags]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            while True:
                try:
                    urlopen(f"http://127.0.0.1:{PORT}/", timeout=5).read()
                    break
                except (URLError, OSError):
                    if server.poll() is not None:
                        raise SystemExit(f"app.py ended with {server.returncode}") from None
                    time.sleep(0.1)
            served = time.perf_counter() - started
            page.goto(f"http://127.0.0.1:{PORT}/")
            page.wait_for_function("document.querySelector('.mrl-here .mrl-tile img')?.naturalWidth > 0")
            shown = time.perf_counter() - started
            page.wait_for_selector('.mrl-encoder[data-state="ready"]')
            encoder = time.perf_counter() - started
            page.fill("#mrl-text", "two blue mugs")
            asked = time.perf_counter()
            page.press("#mrl-text", "Enter")
            page.wait_for_function("document.querySelector('[data-asked]').textContent === 'two blue mugs'")
            text = time.perf_counter() - asked
        finally:
            server.terminate()
            server.wait(timeout=20)
        browser.close()
    result = {
        **circumstances(),
        "served_s": round(served, 2),
        "pictures_shown_s": round(shown, 2),
        "encoder_ready_s": round(encoder, 2),
        "first_text_query_ms": round(text * 1000, 1),
    }
    with whole(options.out) as beside:
        beside.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps({name: value for name, value in result.items() if name.endswith(("_s", "_ms"))}))


if __name__ == "__main__":
    main()
