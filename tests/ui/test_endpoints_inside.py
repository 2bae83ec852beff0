"""The look into the embedding and the evidence, as programs get them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from gradio_client import Client

from mrl_demo.search.collection import Collection
from mrl_demo.ui.blocks import build_ui
from mrl_demo.ui.encoder_holder import EncoderHolder
from tests.fakes import FakeEncoder
from tests.ui.serving import serve
from tests.ui.test_evidence import PAPER, SCORES
from tests.ui.test_inside_tab import probes


@pytest.fixture(scope="module")
def client(collection: Collection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    before = os.environ.get("GRADIO_TEMP_DIR")
    os.environ["GRADIO_TEMP_DIR"] = str(tmp_path_factory.mktemp("gradio"))
    folder = tmp_path_factory.mktemp("results")
    for name, content in (
        ("probes", probes(collection)),
        ("still-life", {"commit": "abc", "scores": SCORES}),
        ("paper", PAPER),
    ):
        (folder / f"{name}.json").write_text(json.dumps(content))
    with serve(build_ui(collection, EncoderHolder.of(FakeEncoder()), evidence=folder), collection) as address:
        yield Client(address, verbose=False)
    os.environ.pop("GRADIO_TEMP_DIR")
    if before is not None:
        os.environ["GRADIO_TEMP_DIR"] = before


def test_programs_get_a_map_and_what_prefixes_know(client: Client) -> None:
    got = client.predict(dim=8, api_name="/embedding_map")
    assert got["dim"] == 8 and len(got["keys"]) == len(got["x"]) == len(got["y"]) == 200
    assert 0 < got["variance_shown"] <= 1
    assert client.predict(api_name="/prefix_knowledge")["rows"][0]["name"] == "colour"


def test_programs_get_the_evidence(client: Client) -> None:
    names = [each["name"] for each in client.predict(api_name="/evidence")]
    assert names == ["still-life", "probes", "paper"]
    report = client.predict(name="still-life", api_name="/evidence_report")
    assert report["made"]["commit"] == "abc" and report["published"]["nn"]["rows"] == [[8, 62.19]]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"dim": 0, "api_name": "/embedding_map"}, "from 1 to 512, got 0"),
        ({"dim": 9, "api_name": "/embedding_map"}, "there is a map at 2, 3, 4"),
        ({"name": "nothing", "api_name": "/evidence_report"}, "there is no report 'nothing'"),
    ],
)
def test_programs_are_told_what_was_wrong(client: Client, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(Exception, match=said):
        client.predict(**asked)


def test_the_endpoints_are_documented(client: Client) -> None:
    endpoints: dict[str, Any] = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    for name in ("/embedding_map", "/prefix_knowledge", "/evidence", "/evidence_report"):
        assert endpoints[name]["description"]
