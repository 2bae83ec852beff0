"""The checks' result file: what was found in each split becomes rows that the page can show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.still_life_checks import tables
from mrl_demo.ui.evidence import read_reports


def found(**changed: Any) -> dict[str, Any]:
    return {
        "pictures": 40,
        "outlined": 4,
        "faults": {"too dark": 2},
        "faulty": [[3, "too dark: 9 of 255"], [7, "too dark: 11 of 255"]],
        "near_duplicates": 1,
        "closest_pairs": [[2.5, 1, 9]],
        "colour": {
            "pictures": 4,
            "agreement": 0.75,
            "by_finish": {"matte": {"pictures": 4, "agreement": 0.75}},
            "by_colour": {"red": {"pictures": 4, "agreement": 0.75}},
            "confused": [["red", "orange", 1]],
        },
        "things_cover": [0.1, 0.15, 0.3, 0.5, 0.6],
        "contrast": [8.0, 20.0, 40.0],
        **changed,
    }


def test_every_fault_is_a_row_of_its_split(tmp_path: Path) -> None:
    clean = {"faults": {}, "faulty": [], "closest_pairs": []}
    written = tables({"gallery": found(), "train": found(**clean)})
    assert written["splits"][0] == {
        "split": "gallery",
        "pictures": 40,
        "outlined": 4,
        "near_duplicates": 1,
        "faults": 2,
        "colour_tested": 4,
        "colour_agreement": 0.75,
        "closest_pair": 2.5,
        "cover_median": 0.3,
        "contrast_median": 40.0,
    }
    assert written["splits"][1]["faults"] == 0 and written["splits"][1]["closest_pair"] is None
    assert [row["picture"] for row in written["faulty_pictures"]] == [3, 7]
    assert {row["split"] for row in written["faults"]} == {"gallery"}
    assert written["colours_confused"][0] == {
        "split": "gallery",
        "named": "red",
        "looks": "orange",
        "times": 1,
    }
    (tmp_path / "still-life-checks.json").write_text(json.dumps({"commit": "abc", **written}))
    panels = {panel["title"]: panel for panel in read_reports(tmp_path)["still-life-checks"]["panels"]}
    assert panels["Splits"]["rows"][0][:3] == ["gallery", 40, 4]
    assert "" not in panels["Colour agreement"]["columns"] and len(panels["Colour agreement"]["rows"]) == 4
