"""How a function becomes an endpoint for programs (`gradio_client`, curl): by its own name, with its words.

Where the app has another page, of another encoder, the names of that page's endpoints end in its path:
`search_text`, `search_text_by_mrl_photos`. Knows no endpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from gradio.context import Context
from gradio.events import api


def declare(endpoints: Iterable[Callable[..., Any]]) -> None:
    """Declare `endpoints` inside the current Blocks, on its current page."""
    path = Context.root_block.current_page if Context.root_block else ""
    ending = f"_{path.replace('-', '_')}" if path else ""
    for endpoint in endpoints:
        api(endpoint, api_name=endpoint.__name__ + ending, concurrency_limit=4)
