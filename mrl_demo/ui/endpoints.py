"""Every action of the page as a named, documented endpoint for programs (`gradio_client`, curl).

Knows nothing of the page's own messages; answers are small: one ranking, not every stop of the slider.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gradio as gr

from mrl_demo.errors import MatryoshkaError
from mrl_demo.search.cascade import Cascade
from mrl_demo.ui.answer import best_of_all, fitting_k, losses, stop
from mrl_demo.ui.declare import declare
from mrl_demo.ui.filters import Filter, choices
from mrl_demo.ui.queries import Queries, item_text
from mrl_demo.ui.settings import Settings, cascade_at
from mrl_demo.ui.thumbnails import thumbnail_base

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection
    from mrl_demo.ui.cut_offs import CutOffs

# Programs, unlike the page, are content to wait for the encoder.
PATIENCE = 90.0
STAGE_FIELDS = ("dim", "first_stage", "considered", "kept", "milliseconds", "bytes_touched", "multiply_adds")


def add_endpoints(collection: Collection, queries: Queries, cut_offs: CutOffs | None = None) -> None:
    """Declare the endpoints inside the current Blocks."""
    usual_dim, usual_k = min(Settings.dim, collection.full_dim), min(Settings.k, len(collection))

    def found(
        asked: dict[str, Any], dim: int, mode: str, first_stage: str, k: int, where: dict[str, Any] | None
    ) -> dict[str, Any]:
        pack = collection.pack
        try:
            settings = Settings.checked(mode, first_stage, k, dim, pack.full_dim)
            only = Filter.checked(collection, where)
            query = queries.resolve(asked, wait=PATIENCE)
            fit, warnings = fitting_k(settings.k, only.count, bool(only.values))
            cascade = cascade_at(mode, settings.dim, fit, only.count, pack.full_dim, pack.nested_dims)
            truth = collection.search(query.embedding, Cascade.flat(pack.full_dim), fit, where=only.mask)
            hits = collection.search(query.embedding, cascade, fit, settings.first_stage, only.mask)
            (lost,) = losses(collection, query, [hits], truth, only)
        except (MatryoshkaError, ValueError) as error:
            raise gr.Error(str(error), print_exception=False) from None
        entry = stop(settings.dim, hits, truth)
        cut = cut_offs.at(query.kind, cascade.dims[-1]) if cut_offs else None
        lift = cut_offs.lift(query, best_of_all(collection, query, truth, only)) if cut_offs else None
        return {
            "query": query.label,
            "dim": settings.dim,
            "cascade": str(cascade),
            "recall_against_full_dim": entry["recall"],
            "cut_off": cut[0] if cut else None,
            "good_match": entry["scores"][0] >= cut[0] and lift[0] >= lift[1] if cut and lift else None,
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
            "lost": [
                {
                    "key": fall.key,
                    "caption": item_text(collection, fall.key),
                    "stage": fall.stage + 1,
                    "dim": hits.stages[fall.stage].dim,
                    "rank": fall.rank,
                    "handed_on": hits.stages[fall.stage].kept,
                    "overlooked": fall.overlooked,
                }
                for fall in lost
            ],
            "stages": [dict(zip(STAGE_FIELDS, row, strict=True)) for row in entry["stages"]],
        }

    def search_text(
        text: str,
        dim: int = usual_dim,
        mode: str = "flat",
        first_stage: str = "exact",
        k: int = usual_k,
        where: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Search the collection by a text, at any dim from 1 to full_dim.

        mode: flat, adaptive or funnel. first_stage: exact, hnsw or signs. where: values by column, such as
        {"colour": "red"}; collection_info lists them. Gives the hits, best first, with cosine scores,
        captions and thumbnail addresses; the recall against exact full-dim search and, for what was lost, at
        which stage it fell and at what rank; the cosine from which a hit is a good match; and each stage's
        cost.
        """
        return found({"kind": "text", "text": text}, dim, mode, first_stage, k, where)

    def search_image(
        image: dict[str, Any],
        dim: int = usual_dim,
        mode: str = "flat",
        first_stage: str = "exact",
        k: int = usual_k,
        where: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Search the collection by a picture: `image` is an uploaded file
        (`gradio_client.handle_file(path)`).

        Otherwise like search_text.
        """
        return found(uploaded_image(image), dim, mode, first_stage, k, where)

    def search_text_and_image(
        text: str,
        image: dict[str, Any],
        weight: float = 0.5,
        dim: int = usual_dim,
        mode: str = "flat",
        first_stage: str = "exact",
        k: int = usual_k,
        where: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Search by words and an uploaded picture together; the picture counts `weight`, from 0 to 1.
        Otherwise like search_text, without a cut-off.
        """
        asked = {"kind": "mixed", "text": text, "picture": uploaded_image(image), "weight": weight}
        return found(asked, dim, mode, first_stage, k, where)

    def search_text_and_item(
        text: str,
        key: int,
        weight: float = 0.5,
        dim: int = usual_dim,
        mode: str = "flat",
        first_stage: str = "exact",
        k: int = usual_k,
        where: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Search by words and one of the collection's own pictures together; the picture counts `weight`,
        from 0 to 1. Otherwise like search_text, without a cut-off.
        """
        picture = {"kind": "item", "key": key}
        asked = {"kind": "mixed", "text": text, "picture": picture, "weight": weight}
        return found(asked, dim, mode, first_stage, k, where)

    def search_item(
        key: int,
        dim: int = usual_dim,
        mode: str = "flat",
        first_stage: str = "exact",
        k: int = usual_k,
        where: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Search with one of the collection's own pictures, named by its key. Otherwise like search_text."""
        return found({"kind": "item", "key": key}, dim, mode, first_stage, k, where)

    def search_example(
        index: int,
        dim: int = usual_dim,
        mode: str = "flat",
        first_stage: str = "exact",
        k: int = usual_k,
        where: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Search with one of the examples that collection_info lists; needs no encoder. Otherwise like
        search_text.
        """
        return found({"kind": "example", "index": index}, dim, mode, first_stage, k, where)

    def collection_info() -> dict[str, Any]:
        """What is searched: name, title, size, dims, the model it was embedded with, the examples, the
        filters with their values, the encoder's state.
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
            "filters": {
                entry["column"]: [value for value, _ in entry["values"]] for entry in choices(collection)
            },
            "encoder": queries.encoder.status(),
        }

    endpoints: tuple[Callable[..., dict[str, Any]], ...] = (
        search_text,
        search_image,
        search_text_and_image,
        search_text_and_item,
        search_item,
        search_example,
        collection_info,
    )
    declare(endpoints)


def uploaded_image(image: Any) -> dict[str, Any]:
    """The query of a file that `gradio_client.handle_file` uploaded; what it really is, Queries finds out."""
    file = image if isinstance(image, dict) else {}
    return {"kind": "image", "path": file.get("path"), "name": file.get("orig_name")}
