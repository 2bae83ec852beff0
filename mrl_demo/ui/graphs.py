"""HNSW graphs for every stop of the slider: built ahead where that is quick, else when someone chooses HNSW.

The page works meanwhile, and says how many there are. Knows engines and the encoder's holder; no search.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mrl_demo.errors import MatryoshkaError, NotYet, QueryError
from mrl_demo.search.structures import MOST_BYTES
from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.settings import slider_stops
from mrl_demo.ui.task import Report, Task

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection

log = logging.getLogger(__name__)

# The encoder goes first: someone may be waiting for it.
PATIENCE = 60.0
MOST_ITEMS = 10_000  # with a graph at every stop ahead of any question: 32 of them over 512 dims are 115 MB


class StillBuilding(NotYet):
    """Graphs are being built; ask again in a moment."""


class Graphs:
    """The graphs over one collection that the search tab needs. Safe to use from many threads."""

    def __init__(self, collection: Collection) -> None:
        self._collection, self._engine = collection, collection.engine
        self._lock = threading.Lock()
        self._task: Task | None = None

    @property
    def ahead(self) -> Sequence[int]:
        """The dims whose graphs are built before anyone asks: the trained ones alone where all would cost
        minutes and a gigabyte."""
        if len(self._collection) > MOST_ITEMS:
            return self._collection.nested_dims
        return slider_stops(self._collection.full_dim, self._collection.nested_dims)

    def warm_up(self, encoder: EncoderHolder) -> Task:
        """Build those in the background, once the encoder is there."""

        def work(report: Report) -> None:
            try:
                encoder.get(wait=PATIENCE)
            except MatryoshkaError as error:
                log.info("Graphs are built without waiting longer for the encoder: %s", error)
            self._build(self.ahead, report)

        return Task("Building graphs", work)

    def ready(self, dims: Sequence[int]) -> None:
        """Nothing, when a search by graphs at all of `dims` need not wait long.

        Raises:
            StillBuilding: it would; they are being built from now on.
            QueryError: they cannot be built, or not be kept together.
        """
        if len(self._collection) <= MOST_ITEMS:
            return  # whoever comes before they are built waits a second
        missing = [dim for dim in dims if not self._engine.structure_bytes("hnsw", dim)[1]]
        if not missing:
            return
        most = sum(self._engine.structure_bytes("hnsw", dim)[0] for dim in dims)
        if most > MOST_BYTES:
            raise QueryError(
                f"Graphs at all {len(dims)} dims of the slider would take {most / 1e9:.1f} GB here, more "
                f"than the {MOST_BYTES / 1e9:.0f} GB there are for them. Choose exact or signs; the Funnel "
                "tab searches with a graph at one dim."
            )
        with self._lock:
            task = self._task
            if task is not None and task.status()["state"] == "failed":
                self._task = None
                raise QueryError(task.status()["text"])
            if task is None or not task.running:
                self._task = Task("Building graphs", lambda report: self._build(missing, report))
        raise StillBuilding(
            f"Graphs for HNSW are being built: {len(dims) - len(missing)} of {len(dims)} are there."
        )

    def _build(self, dims: Sequence[int], report: Report) -> None:
        _let_visitors_go_first()
        for done, dim in enumerate(dims):
            report(done, len(dims))
            self._engine.index(dim)


def _let_visitors_go_first() -> None:
    """This thread, and those it starts, get what processor time others leave.

    Only Linux has niceness by the thread; elsewhere it would slow the whole server down.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
