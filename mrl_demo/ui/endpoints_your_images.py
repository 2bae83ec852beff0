"""The actions of the Your images tab as named, documented endpoints for programs (`gradio_client`, curl).

Knows visits and Gradio's uploads; nothing of the page.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import gradio as gr
from gradio.events import api

from mrl_demo.errors import MatryoshkaError, QueryError
from mrl_demo.search.cascade import Cascade
from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.endpoints import PATIENCE
from mrl_demo.ui.queries import item_text, uploaded
from mrl_demo.ui.settings import whole_number
from mrl_demo.ui.task import Task
from mrl_demo.ui.visit_routes import visit_base, visit_thumbnails
from mrl_demo.ui.visits import EXPORTS, VISITS
from mrl_demo.ui.your_images_tab import plan_words


def add_your_images_endpoints(encoder: EncoderHolder) -> None:
    """Declare the endpoints inside the current Blocks."""

    def index_your_images(files: list[dict[str, Any]]) -> dict[str, Any]:
        """Index pictures, or zips of pictures, into a collection that only you can search.

        files: uploads, `[gradio_client.handle_file(path), ...]`. Gives `session`, which the other endpoints
        of your images want; what it names is deleted by remove_your_images, or an hour after its last use.
        """
        if not isinstance(files, list) or not files:
            raise said(QueryError("files is a list of uploads: pictures, or zips of pictures"))
        visit = VISITS.open()
        try:
            for file in files:
                given = file if isinstance(file, dict) else {}
                source = uploaded(given.get("path"))
                shutil.copyfile(source, visit.place(str(given.get("orig_name") or source.name)))
            ended(visit.index(encoder))
            return {
                "session": visit.token,
                "indexed": len(visit.collection),
                "full_dim": visit.collection.full_dim,
                "left_out": visit.left_out(),
                "seconds": round(visit.report.seconds, 3) if visit.report else None,
            }
        except (MatryoshkaError, ValueError) as error:
            VISITS.remove(visit.token)
            raise said(error) from None

    def search_your_images(session: str, text: str, dim: int = 512, k: int = 12) -> dict[str, Any]:
        """Search your images by a text, exactly, at any dim from 1 to full_dim: the hits, best first."""
        try:
            visit = VISITS.get(session)
            collection = visit.collection
            query = visit.asking.resolve({"kind": "text", "text": text}, wait=PATIENCE)
            dim = whole_number("dim", dim, collection.full_dim)
            count = min(whole_number("k", k, None), len(collection))
            hits = collection.search(query.embedding, Cascade.flat(dim), k=count)
        except (MatryoshkaError, ValueError) as error:
            raise said(error) from None
        base = visit_thumbnails(visit)
        return {
            "query": query.label,
            "dim": dim,
            "warnings": list(query.warnings),
            "hits": [
                {
                    "rank": rank,
                    "key": int(key),
                    "score": round(float(score), 4),
                    "caption": item_text(collection, int(key)),
                    "file": collection.source(int(key)),
                    "thumbnail": f"{base}/{int(key)}.webp",
                }
                for rank, (key, score) in enumerate(zip(hits.keys, hits.scores, strict=True), start=1)
            ],
        }

    def plan_your_images(session: str, target_recall: float = 0.99, k: int = 10) -> dict[str, Any]:
        """The fastest search of your images that holds `target_recall` of the exact best `k`, as measured."""
        try:
            visit = VISITS.get(session)
            ended(visit.make_plan(target_recall, k))
            if visit.plan is None:
                raise QueryError("The plan was thrown away: your images were indexed anew meanwhile.")
            return plan_words(visit.plan)
        except (MatryoshkaError, ValueError) as error:
            raise said(error) from None

    def export_your_images(session: str, dim: int = 512) -> dict[str, Any]:
        """Addresses on this server from which to download: embeddings.npy, items.parquet, index.usearch (a
        graph at `dim`) and, once planned, plan.json."""
        try:
            visit = VISITS.get(session)
            visit.collection  # noqa: B018  says so when there is nothing yet
            whole_number("dim", dim, visit.collection.full_dim)
        except (MatryoshkaError, ValueError) as error:
            raise said(error) from None
        there = [name for name in EXPORTS if name != "plan.json" or visit.plan is not None]
        return {
            name: f"{visit_base(visit)}/{name}{f'?dim={dim}' if name == 'index.usearch' else ''}"
            for name in there
        }

    def remove_your_images(session: str) -> dict[str, Any]:
        """Delete everything that this session brought and made."""
        VISITS.remove(session)
        return {"removed": True}

    endpoints: tuple[Callable[..., dict[str, Any]], ...] = (
        index_your_images,
        search_your_images,
        plan_your_images,
        export_your_images,
        remove_your_images,
    )
    for endpoint in endpoints:
        api(endpoint, api_name=endpoint.__name__, concurrency_limit=4)


def ended(task: Task) -> None:
    """Wait for a task. Raises QueryError, in its words, when it failed or was stopped."""
    task.wait()
    status = task.status()
    if status["state"] != "done":
        raise QueryError(status["text"])


def said(error: Exception) -> gr.Error:
    return gr.Error(str(error), print_exception=False)
