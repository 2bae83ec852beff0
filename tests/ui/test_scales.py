"""Scales: one measurement at a time for everyone, kept, stopped, and refused in plain words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import gradio as gr
import pytest
from gradio_client import Client

from mrl_demo.errors import QueryError
from mrl_demo.search.collection import Collection
from mrl_demo.ui import scales as scales_module
from mrl_demo.ui.endpoints_scale import add_scale_endpoints
from mrl_demo.ui.scale_tab import scale_functions, scale_tab
from mrl_demo.ui.scales import Scales

SIZES = (400, 800)


@pytest.fixture(scope="module")
def measured(collection: Collection) -> Scales:
    """The smaller size measured, the larger not."""
    scales = Scales(collection, SIZES)
    scales.measure(400)
    scales.wait(60)
    return scales


def test_a_size_is_measured_once_and_kept(measured: Scales) -> None:
    found = measured.result(400)
    assert found is not None and measured.measured == [400]
    assert (found["own"], found["simulated"], found["queries"]) == (160, 240, 40)
    assert [row["name"] for row in found["rows"]] == [way["name"] for way in measured.ways(400)]
    assert found["rows"][0]["recall"] == 1 and found["hardware"]["cores"] and "commit" in found
    measured.measure(400)
    assert measured.result(400) is found


def test_how_far_it_is_is_told(measured: Scales) -> None:
    task = measured.status()["task"]
    assert task["state"] == "done" and task["size"] == 400 and task["phase"] == "Timing all in turns"
    assert Scales(measured.collection, SIZES).status() == {"task": None, "measured": []}


def test_one_measurement_at_a_time_and_it_can_be_stopped(collection: Collection) -> None:
    scales = Scales(collection, (3_000, 4_000))
    scales.measure(4_000)
    scales.measure(4_000)  # the same one: nothing to say
    with pytest.raises(QueryError, match="4,000 vectors are being measured"):
        scales.measure(3_000)
    scales.stop()
    scales.wait(60)
    status = scales.status()
    assert status["task"]["state"] == "stopped" and status["measured"] == []
    scales.measure(3_000)
    scales.stop()
    scales.wait(60)


@pytest.mark.parametrize(("size", "said"), [(500, "one of 400, 800, got 500"), ("many", "whole number")])
def test_other_sizes_are_refused(measured: Scales, size: Any, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        measured.measure(size)


def test_too_little_memory_is_said_before_it_begins(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    scales = Scales(collection)
    monkeypatch.setattr(scales_module, "free_bytes", lambda: 10**9)
    with pytest.raises(QueryError, match=r"1,000,000 vectors takes about 2\.\d GB of memory, and 1\.0 GB"):
        scales.measure(1_000_000)
    assert scales.status()["task"] is None


def test_the_browser_gets_each_result_once(measured: Scales) -> None:
    measure, stop, status = scale_functions(measured)
    assert set(status({"have": []})["results"]) == {"400"}
    assert status({"have": [400]})["results"] == {} and stop({"have": [400]})["measured"] == [400]
    assert measure({"size": 400})["results"]["400"]["k"] == 10
    for bad in (None, {"size": 5}, {}):
        assert measure(bad)["error"]


@pytest.fixture(scope="module")
def client(measured: Scales, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    before = os.environ.get("GRADIO_TEMP_DIR")
    os.environ["GRADIO_TEMP_DIR"] = str(tmp_path_factory.mktemp("gradio"))
    page: gr.Blocks
    with gr.Blocks(analytics_enabled=False) as page:
        scale_tab(measured)
        add_scale_endpoints(measured)
    _, address, _ = page.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1")
    yield Client(address, verbose=False)
    page.close(verbose=False)
    os.environ.pop("GRADIO_TEMP_DIR")
    if before is not None:
        os.environ["GRADIO_TEMP_DIR"] = before


def test_programs_measure_ask_and_stop(client: Client) -> None:
    endpoints: dict[str, Any] = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert {"/measure_scale", "/scale_status", "/scale_result", "/stop_scale"} <= set(endpoints)
    assert all(endpoint["description"] for endpoint in endpoints.values())
    assert client.predict(size=400, api_name="/measure_scale")["measured"] == [400]
    assert client.predict(api_name="/scale_status")["sizes"] == [400, 800]
    assert client.predict(size=400, api_name="/scale_result")["databases"][0]["measured"] is True
    assert client.predict(api_name="/stop_scale")["task"]["state"] == "done"


def test_programs_are_told_what_was_wrong(client: Client) -> None:
    with pytest.raises(Exception, match="one of 400, 800, got 7"):
        client.predict(size=7, api_name="/measure_scale")
    with pytest.raises(Exception, match="800 vectors were not measured; measured: 400"):
        client.predict(size=800, api_name="/scale_result")
