"""The page benchmark's own parts: rows held to goals, questions that are new, bodies that the app answers."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from PIL import Image

from benchmarks.page import calls, questions
from benchmarks.page.chromium import kind_of
from benchmarks.page.figures import held_to, spread, table, timed, write
from mrl_demo.collection import Pack
from mrl_demo.search.collection import Collection
from mrl_demo.ui.blocks import build_ui
from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.evidence import read_reports
from tests.fakes import FakeEncoder
from tests.ui.serving import serve


@pytest.fixture(scope="module")
def address(small_pack: Pack) -> Iterator[str]:
    collection = Collection(small_pack)
    with serve(build_ui(collection, EncoderHolder.of(FakeEncoder())), collection) as address:
        yield address


@pytest.fixture(scope="module")
def config(address: str) -> dict[str, object]:
    with urlopen(address + calls.CONFIG, timeout=30) as reply:
        return dict(json.load(reply))


def test_a_time_is_held_to_the_value_that_is_named() -> None:
    milliseconds = [float(each) for each in range(1, 102)]  # p50 51, p95 96, max 101
    assert spread(milliseconds) == {"p50": 51.0, "p95": 96.0, "max": 101.0}
    assert timed("a step", milliseconds, "p50", 51)["met"] is True
    assert timed("a step", milliseconds, "p95", 51)["met"] is False
    assert timed("a step", milliseconds, "max", 100)["value"] == 101.0
    with pytest.raises(ValueError, match="nothing was measured"):
        timed("a step", [], "p50", 1)


def test_a_goal_of_nothing_is_met_by_nothing_only() -> None:
    assert held_to("requests", "count", 0, "", 0, 5)["met"] is True
    row = held_to("requests", "count", 1, "", 0, 5)
    assert row["met"] is False and "NOT MET" in table([row])


def test_the_result_file_says_how_it_was_made_and_the_evidence_tab_shows_it(tmp_path: Path) -> None:
    rows = [timed("A slider step", [1.0, 2.0], "p95", 50), held_to("Requests", "count", 0, "requests", 0, 2)]
    fields = {"title": "The page", "what": "seen in Chromium", "measures": rows}
    written = write(tmp_path / "page.json", "benchmarks.page.measure", ("pytest",), 0.5, fields)
    assert written == json.loads((tmp_path / "page.json").read_text())
    assert written["command"].startswith("python -m benchmarks.page.measure")
    assert written["load_before"] == 0.5 and written["hardware"]["packages"]["pytest"]
    assert [file.name for file in tmp_path.iterdir()] == ["page.json"]
    report = read_reports(tmp_path)["page"]
    panel = next(panel for panel in report["panels"] if panel["title"] == "Measures")
    assert report["title"] == "The page held to its goals"
    assert {"value", "goal", "met"} <= set(panel["columns"])
    assert [row[0] for row in panel["rows"]] == ["A slider step", "Requests"]


def test_texts_are_made_of_the_collection_s_words_and_never_come_twice(small_pack: Pack) -> None:
    found = list(itertools.islice(questions.texts(small_pack, 3), 60))
    assert len(set(found)) == 60
    assert found == list(itertools.islice(questions.texts(small_pack, 3), 60))
    assert not set(found) & {example.text for example in small_pack.examples}
    words = {str(value) for name in questions.WORDS for value in small_pack.attributes[name]}
    first, setting, light = found[0].split(", ")
    assert {*first.split(" "), setting, light} <= words


def test_pictures_are_readable_and_no_two_are_alike(small_pack: Pack, tmp_path: Path) -> None:
    files = questions.picture_files(small_pack, 3, 4, tmp_path)
    contents = {file.read_bytes() for file in files}
    assert len(contents) == 4
    for content in contents:
        assert Image.open(io.BytesIO(content)).size == (questions.SIDE, questions.SIDE)


def test_the_app_answers_what_the_visitors_send(
    address: str, config: dict[str, object], small_pack: Pack
) -> None:
    tab = calls.SearchTab.of(config)
    body = tab.call("ask", tab.question({"kind": "text", "text": "a red mug"}), "a-visitor")
    question = Request(address + calls.CALL, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(question, timeout=30) as reply:
        answer = json.load(reply)
    assert answer["query"]["label"] == "a red mug" and answer["dim"] == tab.start["dim"]
    shown = tab.shown(answer)
    assert set(answer["truth"]["keys"]) < set(shown) <= set(tab.reachable(answer))
    assert len(shown) == len(set(shown))
    with urlopen(address + tab.thumbnail(shown[0]), timeout=30) as picture:
        assert picture.read() == small_pack.thumbnail(shown[0])


def test_every_tab_is_found(config: dict[str, object]) -> None:
    names = calls.tab_names(config)
    assert names[0] == "Search" and {"Funnel", "Classify", "Your images"} < set(names)


@pytest.mark.parametrize(
    ("url", "mime", "kind"),
    [
        ("http://here/gradio_api/mrl/thumb/still-life-1/7.webp", "image/webp", "thumbnails"),
        ("http://here/assets/index.js", "text/javascript", "scripts"),
        ("http://here/assets/index.css", "text/css", "styles"),
        ("http://here/", "text/html", "page"),
        ("http://here/icon.svg", "image/svg+xml", "images"),
        ("http://here/config", "application/json", "data"),
        ("http://here/unknown", "", "other"),
    ],
)
def test_a_response_is_counted_by_what_it_is(url: str, mime: str, kind: str) -> None:
    assert kind_of(url, mime) == kind
