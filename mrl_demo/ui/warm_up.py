"""Build ahead, in the background, what the page will ask for: one HNSW graph for every stop of the slider, or
for the trained dims alone where all would cost minutes and a gigabyte.

The page works before this is done; whoever chooses HNSW earlier waits for the graphs that are still missing.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mrl_demo.errors import MatryoshkaError
from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.settings import slider_stops

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection

log = logging.getLogger(__name__)

# The encoder goes first: someone may be waiting for it.
PATIENCE = 60.0
MOST_ITEMS = 10_000  # with a graph at every stop: 32 of them over 512 dims are 115 MB


def warm_up(collection: Collection, encoder: EncoderHolder) -> threading.Thread:
    """Start building; returns the thread, which ends when all is built."""

    def build() -> None:
        _let_visitors_go_first()
        try:
            encoder.get(wait=PATIENCE)
        except MatryoshkaError as error:
            log.info("Graphs are built without waiting longer for the encoder: %s", error)
        for dim in warm_dims(collection):
            collection.engine.index(dim)

    thread = threading.Thread(target=build, name="build-graphs", daemon=True)
    thread.start()
    return thread


def warm_dims(collection: Collection) -> Sequence[int]:
    """The dims whose graphs are built ahead."""
    if len(collection) > MOST_ITEMS:
        return collection.nested_dims
    return slider_stops(collection.full_dim, collection.nested_dims)


def _let_visitors_go_first() -> None:
    """This thread, and those it starts, get what processor time others leave.

    Only Linux has niceness by the thread; elsewhere it would slow the whole server down.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
