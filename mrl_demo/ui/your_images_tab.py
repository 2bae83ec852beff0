"""The tab of visitors' own images: one gr.HTML, whose script lies in page/, and what the browser calls.

Files come by `visit_routes.py`, work is done by `visits.py`; this file puts a visit into words for the page.
"""

from __future__ import annotations

import functools
import ipaddress
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from mrl_demo.collection.image_files import SUFFIXES
from mrl_demo.collection.images import MAX_BYTES
from mrl_demo.errors import QueryError
from mrl_demo.search.collection import Collection
from mrl_demo.search.plan import Plan
from mrl_demo.ui.answer import fitting_k, numbers, scores
from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.funnel import K as PLANNED_K
from mrl_demo.ui.page_call import Answer, plainly
from mrl_demo.ui.queries import Query, item_text
from mrl_demo.ui.settings import slider_stops, whole_number
from mrl_demo.ui.tab import tab_html
from mrl_demo.ui.visit import MOST_BYTES, MOST_PICTURES, Visit
from mrl_demo.ui.visit_routes import visit_base, visit_thumbnails
from mrl_demo.ui.visits import VISITS

K = 12
FEWEST_PLANNED = 2  # one to ask with, one to find
# A request that was passed on by someone is not from this machine, whatever its sender's address.
PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def your_images_tab(encoder: EncoderHolder, folders: bool = False, read_by: str = "") -> gr.HTML:
    """Draw the tab inside the current Blocks. `folders`: visitors on this machine may name a folder of it;
    `read_by`: the encoder's name, where another one can be chosen."""
    known = {
        "max_file_mb": MAX_BYTES // 2**20,
        "max_mb": MOST_BYTES // 10**6,
        "max_pictures": MOST_PICTURES,
        "suffixes": sorted(SUFFIXES),
        "k": K,
        "read_by": read_by,
    }
    return tab_html("your-images", known, visit_functions(encoder, folders))


def visit_functions(encoder: EncoderHolder, folders: bool) -> list[Callable[..., Any]]:
    """The functions the browser may call; see `page_call.plainly`."""

    def open_visit(asked: Any, request: gr.Request) -> dict[str, Any]:
        """A new visit: its token, where its files go, and whether a folder may be named."""
        visit = VISITS.open()
        return {
            "token": visit.token,
            "base": visit_base(visit),
            "folders": folders and is_local(request),
            "encoder": encoder.status()["state"],
        }

    def index_images(asked: Any, request: gr.Request) -> dict[str, Any]:
        """Begin to index what was brought, or `folder`."""
        visit = VISITS.get(asked.get("token"))
        folder = asked.get("folder")
        if folder is not None and not (folders and is_local(request)):
            raise QueryError("A folder can be named only on the machine that serves this page.")
        visit.index(encoder, None if folder is None else named_folder(folder))
        return {"task": visit.task.status() if visit.task else None}

    def visit_status(asked: Any) -> dict[str, Any]:
        """How far the work is, and, when nothing is being done, what there is."""
        visit = VISITS.get(asked.get("token"))
        status: dict[str, Any] = {"task": visit.task.status() if visit.task else None}
        if visit.task is None or not visit.task.running:
            status |= {"collection": described(visit), "left_out": visit.left_out()}
            status |= {"left_out_count": visit.left_out_count, "plan": visit.plan and plan_words(visit.plan)}
        return status

    def stop_work(asked: Any) -> dict[str, Any]:
        """Stop what is being done; what was encoded so far is kept for the next time."""
        visit = VISITS.get(asked.get("token"))
        if visit.task is not None:
            visit.task.stop()
        return {}

    def search_images(asked: Any) -> dict[str, Any]:
        """Search a visitor's images by `query`; every stop of the slider is answered at once."""
        visit = VISITS.get(asked.get("token"))
        return ranked(visit.collection, visit.asking.resolve(asked.get("query")), asked.get("k", K))

    def plan_images(asked: Any) -> dict[str, Any]:
        """Begin to plan for `target_recall` of the best `k`."""
        visit = VISITS.get(asked.get("token"))
        count = len(visit.collection)
        if count < FEWEST_PLANNED:
            raise QueryError(f"Planning needs at least {FEWEST_PLANNED} pictures, got {count}: bring more.")
        k = whole_number("k", asked.get("k", min(PLANNED_K, count - 1)), None)
        visit.make_plan(float(asked.get("target_recall", 0.99)), k)
        return {"task": visit.task.status() if visit.task else None}

    def remove_images(asked: Any) -> dict[str, Any]:
        """Delete everything of a visit."""
        VISITS.remove(asked.get("token"))
        return {}

    of_a_visit = (index_images, visit_status, stop_work, search_images, plan_images)
    return [
        *(plainly(function) for function in (open_visit, remove_images)),
        *(plainly(while_there(function)) for function in of_a_visit),
    ]


def while_there(function: Callable[..., Answer]) -> Callable[..., Answer]:
    """`function` of a visit, which answers `gone` where that is over: the page begins a new one then, and
    after no other error.
    """

    @functools.wraps(function)
    def answered(asked: Any, *rest: Any) -> Answer:
        try:
            VISITS.get(asked.get("token"))
        except QueryError as error:
            return {"gone": True, "error": str(error)}
        return function(asked, *rest)

    return answered


def is_local(request: Any) -> bool:
    """Whether whoever asks sits at the machine that serves: a loopback peer that addressed a loopback host,
    passed on by nobody, and not on a Space."""
    headers = request.headers
    host = str(headers.get("host", "")).rsplit(":", 1)[0].strip("[]")
    peer = request.client.host if request.client else ""
    passed_on = any(headers.get(name) for name in PASSED_ON)
    return is_loopback(host) and is_loopback(peer) and not passed_on and not os.environ.get("SPACE_ID")


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this machine itself."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def named_folder(folder: Any) -> Path:
    """A folder someone typed, "~" for the home. QueryError where there is none."""
    if not isinstance(folder, str) or not folder.strip() or "\0" in folder:
        raise QueryError("Type the path of a folder of pictures.")
    path = Path(folder.strip()).expanduser()
    if not path.is_dir():
        raise QueryError(f"There is no folder {path} on this machine.")
    return path


def described(visit: Visit) -> dict[str, Any] | None:
    """A visitor's collection for the page, None while there is none."""
    if visit.queries is None or visit.report is None:
        return None
    collection = visit.collection
    return {
        "count": len(collection),
        "full_dim": collection.full_dim,
        "nested_dims": list(collection.nested_dims),
        "stops": slider_stops(collection.full_dim, collection.nested_dims),
        "model": collection.model.get("name", ""),
        "thumbnails": visit_thumbnails(visit),
        "seconds": round(visit.report.seconds, 2),
        "reused": visit.report.reused,
        "bytes": collection.pack.file("embeddings.npy").stat().st_size,
    }


def ranked(collection: Collection, query: Query, k: Any) -> dict[str, Any]:
    """The exact ranking at every stop of the slider, and how much of the full-dim one it holds."""
    k, warnings = fitting_k(whole_number("k", k, None), len(collection))
    stops = slider_stops(collection.full_dim, collection.nested_dims)
    found = collection.rank_at(query.embedding, stops, k)
    truth = numbers(found[-1].keys)
    shown = sorted({key for hits in found for key in numbers(hits.keys)})
    return {
        "query": {"kind": query.kind, "label": query.label, "key": query.key},
        "warnings": [*query.warnings, *(warnings if k > K else [])],
        "encode_ms": None if query.seconds is None else round(query.seconds * 1000, 2),
        "stops": [
            {
                "dim": dim,
                "keys": numbers(hits.keys),
                "scores": scores(hits),
                "recall": round(len(set(numbers(hits.keys)) & set(truth)) / max(1, len(truth)), 4),
            }
            for dim, hits in zip(stops, found, strict=True)
        ],
        "captions": {str(key): item_text(collection, key) for key in shown},
    }


def plan_words(plan: Plan) -> dict[str, Any]:
    """A plan for the page: what was measured, which was chosen, and why."""
    return {
        "target": plan.target_recall,
        "k": plan.k,
        "held_out": plan.held_out,
        "why": [*plan.why, *plan.warnings],
        "rows": [
            {
                "how": str(option.first_stage),
                "cascade": str(option.cascade),
                "recall": round(option.recall, 4),
                "bound": round(option.recall_bound, 4),
                "holds": option.holds,
                "ms": round(option.seconds_p50 * 1e3, 4),
                "bytes": round(option.bytes_per_vector),
                "multiply_adds": option.multiply_adds,
                "chosen": option == plan.chosen,
            }
            for option in plan.frontier
        ],
    }
