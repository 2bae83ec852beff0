"""The funnel for programs, through gradio_client."""

from __future__ import annotations

from collections.abc import Iterator

import gradio as gr
import pytest
from gradio_client import Client

from mrl_demo.search.collection import Collection
from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.endpoints_funnel import add_funnel_endpoints
from mrl_demo.ui.funnel_tab import Funnel
from mrl_demo.ui.queries import Queries
from tests.fakes import FakeEncoder
from tests.ui.serving import serve

DIMS, SHORTLISTS = [8, 64, 512], [60, 20]


@pytest.fixture(scope="module")
def client(collection: Collection) -> Iterator[Client]:
    with gr.Blocks(analytics_enabled=False) as page:
        add_funnel_endpoints(Funnel(collection, Queries(collection, EncoderHolder.of(FakeEncoder()))))
    with serve(page, None) as address:
        yield Client(address, verbose=False)


def test_every_action_is_named_and_documented(client: Client) -> None:
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(endpoints) == {"/walk_funnel", "/walk_funnel_item", "/measure_cascade", "/find_cheapest"}
    assert all(endpoint["description"] for endpoint in endpoints.values())


def test_programs_walk_a_cascade(client: Client) -> None:
    got = client.predict("a red mug", DIMS, SHORTLISTS, "exact", 10, api_name="/walk_funnel")
    assert [stage["dim"] for stage in got["stages"]] == DIMS
    assert [stage["kept"] for stage in got["stages"]] == [60, 20, 10]
    assert "red mug" in got["captions"][str(got["stages"][-1]["keys"][0])]
    item = client.predict(key=3, dims=[512], shortlists=[], api_name="/walk_funnel_item")
    assert item["truth"][0] == 3 and item["found"] == 10


def test_programs_measure_a_cascade(client: Client) -> None:
    got = client.predict(DIMS, SHORTLISTS, "signs", "captions", api_name="/measure_cascade")
    assert 0 < got["recall"] <= 1 and got["bytes_per_vector"] == 8 and got["asked_with"] == "captions"


def test_programs_find_the_cheapest(client: Client) -> None:
    got = client.predict(target_recall=0.9, api_name="/find_cheapest")
    assert got["options"][got["chosen"]]["bound"] >= 0.9 and got["why"]


def test_programs_are_told_what_was_wrong(client: Client) -> None:
    for asked, said in [
        ({"text": "mug", "dims": [64, 8], "shortlists": [20], "api_name": "/walk_funnel"}, "must grow"),
        ({"key": 999, "dims": [8], "shortlists": [], "api_name": "/walk_funnel_item"}, "from 0 to 199"),
        ({"target_recall": 2.0, "api_name": "/find_cheapest"}, "from 0.5 to 0.999, got 2"),
    ]:
        with pytest.raises(Exception, match=said):
            client.predict(**asked)
