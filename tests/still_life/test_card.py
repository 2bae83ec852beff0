"""The dataset card: counted from the files, whichever splits are there; its plots are well-formed."""

from __future__ import annotations

import io
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image

from mrl_demo.collection.items import write_items
from mrl_demo.still_life.card import COUNTED, contact_sheet, write_card
from mrl_demo.still_life.plots import bar_charts
from mrl_demo.still_life.scene import sample_scene


def webp(colour: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(buffer, "WEBP")
    return buffer.getvalue()


def rows(seed: int, *without: str) -> list[dict[str, object]]:
    scenes = [sample_scene(seed, index) for index in range(40)]
    return [
        {
            "image": {"bytes": webp("red"), "path": ""},
            "scene": scene.to_json(),
            **{name: value for name, value in scene.attributes().items() if name not in without},
        }
        for scene in scenes
    ]


def test_every_count_on_the_card_is_of_the_files_that_are_there(tmp_path: Path) -> None:
    shown = rows(1)
    write_items(tmp_path / "items.parquet", shown)
    write_items(tmp_path / "validation.parquet", rows(3, "size", "relation", "other_category"))
    write_card(tmp_path)
    card = (tmp_path / "README.md").read_text()
    assert "| gallery | `items.parquet` | 40 | 8 x 8 | 1 |" in card and "`train.parquet` |" not in card
    large = sum(row["size"] == "large" for row in shown)
    assert f"| large | {large} | 0 |" in card and "| none | 0 | 40 |" in card
    svg = ElementTree.parse(tmp_path / "distributions.svg").getroot()
    texts = {element.text for element in svg.iter() if element.text}
    assert {"category", "relation", "red", "marble table"} <= texts and len(COUNTED) == 10


def test_the_contact_sheet_shows_single_things_once_a_category() -> None:
    pair, single, other = (
        {"super_category": "toy", "category": "die", "count": 1, "image": {"bytes": webp(colour)}}
        for colour in ("blue", "red", "lime")
    )
    sheet = contact_sheet([{**pair, "other_category": "mug"}, single, {**other, "category": "drum"}])
    first, second = sheet.getpixel((64, 64)), sheet.getpixel((192, 64))
    assert isinstance(first, tuple) and isinstance(second, tuple)
    assert first[0] > 200 and first[2] < 50 and second[1] > 200


def test_bars_are_as_long_as_their_share_and_words_are_escaped() -> None:
    svg = bar_charts({"kind": {"a & b": 3, "red": 1}})
    root = ElementTree.fromstring(svg)
    bars = list(root.iter("{http://www.w3.org/2000/svg}rect"))[1:]
    widths = [float(bar.attrib["width"]) for bar in bars]
    assert abs(widths[0] - 3 * widths[1]) < 0.3
    assert "75.0%" in svg and "a &amp; b" in svg


def test_the_card_tells_which_combinations_are_new_and_whether_scenes_are_shared(tmp_path: Path) -> None:
    train, validation = rows(2), rows(3)
    for name in ("category", "colour", "finish"):
        validation[0][name] = train[5][name]
        validation[1][name] = "of its own"
    write_items(tmp_path / "train.parquet", train)
    write_items(tmp_path / "validation.parquet", validation[:2])
    write_card(tmp_path)
    card = (tmp_path / "README.md").read_text()
    assert "1 of the 2 validation pictures have a category, colour and finish that training shows" in card
    assert "No scene is in two of them." in card and "the 8% with the smallest SHA-256" in card
    write_items(tmp_path / "queries.parquet", rows(2))
    write_card(tmp_path)
    assert "Splits of the same seed share scenes." in (tmp_path / "README.md").read_text()
