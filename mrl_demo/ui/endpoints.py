"""Every action of the page as a named, documented endpoint for programs (`gradio_client`, curl).

Knows nothing of the page's own messages; answers are small: one ranking, not every stop of the slider.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.events import api

from mrl_demo.errors import MatryoshkaError
from mrl_demo.search.cascade import Cascade
from mrl_demo.ui.answer import fitting_k, stop
from mrl_demo.ui.queries import Queries, item_text
from mrl_demo.ui.settings import Settings, cascade_at
from mrl_demo.ui.thumbnails import thumbnail_base

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection

# Programs, unlike the page, are content to wait for the encoder.
PATIENCE = 90.0
STAGE_FIELDS = ("dim", "first_stage", "considered", "kept", "milliseconds", "bytes_touched", "multiply_adds")


def add_endpoints(collection: Collection, queries: Queries) -> None:
    """Declare the endpoints inside the current Blocks."""

    def found(asked: dict[str, Any], dim: int, mode: str, first_stage: str, k: int) -> dict[str, Any]:
        pack = collection.pack
        try:
            settings = Settings.checked(mode, first_stage, k, dim, pack.full_dim)
            query = queries.resolve(asked, wait=PATIENCE)
            fit, warnings = fitting_k(settings.k, len(collection))
            cascade = cascade_at(mode, settings.dim, fit, len(collection), pack.full_dim, pack.nested_dims)
            truth = collection.search(query.embedding, Cascade.flat(pack.full_dim), k=fit)
            hits = collection.search(query.embedding, cascade, k=fit, first_stage=settings.first_stage)
        except (MatryoshkaError, ValueError) as error:
            raise gr.Error(str(error), print_exception=False) from None
        entry = stop(settings.dim, hits, truth)
        return {
            "query": query.label,
            "dim": settings.dim,
            "cascade": str(cascade),
            "recall_against_full_dim": entry["recall"],
            "warnings": [*query.warnings, *warnings],
            "hits": [
                {
                    "rank": rank,
                    "key": key,
                    "score": score,
                    "caption": item_text(collection, key),
                    "thumbnail": f"{thumbnail_base(collection)}/{key}.webp",
                }
                for rank, (key, score) in enumerate(zip(entry["keys"], entry["scores"], strict=True), start=1)
            ],
            "stages": [dict(zip(STAGE_FIELDS, row, strict=True)) for row in entry["stages"]],
        }

    def search_text(
        text: str, dim: int = 64, mode: str = "flat", first_stage: str = "exact", k: int = 12
    ) -> dict[str, Any]:
        """Search the collection by a text, at any dim from 1 to full_dim.

        mode: flat, adaptive or funnel. first_stage: exact, hnsw or signs. Gives the hits, best first, with
        cosine scores, captions and thumbnail addresses, the recall against exact full-dim search, and the
        cost of each stage.
        """
        return found({"kind": "text", "text": text}, dim, mode, first_stage, k)

    def search_image(
        image: dict[str, Any], dim: int = 64, mode: str = "flat", first_stage: str = "exact", k: int = 12
    ) -> dict[str, Any]:
        """Search the collection by a picture: `image` is an uploaded file
        (`gradio_client.handle_file(path)`).

        Otherwise like search_text.
        """
        file = image if isinstance(image, dict) else {}
        asked = {"kind": "image", "path": file.get("path"), "name": file.get("orig_name")}
        return found(asked, dim, mode, first_stage, k)

    def search_item(
        key: int, dim: int = 64, mode: str = "flat", first_stage: str = "exact", k: int = 12
    ) -> dict[str, Any]:
        """Search with one of the collection's own pictures, named by its key. Otherwise like search_text."""
        return found({"kind": "item", "key": key}, dim, mode, first_stage, k)

    def search_example(
        index: int, dim: int = 64, mode: str = "flat", first_stage: str = "exact", k: int = 12
    ) -> dict[str, Any]:
        """Search with one of the examples that collection_info lists; needs no encoder. Otherwise like
        search_text.
        """
        return found({"kind": "example", "index": index}, dim, mode, first_stage, k)

    def collection_info() -> dict[str, Any]:
        """What is searched: name, title, size, dims, the model it was embedded with, the examples, the
        encoder's state.
        """
        pack = collection.pack
        return {
            "name": pack.name,
            "title": pack.title,
            "count": len(collection),
            "full_dim": pack.full_dim,
            "nested_dims": list(pack.nested_dims),
            "model": dict(pack.model),
            "examples": [example.text for example in pack.examples],
            "encoder": queries.encoder.status(),
        }

    endpoints: tuple[Callable[..., dict[str, Any]], ...] = (
        search_text,
        search_image,
        search_item,
        search_example,
        collection_info,
    )
    for endpoint in endpoints:
        api(endpoint, api_name=endpoint.__name__, concurrency_limit=4)
