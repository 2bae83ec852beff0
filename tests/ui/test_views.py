"""Several encoders of the same pictures: a page for each, endpoints for each, one way between them."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from gradio_client import Client

from mrl_demo.collection import Pack
from mrl_demo.ui.blocks import head, page_links
from tests.ui.serving import serve_two_encoders


@pytest.fixture(scope="module")
def address(small_pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve_two_encoders(small_pack, tmp_path_factory.mktemp("views")) as address:
        yield address


def test_each_encoder_answers_by_endpoints_of_its_own(address: str) -> None:
    client = Client(address, verbose=False)
    for ending, full_dim, name in (("", 512, "fake"), ("_by_mrl_photos", 64, "MRL photos")):
        info = client.predict(api_name=f"/collection_info{ending}")
        assert (info["full_dim"], info["model"]["name"]) == (full_dim, name)
        found = client.predict(text="a red mug", dim=16, k=3, api_name=f"/search_text{ending}")
        assert "red mug" in found["hits"][0]["caption"]
        assert httpx.get(address + found["hits"][0]["thumbnail"]).status_code == 200


def test_every_endpoint_but_those_of_evidence_is_there_for_each(address: str) -> None:
    names = set(
        Client(address, verbose=False).view_api(print_info=False, return_format="dict")["named_endpoints"]
    )
    first = {name for name in names if not name.endswith("_by_mrl_photos")}
    assert {f"{name}_by_mrl_photos" for name in first} == names - first
    assert "/search_text" in first


def test_the_pictures_of_both_are_kept_at_one_address(address: str) -> None:
    client = Client(address, verbose=False)
    shown = [
        client.predict(key=7, dim=8, k=1, api_name=f"/search_item{end}") for end in ("", "_by_mrl_photos")
    ]
    assert len({found["hits"][0]["thumbnail"] for found in shown}) == 1


def collection_by(name: str, full_dim: int = 64) -> Any:
    return SimpleNamespace(model={"name": name}, name="pack", full_dim=full_dim)


def test_the_head_names_the_encoders_and_marks_the_one_that_is_looked_at() -> None:
    alone = page_links([collection_by("Alone")])
    assert "<nav" not in head(alone, 0) and "@" not in head(alone, 0)
    found = head(page_links([collection_by("MRL still life", 512), collection_by("MRL <photos>")]), 1)
    assert '<a href="." data-full-dim="512">MRL still life</a>' in found
    assert '<a href="by-mrl-photos" data-full-dim="64" aria-current="page">MRL &lt;photos&gt;</a>' in found


def test_every_page_has_an_address_of_its_own() -> None:
    names = ("MRL", "login", "FF-512, c=2", "ff 512 c 2", "é", "")
    paths = [link.path for link in page_links([collection_by(name) for name in names])]
    assert paths == ["", "by-login", "by-ff-512-c-2", "by-ff-512-c-2-too", "by", "by-pack"]
