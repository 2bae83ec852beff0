"""The questions that ways to search are tried with on the page: pictures of the collection, or its captions.

Pictures need no encoder; captions are read once, in the background. Knows collections and the encoder as a
protocol; nothing of cascades.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from mrl_demo.collection.fit import must_fit
from mrl_demo.errors import QueryError
from mrl_demo.search.hits import Floats
from mrl_demo.search.sample import Sample, answer, draw
from mrl_demo.ui.encoder_holder import EncoderHolder, EncoderLoading
from mrl_demo.ui.funnel import K
from mrl_demo.ui.task import Report, Task

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection

TRIED = 200  # questions that an edit is measured with
CAPTIONS = 1_000  # read for planning: half select, half certify
PATIENCE = 600.0  # seconds until captions are read

T = TypeVar("T")


class StillReading(EncoderLoading):
    """The captions are being read; ask again in a moment."""


class TrialQuestions:
    """Questions by kind, each with its exact answers, drawn once. Safe to use from many threads."""

    def __init__(self, collection: Collection, encoder: EncoderHolder) -> None:
        self.collection, self.encoder = collection, encoder
        self._lock = threading.Lock()
        self._samples: dict[str, Sample] = {}
        self._captions: Task | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """What can be asked: captions only where the collection has some."""
        return ("pictures", "captions") if self.collection.caption(0) else ("pictures",)

    @property
    def k(self) -> int:
        """How many answers count: a question that is a picture is left out of its own."""
        return min(K, len(self.collection) - 1)

    def sample(self, kind: str) -> Sample:
        """TRIED questions of a kind.

        Raises:
            QueryError: no such kind, or a collection of one picture.
            StillReading: the captions are not read yet; this call has begun it.
            EncoderLoading, CheckpointError, CollectionError: there is no encoder (yet), or another's.
        """
        if self.k < 1:
            raise QueryError("with one picture there is nothing to choose a cascade for")
        queries = self.queries(kind)
        with self._lock:
            if kind not in self._samples:
                own = None
                if queries is None:
                    queries, own = draw(self.collection.engine, TRIED, seed=0)
                self._samples[kind] = answer(self.collection.engine, queries[:TRIED], own, self.k)
            return self._samples[kind]

    def queries(self, kind: str) -> Floats | None:
        """All questions of a kind to plan with, (q, full_dim); None for pictures, which the planner draws.

        Raises as `sample`.
        """
        if kind not in self.kinds:
            raise QueryError(f"questions are {' or '.join(self.kinds)} here, got {kind!r}")
        if kind == "pictures":
            return None
        must_fit(self.collection.pack, self.encoder.get())
        with self._lock:
            if self._captions is None or (not self._captions.running and self._captions.result is None):
                self._captions = Task("Reading captions", self._read)
            reading = self._captions
        reading.wait(0.05)  # a few are read in no time
        status = reading.status()
        if status["state"] == "running":
            raise StillReading(f"Reading captions: {status['done']:,} of {status['total']:,} …")
        if reading.result is None:
            raise QueryError(status["text"])
        found: Floats = reading.result
        return found

    def _read(self, report: Report) -> Floats:
        encoder = self.encoder.get()
        texts = captions(self.collection)
        rows = []
        for done, text in enumerate(texts):
            report(done, len(texts))
            rows.append(encoder.encode_text(text))
        return np.stack(rows).astype(np.float32)


def captions(collection: Collection) -> list[str]:
    """Up to CAPTIONS different captions of pictures at random, in turns in full and with less said."""
    order = np.random.default_rng(0).permutation(len(collection))
    found: dict[str, None] = {}
    for turn, key in enumerate(order.tolist()):
        text = collection.caption(key, "long" if turn % 2 == 0 else "medium")
        if text:
            found[text] = None
        if len(found) == CAPTIONS:
            break
    return list(found)


def patiently(ask: Callable[[], T], meanwhile: Callable[[], None] = lambda: None) -> T:
    """What `ask` gives once encoder and captions are there; `meanwhile` is called now and then.

    Raises:
        EncoderLoading: not within PATIENCE seconds.
    """
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return ask()
        except EncoderLoading:
            if time.monotonic() > until:
                raise
            meanwhile()
            time.sleep(0.2)
