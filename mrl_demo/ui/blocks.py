"""The page as a whole: the tabs inside one gr.Blocks, and what `launch` must be told to serve it.

Composes; knows nothing of checkpoints, devices or ports (app.py does).
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr

from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.endpoints import add_endpoints
from mrl_demo.ui.queries import Queries
from mrl_demo.ui.search_tab import MAX_UPLOAD_MB, search_tab
from mrl_demo.ui.theme import page_theme
from mrl_demo.ui.thumbnails import PAGE, page_base, page_routes, thumbnail_routes

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection

TITLE = "Matryoshka Search"
# Uploads are looked for every hour and deleted when they are older than a day (seconds).
FORGET = (3600, 86400)


def build_ui(
    collection: Collection, encoder: EncoderHolder, results: Mapping[str, Any] | None = None
) -> gr.Blocks:
    """The page for `collection`. `results` is a result file's content (`figures.load_results`), or None."""
    queries = Queries(collection, encoder)
    page: gr.Blocks
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True, delete_cache=FORGET) as page:
        gr.HTML((PAGE / "head.html").read_text(), apply_default_css=False, elem_id="head")
        with gr.Tabs(elem_id="tabs"):  # what a tab shows is made when it is first chosen
            with gr.Tab("Search", id="search"):
                search_tab(collection, queries, results)
        add_endpoints(collection, queries)
    return page


def build_notice(what: str, what_to_do: str) -> gr.Blocks:
    """A page that says why there is nothing to search, and what to do about it. Text only, never markup."""
    skeleton = (PAGE / "notice.html").read_text()
    page: gr.Blocks
    with gr.Blocks(title=TITLE, analytics_enabled=False) as page:
        gr.HTML(
            skeleton.replace("@what@", escape(what)).replace("@to-do@", escape(what_to_do)), elem_id="notice"
        )
    return page


def launch_options(collection: Collection | None) -> dict[str, Any]:
    """What `Blocks.launch` is told beside host and port: looks, routes, limits."""
    base = page_base()
    # Styles are linked, not given as `css`: Gradio rewrites that and breaks selectors with commas inside
    # `:is()`.
    links = [f'<link rel="icon" type="image/svg+xml" href="{base}/icon.svg">']
    # What all tabs share comes before what one of them says otherwise.
    styles = sorted(PAGE.glob("*.css"), key=lambda file: (file.name != "page.css", file.name))
    links += [f'<link rel="stylesheet" href="{base}/{file.name}">' for file in styles]
    links += [f'<link rel="modulepreload" href="{base}/{file.name}">' for file in sorted(PAGE.glob("*.js"))]
    return {
        "theme": page_theme(),
        "head": "".join(links),
        "app_kwargs": {"routes": page_routes() + (thumbnail_routes(collection) if collection else [])},
        "max_file_size": f"{MAX_UPLOAD_MB}mb",
        # Rendering on a Node server would put the page's own script behind another process for no gain.
        "ssr_mode": False,
        "footer_links": ["api"],
        "share": False,
    }
