"""Starlette routes that Gradio does not have: thumbnails and page files that a browser may keep for ever.

They lie under /gradio_api because anything elsewhere would be answered by the page itself under server-side
rendering. Every address carries a version (of the collection, of the page's files), so `immutable` is never
wrong.
"""

from __future__ import annotations

import hashlib
import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from mrl_demo.collection.pack import ITEMS

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection

PAGE = Path(__file__).parent / "page"
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css"}
KEPT_THUMBNAILS = 4096  # about 6 kB each


def digest(*files: Path) -> str:
    """Eight hex digits that change when any of `files` does."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:8]


def page_base() -> str:
    """Where the browser finds the page's scripts and styles; changes when one of them does."""
    return f"/gradio_api/mrl/page/{digest(*sorted(PAGE.iterdir()))}"


def thumbnail_base(collection: Collection) -> str:
    """Where the browser finds `{key}.webp`; changes when the pictures do, and is the same for every encoder
    that sees them."""
    return f"/gradio_api/mrl/thumb/{collection.pack.manifest.files[ITEMS].sha256[:16]}"


def page_routes() -> list[BaseRoute]:
    """The route of the page's own files; only those that lie in `page/`."""

    def page_file(request: Request) -> Response:
        file = PAGE / request.path_params["name"]
        if file.parent != PAGE or file.suffix not in MEDIA_TYPES or not file.is_file():
            return Response("There is no such file.", status_code=404)
        return Response(file.read_bytes(), media_type=MEDIA_TYPES[file.suffix], headers=FOR_EVER)

    return [Route("/gradio_api/mrl/page/{version}/{name}", page_file)]


def thumbnail_routes(collection: Collection) -> list[BaseRoute]:
    """The route of the collection's thumbnails, read lazily and kept in memory."""
    lock = threading.Lock()  # a Parquet reader is not meant for many threads at once

    @lru_cache(KEPT_THUMBNAILS)
    def thumbnail_bytes(key: int) -> bytes:
        with lock:
            return collection.pack.thumbnail(key)

    def thumbnail(request: Request) -> Response:
        key = request.path_params["key"]
        if not 0 <= key < len(collection):
            return Response("There is no such picture.", status_code=404)
        return Response(thumbnail_bytes(key), media_type="image/webp", headers=FOR_EVER)

    return [Route("/gradio_api/mrl/thumb/{version}/{key:int}.webp", thumbnail)]
