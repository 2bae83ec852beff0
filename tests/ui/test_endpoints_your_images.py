"""Your images for programs: bring, search, plan, export, remove."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file

from mrl_demo.collection import Pack
from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.endpoints_your_images import add_your_images_endpoints
from mrl_demo.ui.search_tab import MAX_UPLOAD_MB
from mrl_demo.ui.visit import MOST_BYTES, MOST_PICTURES
from mrl_demo.ui.visit_routes import BASE
from mrl_demo.ui.visits import VISITS
from tests.fakes import FakeEncoder
from tests.ui.serving import serve


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    before = os.environ.get("GRADIO_TEMP_DIR")
    os.environ["GRADIO_TEMP_DIR"] = str(tmp_path_factory.mktemp("gradio"))
    with gr.Blocks(analytics_enabled=False) as page:
        add_your_images_endpoints(EncoderHolder.of(FakeEncoder()), folders=True)
    with serve(page, None) as address:
        yield address
    os.environ.pop("GRADIO_TEMP_DIR")
    if before is not None:
        os.environ["GRADIO_TEMP_DIR"] = before


@pytest.fixture(scope="module")
def client(address: str) -> Client:
    return Client(address, verbose=False)


@pytest.fixture(scope="module")
def files(small_pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A zip of twenty pictures and a single one."""
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "one.webp").write_bytes(small_pack.thumbnail(20))
    with zipfile.ZipFile(folder / "trip.zip", "w") as archive:
        for key in range(20):
            archive.writestr(f"{key}.webp", small_pack.thumbnail(key))
    return [folder / "trip.zip", folder / "one.webp"]


def test_programs_bring_search_plan_export_and_remove(
    client: Client, address: str, files: list[Path]
) -> None:
    made = client.predict(files=[handle_file(file) for file in files], api_name="/index_your_images")
    session = made["session"]
    assert (made["indexed"], made["left_out"], made["full_dim"]) == (21, [], 512)
    kept = Path(os.environ["GRADIO_TEMP_DIR"]).rglob("*.*")
    assert not [path for path in kept if path.suffix in (".zip", ".webp")]  # moved, not copied
    found = client.predict(session=session, text="a red mug", dim=64, k=5, api_name="/search_your_images")
    assert [hit["rank"] for hit in found["hits"]] == [1, 2, 3, 4, 5]
    assert httpx.get(f"{address}{found['hits'][0]['thumbnail']}").content[:4] == b"RIFF"
    item = client.predict(session=session, key=20, k=2, api_name="/search_your_images_item")
    assert (item["hits"][0]["key"], item["dim"]) == (20, 512) and item["hits"][0]["file"].endswith("webp")
    image = handle_file(files[1])
    again = client.predict(session=session, image=image, k=1, api_name="/search_your_images_image")
    assert again["hits"][0]["score"] > 0.99 and again["query"] == "one.webp"
    plan = client.predict(session=session, target_recall=0.9, k=3, api_name="/plan_your_images")
    assert sum(row["chosen"] for row in plan["rows"]) == 1
    there = client.predict(session=session, dim=32, api_name="/export_your_images")
    assert set(there) == {"embeddings.npy", "items.parquet", "index.usearch", "plan.json"}
    got = {name: httpx.get(f"{address}{at}") for name, at in there.items()}
    assert np.load(io.BytesIO(got["embeddings.npy"].content)).shape == (21, 512)
    assert "index-32.usearch" in got["index.usearch"].headers["content-disposition"]
    assert got["plan.json"].json()["k"] == 3 and got["items.parquet"].content[:4] == b"PAR1"
    client.predict(session=session, api_name="/remove_your_images")
    with pytest.raises(Exception, match="no longer on the server"):
        client.predict(session=session, text="a mug", api_name="/search_your_images")
    assert httpx.get(f"{address}{there['embeddings.npy']}").status_code == 404


def test_programs_may_look_how_far_it_is_and_name_a_folder_of_this_machine(
    client: Client, files: list[Path]
) -> None:
    folder = str(files[1].parent)
    begun = client.predict(folder=folder, wait=False, api_name="/index_your_folder")
    session = begun["session"]
    task = VISITS.get(session).task
    assert task is not None
    task.wait(30)
    status = client.predict(session=session, api_name="/your_images_status")
    assert status["task"]["state"] == "done" and status["indexed"] == 1 and files[1].exists()
    assert client.predict(session=session, api_name="/stop_your_images") == status
    client.predict(session=session, api_name="/remove_your_images")
    with pytest.raises(Exception, match="no longer on the server"):
        client.predict(session=session, api_name="/your_images_status")
    with pytest.raises(Exception, match="There is no folder"):
        client.predict(folder="/no/such/place", api_name="/index_your_folder")


def test_every_action_is_described_with_its_limits(client: Client) -> None:
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert len(endpoints) == 10 and all(endpoint["description"] for endpoint in endpoints.values())
    said = endpoints["/index_your_images"]["description"]
    for limit in (f"{MAX_UPLOAD_MB} MB", f"{MOST_BYTES // 10**6} MB", f"{MOST_PICTURES:,} pictures"):
        assert limit in said


def test_what_cannot_be_indexed_is_said_and_leaves_nothing(client: Client, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    before = len(VISITS)
    for name, said in (("notes.txt", "neither a picture"), ("broken.png", "could be read")):
        with pytest.raises(Exception, match=said):
            client.predict(files=[handle_file(tmp_path / name)], api_name="/index_your_images")
    with pytest.raises(Exception, match="list of uploads"):
        client.predict(files=[], api_name="/index_your_images")
    with pytest.raises(Exception, match="Upload a picture first"):
        client.predict(files=[{"path": "/etc/passwd"}], api_name="/index_your_images")
    assert len(VISITS) == before


def test_files_come_by_a_route_of_their_own(address: str, small_pack: Pack) -> None:
    visit = VISITS.open()
    bring = f"{address}{BASE}/{visit.token}/bring"
    data = small_pack.thumbnail(0)
    assert httpx.post(bring, params={"name": "a.webp"}, content=data).json() == {"name": "a.webp"}
    refused = httpx.post(bring, params={"name": "a.txt"}, content=data)
    assert refused.status_code == 413 and "neither a picture" in refused.json()["error"]
    strangers = httpx.post(f"{address}{BASE}/guessed/bring", params={"name": "a.webp"}, content=data)
    assert "no longer" in strangers.json()["error"]
    assert httpx.get(f"{address}{BASE}/{visit.token}/embeddings.npy").status_code == 404
    assert httpx.post(f"{address}{BASE}/{visit.token}/leave").status_code == 204
    assert "no longer" in httpx.post(bring, params={"name": "b.webp"}, content=data).json()["error"]
