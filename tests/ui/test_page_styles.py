"""The style sheets: class names are global, so what a name looks like is said in one sheet."""

from __future__ import annotations

import re
from collections import defaultdict

from mrl_demo.ui.thumbnails import PAGE

# A whole selector that is one class, alone or of the page: ".mrl-tile", ".mrl .mrl-tile", ".mrl p.mrl-note".
BARE = re.compile(r"^(?:\.mrl )?(?:[a-z]+)?(\.mrl-[a-z0-9-]+)$")


def test_a_class_gets_its_looks_from_one_sheet() -> None:
    sheets: dict[str, set[str]] = defaultdict(set)
    for file in PAGE.glob("*.css"):
        text = re.sub(r"/\*.*?\*/|:is\([^)]*\)", "", file.read_text(), flags=re.DOTALL)
        for selectors in re.findall(r"([^{};]+)\{", text):
            for selector in selectors.split(","):
                found = BARE.match(" ".join(selector.split()))
                if found:
                    sheets[found[1]].add(file.name)
    assert len(sheets) > 50
    shared = {name: sorted(files) for name, files in sheets.items() if len(files) > 1}
    assert not shared, f"styled in more than one sheet, perhaps for two things: {shared}"
