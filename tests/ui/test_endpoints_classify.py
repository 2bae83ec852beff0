"""Classification for programs, through gradio_client."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest
from gradio_client import Client, handle_file

from mrl_demo.search.collection import Collection
from mrl_demo.ui.classify import Classifiers
from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.endpoints_classify import add_classify_endpoints
from mrl_demo.ui.queries import Queries
from tests.fakes import FakeEncoder, paint
from tests.ui.serving import serve

NAMES = ["a red mug", "a blue chair", "a green bottle"]


@pytest.fixture(scope="module")
def client(collection: Collection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    before = os.environ.get("GRADIO_TEMP_DIR")
    os.environ["GRADIO_TEMP_DIR"] = str(tmp_path_factory.mktemp("gradio"))
    with gr.Blocks(analytics_enabled=False) as page:
        add_classify_endpoints(Classifiers(Queries(collection, EncoderHolder.of(FakeEncoder()))))
    with serve(page, None) as address:
        yield Client(address, verbose=False)
    os.environ.pop("GRADIO_TEMP_DIR")
    if before is not None:
        os.environ["GRADIO_TEMP_DIR"] = before


def test_programs_classify_an_upload_among_their_own_classes(client: Client, tmp_path: Path) -> None:
    paint("blue", "chair", "", "").save(tmp_path / "chair.png")
    image = handle_file(tmp_path / "chair.png")
    got = client.predict(image=image, names=NAMES, threshold=0.0, api_name="/classify_image")
    assert (got["dim"], got["names"], got["evidence"]) == (8, NAMES, None)
    full = client.predict(image=image, names=NAMES, threshold=1.0, api_name="/classify_image")
    assert full["label"] == "a blue chair" and len(full["said"]) == 7


def test_programs_classify_a_picture_of_the_collection(client: Client) -> None:
    got = client.predict(key=3, api_name="/classify_item")
    assert got["names"] == ["bottle", "chair", "cupcake", "mug", "table"]
    assert got["evidence"]["count"] == 200 and len(got["thresholds"]) == 6
    with pytest.raises(Exception, match="at least two classes"):
        client.predict(key=3, names=["mug"], api_name="/classify_item")
    with pytest.raises(Exception, match="threshold is needed"):
        client.predict(key=3, names=NAMES, api_name="/classify_item")
