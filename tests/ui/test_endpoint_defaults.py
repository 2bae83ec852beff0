"""What endpoints do where nothing is said fits collections smaller than ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from mrl_demo.search.collection import Collection
from mrl_demo.ui.blocks import build_ui
from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.visits import VISITS
from tests.fakes import FakeEncoder, make_small_collection


def test_defaults_fit_five_items_of_32_dims(tmp_path: Path) -> None:
    encoder = FakeEncoder(full_dim=32, nested_dims=(4, 32))
    collection = Collection(make_small_collection(tmp_path / "five", 5, encoder))
    calls = functions(build_ui(collection, EncoderHolder.of(encoder), folders=True))
    found = calls["search_text"](text="a red mug")
    assert len(found["hits"]) == 5 and found["warnings"] == []
    assert calls["search_item"](key=2)["dim"] == 32
    assert calls["walk_funnel"](text="a red mug", dims=[4, 32], shortlists=[5])["k"] == 5
    assert calls["walk_funnel_item"](key=1, dims=[32], shortlists=[])["truth"][0] == 1
    assert calls["embedding_map"]()["dim"] == 8


def test_defaults_fit_a_visitor_s_images(tmp_path: Path) -> None:
    encoder = FakeEncoder(full_dim=32, nested_dims=(4, 32))
    pack = make_small_collection(tmp_path / "five", 5, encoder)
    visit = VISITS.open()
    for key in range(5):
        visit.place(f"{key}.webp").write_bytes(pack.thumbnail(key))
    visit.index(EncoderHolder.of(encoder)).wait(30)
    calls = functions(build_ui(Collection(pack), EncoderHolder.of(encoder)))
    assert len(calls["search_your_images_item"](session=visit.token, key=2)["hits"]) == 5
    assert calls["export_your_images"](session=visit.token)["index.usearch"].endswith("dim=32")
    assert any(row["chosen"] for row in calls["plan_your_images"](session=visit.token)["rows"])
    VISITS.remove(visit.token)


def functions(page: gr.Blocks) -> dict[str, Any]:
    """The endpoints by name, as functions."""
    return {str(each.api_name): each.fn for each in page.fns.values() if each.api_name}
