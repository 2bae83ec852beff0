"""The page as a whole: the tabs inside one gr.Blocks, and what `launch` must be told to serve it.

Where the same pictures were embedded by several encoders, each has a page of its own at an address of its own
(Gradio's routes), with all the tabs; which encoder is chosen is which page is looked at.

Composes; knows nothing of checkpoints, devices or ports (app.py does).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
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
from mrl_demo.ui.figures import load_results, results_file
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
# The way to another encoder's page takes along what is asked, and which tab is looked at (page/along.js).
FOLLOW = """for (const kind of ["click", "auxclick"]) element.addEventListener(kind, (event) => {
  const link = event.target.closest("nav a");
  if (!link) return;
  const asked = new URLSearchParams(location.search);
  if (Number(asked.get("dim")) > link.dataset.fullDim) asked.set("dim", link.dataset.fullDim);
  link.search = asked;
  if (event.type !== "click" || event.ctrlKey || event.metaKey || event.shiftKey) return; // opens elsewhere
  const tab = document.querySelector('#tabs [role="tab"][aria-selected="true"]');
  try {
    sessionStorage.setItem("mrl-follow-tab", tab.textContent.trim());
    if (history.state?.asked) sessionStorage.setItem("mrl-follow-asked", history.state.asked);
  } catch { /* storage that is off takes nothing along */ }
});
import("@base@/follow.js").then((follow) => follow.toTab());"""
# Uploads are looked for every ten minutes and deleted when they are older than an hour (seconds).
FORGET = (600, 3600)


@dataclass(frozen=True, eq=False)
class View:
    """The pictures as one encoder sees them: the collection of its vectors, and the encoder."""

    collection: Collection
    encoder: EncoderHolder


def build_ui(
    collection: Collection,
    encoder: EncoderHolder,
    folders: bool = False,
    evidence: Path | None = None,
    others: Sequence[View] = (),
) -> gr.Blocks:
    """The page for `collection`, and one for each of `others`, which show the same pictures.

    Args:
        folders: visitors on this machine may have a folder of it indexed.
        evidence: the result files' folder; of them is shown what was measured on the vectors that are shown.
    """
    views = [View(collection, encoder), *others]
    links = page_links([view.collection for view in views])
    page: gr.Blocks
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True, delete_cache=FORGET) as page:
        _fill(views[0], links, 0, folders, evidence)
        if evidence:
            add_evidence_endpoints(evidence)
    for place, view in enumerate(views[1:], start=1):
        with page.route(links[place].name, links[place].path, show_in_navbar=False):
            _fill(view, links, place, folders, evidence)
    return page


def _fill(view: View, links: Sequence[Link], place: int, folders: bool, evidence: Path | None) -> None:
    """Everything on the page of `view`, which is at `place` among the pages that `links` lead to."""
    collection = view.collection
    queries = Queries(collection, view.encoder)
    funnel = Funnel(collection, queries)
    results = cut_offs = probes = None
    if evidence:
        results = load_results(evidence / f"{collection.name}.json", collection)
        probes = load_results(results_file(evidence, "probes", collection), collection)
        cut_offs = CutOffs.load(results_file(evidence, "cut-off", collection), collection)
    inside = Inside(collection, probes)
    classifiers = Classifiers(queries)
    scales = Scales(collection)
    follow = FOLLOW.replace("@base@", page_base())
    gr.HTML(head(links, place), js_on_load=follow, apply_default_css=False, elem_id="head")
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
            your_images_tab(view.encoder, folders, links[place].name if links[1:] else "")
        if evidence:
            with gr.Tab("Evidence", id="evidence"):
                evidence_tab(evidence)
    add_endpoints(collection, queries, cut_offs)
    add_classify_endpoints(classifiers)
    add_scale_endpoints(scales)
    add_your_images_endpoints(view.encoder, folders)
    add_funnel_endpoints(funnel)
    add_inside_endpoints(inside)


@dataclass(frozen=True)
class Link:
    """The way to an encoder's page: its name, the address below the first page's, and its full dim."""

    name: str
    path: str
    full_dim: int


def page_links(collections: Sequence[Collection]) -> list[Link]:
    """A link to the page of each. The first one's address is the app's own; no two are alike."""
    links: list[Link] = []
    for collection in collections:
        name = str(collection.model.get("name", "")) or collection.name
        # Begins with what no address of Gradio's own does: "by-mrl-photos".
        path = "-".join(["by", *re.findall(r"[a-z0-9]+", name.lower())]) if links else ""
        while path in {link.path for link in links}:
            path += "-too"
        links.append(Link(name, path, collection.full_dim))
    return links


def head(links: Sequence[Link], place: int) -> str:
    """The page's head; with several encoders also which of them is looked at, and the way to the others."""
    ways = []
    for other, link in enumerate(links):
        here = ' aria-current="page"' if other == place else ""
        ways.append(
            f'<a href="{link.path or "."}" data-full-dim="{link.full_dim}"{here}>{escape(link.name)}</a>'
        )
    choice = f'<nav aria-label="Encoder"><span>Encoder</span>{"".join(ways)}</nav>' if ways[1:] else ""
    return (PAGE / "head.html").read_text().replace("@encoders@", choice)


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
