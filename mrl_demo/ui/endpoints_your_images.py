"""The actions of the Your images tab as named, documented endpoints for programs (`gradio_client`, curl).

Knows visits and Gradio's uploads; nothing of the page.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from mrl_demo.errors import MatryoshkaError, QueryError
from mrl_demo.search.cascade import Cascade
from mrl_demo.ui.declare import declare
from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.endpoints import PATIENCE, uploaded_image
from mrl_demo.ui.funnel import K
from mrl_demo.ui.queries import item_text, uploaded
from mrl_demo.ui.settings import whole_number
from mrl_demo.ui.task import Task
from mrl_demo.ui.visit import EXPORTS, Visit
from mrl_demo.ui.visit_routes import visit_base, visit_thumbnails
from mrl_demo.ui.visits import VISITS
from mrl_demo.ui.your_images_tab import is_local, named_folder, plan_words


def add_your_images_endpoints(encoder: EncoderHolder, folders: bool = False) -> None:
    """Declare the endpoints inside the current Blocks. `folders`: programs on this machine may name a folder
    of it."""

    def index_your_images(files: list[dict[str, Any]], wait: bool = True) -> dict[str, Any]:
        """Index pictures, or zips of pictures, into a collection that only you can search.

        files: uploads, `[gradio_client.handle_file(path), ...]`, of at most 40 MB each; together, unpacked,
        at most 2,000 pictures and 500 MB. wait: False answers at once; your_images_status tells how far it is
        then. Gives `session`, which the other endpoints of your images want; what it names is deleted by
        remove_your_images, or an hour after its last use.
        """
        if not isinstance(files, list) or not files:
            raise said(QueryError("files is a list of uploads: pictures, or zips of pictures"))
        visit = VISITS.open()
        brought: dict[Path, str] = {}
        try:
            for file in files:
                given = file if isinstance(file, dict) else {}
                source = uploaded(given.get("path"))
                brought[source] = str(given.get("orig_name") or source.name)
            for source, name in brought.items():
                take(visit, source, name)
            return begun(visit, visit.index(encoder), wait)
        except (MatryoshkaError, ValueError) as error:
            VISITS.remove(visit.token)
            raise said(error) from None
        finally:
            for source in brought:  # what was refused: Gradio would keep it for an hour
                source.unlink(missing_ok=True)

    def index_your_folder(folder: str, request: gr.Request, wait: bool = True) -> dict[str, Any]:
        """Index a folder of pictures of the machine that serves this, for programs on the same machine.

        folder: its path; it stays as it is. Otherwise like index_your_images.
        """
        if not is_local(request):
            raise said(QueryError("A folder can be named only on the machine that serves this page."))
        visit = VISITS.open()
        try:
            return begun(visit, visit.index(encoder, named_folder(folder)), wait)
        except (MatryoshkaError, ValueError) as error:
            VISITS.remove(visit.token)
            raise said(error) from None

    def your_images_status(session: str) -> dict[str, Any]:
        """How far indexing or planning is (`task`: state, done, total, text), and what is indexed."""
        try:
            return described(VISITS.get(session))
        except MatryoshkaError as error:
            raise said(error) from None

    def stop_your_images(session: str) -> dict[str, Any]:
        """End the indexing or planning under way, as soon as it looks up; like your_images_status."""
        try:
            visit = VISITS.get(session)
        except MatryoshkaError as error:
            raise said(error) from None
        if visit.task is not None:
            visit.task.stop()
        return described(visit)

    def found(session: str, asked: dict[str, Any], dim: int | None, k: int) -> dict[str, Any]:
        try:
            visit = VISITS.get(session)
            collection = visit.collection
            query = visit.asking.resolve(asked, wait=PATIENCE)
            dim = collection.full_dim if dim is None else whole_number("dim", dim, collection.full_dim)
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

    def search_your_images(session: str, text: str, dim: int | None = None, k: int = 12) -> dict[str, Any]:
        """Search your images by a text, exactly, at any dim from 1 to full_dim (which it is when left out):
        the hits, best first.
        """
        return found(session, {"kind": "text", "text": text}, dim, k)

    def search_your_images_image(
        session: str, image: dict[str, Any], dim: int | None = None, k: int = 12
    ) -> dict[str, Any]:
        """Search your images by a picture: `image` is an uploaded file (`gradio_client.handle_file(path)`).
        Otherwise like search_your_images.
        """
        return found(session, uploaded_image(image), dim, k)

    def search_your_images_item(
        session: str, key: int, dim: int | None = None, k: int = 12
    ) -> dict[str, Any]:
        """Search your images with one of them, named by its key. Otherwise like search_your_images."""
        return found(session, {"kind": "item", "key": key}, dim, k)

    def plan_your_images(session: str, target_recall: float = 0.99, k: int | None = None) -> dict[str, Any]:
        """The fastest search of your images that holds `target_recall` of the exact best `k` (10, or all
        others where there are fewer), as measured.
        """
        try:
            visit = VISITS.get(session)
            most = max(1, min(K, len(visit.collection) - 1))
            ended(visit.make_plan(target_recall, most if k is None else whole_number("k", k, None)))
            if visit.plan is None:
                raise QueryError("The plan was thrown away: your images were indexed anew meanwhile.")
            return plan_words(visit.plan)
        except (MatryoshkaError, ValueError) as error:
            raise said(error) from None

    def export_your_images(session: str, dim: int | None = None) -> dict[str, Any]:
        """Addresses on this server from which to download: embeddings.npy, items.parquet, index.usearch (a
        graph at `dim`, full_dim when left out) and, once planned, plan.json."""
        try:
            visit = VISITS.get(session)
            full = visit.collection.full_dim
            dim = full if dim is None else whole_number("dim", dim, full)
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
        *((index_your_folder,) if folders else ()),
        your_images_status,
        stop_your_images,
        search_your_images,
        search_your_images_image,
        search_your_images_item,
        plan_your_images,
        export_your_images,
        remove_your_images,
    )
    declare(endpoints)


def take(visit: Visit, source: Path, name: str) -> None:
    """Move an upload, called `name`, to what a visit brought: nothing of it stays in Gradio's folder, which
    outlives the visit. QueryError for one that the visit refuses."""
    path, count = visit.place(name), source.stat().st_size
    visit.grow(count)
    shutil.move(source, path)


def begun(visit: Visit, task: Task, wait: bool) -> dict[str, Any]:
    """What programs are told once work has begun or, with `wait`, is done. QueryError when it failed."""
    if wait:
        ended(task)
    return described(visit)


def described(visit: Visit) -> dict[str, Any]:
    """A visit for programs: how far the work is, and what is indexed."""
    collection = visit.queries.collection if visit.queries else None
    return {
        "session": visit.token,
        "task": visit.task.status() if visit.task else None,
        "indexed": len(collection) if collection else 0,
        "full_dim": collection.full_dim if collection else None,
        "left_out": visit.left_out(),
        "seconds": round(visit.report.seconds, 3) if visit.report else None,
    }


def ended(task: Task) -> None:
    """Wait for a task. Raises QueryError, in its words, when it failed or was stopped."""
    task.wait()
    status = task.status()
    if status["state"] != "done":
        raise QueryError(status["text"])


def said(error: Exception) -> gr.Error:
    return gr.Error(str(error), print_exception=False)
