"""A page served for a test: on loopback, at a free port, in this process, with uploads in a folder of its
own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from mrl_demo.search.collection import Collection
from mrl_demo.ui.blocks import launch_options


@contextmanager
def serve(page: gr.Blocks, collection: Collection | None) -> Iterator[str]:
    """The address of `page` while it is served."""
    options = launch_options(collection)
    _, address, _ = page.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", **options)
    try:
        yield address.rstrip("/")
    finally:
        page.close(verbose=False)
