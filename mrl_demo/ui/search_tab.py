"""The search tab: one gr.HTML whose skeleton, scripts and styles lie in page/, and the functions the
browser calls.

Gradio's own slider and gallery take 140 ms and more a step (../shared/reference); here a step is page
script alone, so the whole instrument is one component that gets everything about a query at once
(`answer.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import gradio as gr

from mrl_demo.search.hits import FIRST_STAGES
from mrl_demo.ui.answer import answer, searched_dims
from mrl_demo.ui.figures import charts
from mrl_demo.ui.filters import Filter, choices
from mrl_demo.ui.graphs import Graphs
from mrl_demo.ui.page_call import plainly
from mrl_demo.ui.queries import Queries, Query
from mrl_demo.ui.settings import MAX_K, MODES, Settings, slider_stops
from mrl_demo.ui.tab import tab_html
from mrl_demo.ui.thumbnails import thumbnail_base

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection
    from mrl_demo.ui.cut_offs import CutOffs

# Told to the browser before it uploads, and to Gradio, which refuses larger ones.
MAX_UPLOAD_MB = 40


def search_tab(
    collection: Collection,
    queries: Queries,
    results: Mapping[str, Any] | None,
    cut_offs: CutOffs | None = None,
) -> gr.HTML:
    """Draw the tab inside the current Blocks. It comes up with the first example already answered."""
    pack = collection.pack
    known = {
        "title": pack.title,
        "count": len(collection),
        "full_dim": pack.full_dim,
        "nested_dims": list(pack.nested_dims),
        "stops": slider_stops(pack.full_dim, pack.nested_dims),
        "modes": list(MODES),
        "first_stages": list(FIRST_STAGES),
        "max_k": MAX_K,
        "max_upload_mb": MAX_UPLOAD_MB,
        "thumbnails": thumbnail_base(collection),
        "examples": [example.text for example in pack.examples],
        "filters": choices(collection),
        "charts": charts(collection, results),
        "start": answer(collection, first_query(queries), first_settings(collection), None, cut_offs),
    }
    return tab_html("search", known, page_functions(collection, queries, cut_offs))


def first_settings(collection: Collection) -> Settings:
    """What the page shows before anyone touched it: flat search at a short prefix, where something is
    already lost.
    """
    pack = collection.pack
    dim = next((dim for dim in pack.nested_dims if dim >= 32), pack.full_dim)
    return Settings(dim=dim, k=min(Settings.k, len(collection)))


def first_query(queries: Queries) -> Query:
    """The first example, or the first picture of a collection that has none: neither needs the encoder."""
    return queries.example(0) if queries.collection.pack.examples else queries.item(0)


def page_functions(
    collection: Collection, queries: Queries, cut_offs: CutOffs | None = None
) -> list[Callable[..., Any]]:
    """The functions the browser may call; see `page_call.plainly`."""

    full_dim, graphs = collection.full_dim, Graphs(collection)

    def ask(asked: Any) -> dict[str, Any]:
        """`{query, mode, first_stage, k, dim, where}` to an answer; see `answer.py`."""
        settings = Settings.checked(
            asked.get("mode"), asked.get("first_stage"), asked.get("k"), asked.get("dim"), full_dim
        )
        if settings.first_stage == "hnsw":
            graphs.ready(searched_dims(collection, settings))
        only = Filter.checked(collection, asked.get("where"))
        return answer(collection, queries.resolve(asked.get("query")), settings, only, cut_offs)

    def encoder_status(_: Any = None) -> dict[str, str]:
        """Whether texts and uploads can be searched yet."""
        return queries.encoder.status()

    return [plainly(ask), encoder_status]
