"""The page as a whole: the tabs inside one gr.Blocks, and what `launch` must be told to serve it.

Composes; knows nothing of checkpoints, devices or ports (app.py does).
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import gradio as gr

from mrl_demo.ui.classify import Classifiers
from mrl_demo.ui.classify_tab import classify_tab
from mrl_demo.ui.cut_offs import CutOffs
from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.endpoints import add_endpoints
from mrl_demo.ui.endpoints_classify import add_classify_endpoints
from mrl_demo.ui.endpoints_funnel import add_funnel_endpoints
from mrl_demo.ui.endpoints_inside import add_inside_endpoints
from mrl_demo.ui.endpoints_scale import add_scale_endpoints
from mrl_demo.ui.endpoints_your_images import add_your_images_endpoints
from mrl_demo.ui.evidence_tab import add_evidence_endpoints, evidence_tab
from mrl_demo.ui.figures import load_results
from mrl_demo.ui.funnel_tab import Funnel, funnel_tab
from mrl_demo.ui.inside_tab import Inside, inside_tab
from mrl_demo.ui.queries import Queries
from mrl_demo.ui.scale_tab import scale_tab
from mrl_demo.ui.scales import Scales
from mrl_demo.ui.search_tab import MAX_UPLOAD_MB, search_tab
from mrl_demo.ui.theme import page_theme
from mrl_demo.ui.thumbnails import PAGE, page_base, page_routes, thumbnail_routes
from mrl_demo.ui.visit_routes import visit_routes
from mrl_demo.ui.your_images_tab import your_images_tab

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection

TITLE = "Matryoshka Search"
# Uploads are looked for every ten minutes and deleted when they are older than an hour (seconds).
FORGET = (600, 3600)


def build_ui(
    collection: Collection,
    encoder: EncoderHolder,
    results: Mapping[str, Any] | None = None,
    folders: bool = False,
    evidence: Path | None = None,
) -> gr.Blocks:
    """The page for `collection`. `results` is a result file's content (`figures.load_results`), or None;
    `folders`: visitors on this machine may have a folder of it indexed; `evidence`: the result files' folder.
    """
    queries = Queries(collection, encoder)
    funnel = Funnel(collection, queries)
    inside = Inside(collection, load_results(evidence / "probes.json", collection) if evidence else None)
    cut_offs = CutOffs.load(evidence / "cut-off.json", collection) if evidence else None
    classifiers = Classifiers(queries)
    scales = Scales(collection)
    page: gr.Blocks
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True, delete_cache=FORGET) as page:
        gr.HTML((PAGE / "head.html").read_text(), apply_default_css=False, elem_id="head")
        with gr.Tabs(elem_id="tabs"):  # what a tab shows is made when it is first chosen
            with gr.Tab("Search", id="search"):
                search_tab(collection, queries, results, cut_offs)
            with gr.Tab("Funnel", id="funnel"):
                funnel_tab(funnel)
            with gr.Tab("Inside the embedding", id="inside"):
                inside_tab(inside)
            with gr.Tab("Classify", id="classify"):
                classify_tab(classifiers)
            with gr.Tab("Scale", id="scale"):
                scale_tab(scales)
            with gr.Tab("Your images", id="your-images"):
                your_images_tab(encoder, folders)
            if evidence:
                with gr.Tab("Evidence", id="evidence"):
                    evidence_tab(evidence)
        add_endpoints(collection, queries, cut_offs)
        add_classify_endpoints(classifiers)
        add_scale_endpoints(scales)
        add_your_images_endpoints(encoder, folders)
        add_funnel_endpoints(funnel)
        add_inside_endpoints(inside)
        if evidence:
            add_evidence_endpoints(evidence)
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
    # The icon itself, not its address: Chromium asks for that again whenever the address of the page changes.
    icon = quote((PAGE / "icon.svg").read_text())
    links = [f'<link rel="icon" type="image/svg+xml" href="data:image/svg+xml,{icon}">']
    # What all tabs share comes before what one of them says otherwise.
    styles = sorted(PAGE.glob("*.css"), key=lambda file: (file.name != "page.css", file.name))
    links += [f'<link rel="stylesheet" href="{base}/{file.name}">' for file in styles]
    links += [f'<link rel="modulepreload" href="{base}/{file.name}">' for file in sorted(PAGE.glob("*.js"))]
    return {
        "theme": page_theme(),
        "head": "".join(links),
        "app_kwargs": {
            "routes": [*page_routes(), *visit_routes(), *(thumbnail_routes(collection) if collection else [])]
        },
        "max_file_size": f"{MAX_UPLOAD_MB}mb",
        # Rendering on a Node server would put the page's own script behind another process for no gain.
        "ssr_mode": False,
        "footer_links": ["api"],
        "share": False,
    }
