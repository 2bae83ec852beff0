"""Starlette routes for visitors' own images: bringing files, thumbnails, exports, and going.

Every address carries the visit's token. Uploads do not pass through Gradio, whose folder of uploads outlives
a visit and is limited to pictures' sizes. Knows visits and HTTP; nothing of indexing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mrl_demo.errors import MatryoshkaError, QueryError
from mrl_demo.ui.visit import Visit
from mrl_demo.ui.visits import VISITS

BASE = "/gradio_api/mrl/yours"
# Only in the visitor's own browser, and not for long.
PRIVATE = {"Cache-Control": "private, max-age=3600"}


def visit_base(visit: Visit) -> str:
    """Where the browser finds what belongs to a visit."""
    return f"{BASE}/{visit.token}"


def visit_thumbnails(visit: Visit) -> str:
    """Where the browser finds `{key}.webp`; changes when the visitor's collection does."""
    return f"{visit_base(visit)}/thumb/{visit.collection.pack.fingerprint}"


def visit_routes() -> list[BaseRoute]:
    """The routes; what is wrong comes back as `{"error": ...}` in plain words, 404 or 413."""

    async def bring(request: Request) -> Response:
        """One file, as the body of the request."""
        try:
            visit = VISITS.get(request.path_params["token"])
            path = await received(visit, request.query_params.get("name", ""), request.stream())
        except QueryError as error:
            return refused(error, 413)
        return JSONResponse({"name": path.name})

    async def thumbnail(request: Request) -> Response:
        try:
            collection = VISITS.get(request.path_params["token"]).collection
            key = request.path_params["key"]
            if not 0 <= key < len(collection):
                raise QueryError("There is no such picture.")
            data = await anyio.to_thread.run_sync(collection.thumbnail, key)
        except MatryoshkaError as error:
            return refused(error, 404)
        return Response(data, media_type="image/webp", headers=PRIVATE)

    async def export(request: Request) -> Response:
        what: str = request.path_params["what"]
        try:
            visit = VISITS.get(request.path_params["token"])
            dim: Any = request.query_params.get("dim")
            path = await anyio.to_thread.run_sync(partial(visit.export, what, dim))
        except MatryoshkaError as error:
            return refused(error, 404)
        name = path.name if what == "index.usearch" else what
        return FileResponse(path, filename=name, headers={"Cache-Control": "no-store"})

    async def leave(request: Request) -> Response:
        """The page says so when it is closed (`navigator.sendBeacon`)."""
        await anyio.to_thread.run_sync(VISITS.remove, request.path_params["token"])
        return Response(status_code=204)

    return [
        Route(f"{BASE}/{{token}}/bring", bring, methods=["POST"]),
        Route(f"{BASE}/{{token}}/leave", leave, methods=["POST"]),
        Route(f"{BASE}/{{token}}/thumb/{{version}}/{{key:int}}.webp", thumbnail),
        Route(f"{BASE}/{{token}}/{{what}}", export),
    ]


async def received(visit: Visit, name: str, blocks: AsyncIterator[bytes]) -> Path:
    """Write what comes in under `name`; nothing is left of a file that comes in part. QueryError for one that
    the visit refuses."""
    path, count = visit.place(name), 0
    try:
        async with await anyio.open_file(path, "wb") as file:
            async for block in blocks:
                visit.grow(len(block))
                count += len(block)
                await file.write(block)
    except BaseException:  # refused, or the visitor went away in the middle
        visit.drop(path, count)
        raise
    return path


def refused(error: MatryoshkaError, status: int) -> Response:
    return JSONResponse({"error": str(error)}, status_code=status)
