"""The checks' result file: what was found in each split becomes rows that the page can show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.still_life_checks import duplicates, tables
from mrl_demo.ui.evidence import read_reports


def found(**changed: Any) -> dict[str, Any]:
    return {
        "pictures": 40,
        "outlined": 4,
        "faulty_pictures": 2,
        "faults": {"too dark": 2},
        "faulty": [[3, "too dark: 9 of 255"], [7, "too dark: 11 of 255"]],
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
    clean = {"faults": {}, "faulty": [], "faulty_pictures": 0}
    written = tables({"gallery": found(), "train": found(**clean)})
    assert written["splits"][0] == {
        "split": "gallery",
        "pictures": 40,
        "outlined": 4,
        "faulty_pictures": 2,
        "colour_tested": 4,
        "colour_agreement": 0.75,
        "cover_median": 0.3,
        "contrast_median": 40.0,
    }
    assert written["splits"][1]["faulty_pictures"] == 0
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


def test_a_picture_that_is_in_two_splits_is_found() -> None:
    rng = np.random.default_rng(0)
    gallery, queries = (rng.uniform(0, 255, (6, 12)).astype(np.float32) for _ in range(2))
    queries[4] = gallery[2] + 1
    found = {
        (row["split"], row["other"]): row for row in duplicates({"gallery": gallery, "queries": queries})
    }
    twin = found["gallery", "queries"]
    assert (twin["near_duplicates"], twin["picture"], twin["of_other"]) == (1, 2, 4)
    assert all(row["near_duplicates"] == 0 for pair, row in found.items() if pair != ("gallery", "queries"))
