"""An encoder that is still being loaded: the page comes up first, the model arrives a few seconds later.

Knows how to wait and what to say meanwhile; knows nothing of torch or of where a checkpoint lives.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from mrl_demo.errors import CheckpointError, MatryoshkaError, NotYet

log = logging.getLogger(__name__)


class EncoderLike(Protocol):
    """What the page needs of an encoder (`mrl_demo.model.Encoder` has it)."""

    @property
    def name(self) -> str: ...
    @property
    def full_dim(self) -> int: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def device(self) -> Any: ...

    def encode_text(self, text: str) -> np.ndarray: ...
    def encode_image(self, image: Any) -> np.ndarray: ...
    def check_text(self, text: str) -> list[str]: ...


class EncoderLoading(NotYet):
    """The encoder is on its way; ask again in a moment."""


class EncoderHolder:
    """Loads an encoder in a thread of its own and hands it out when it is there.

    `load` may import whatever it needs; what it raises is kept and said to everyone who asks.
    """

    def __init__(self, load: Callable[[], EncoderLike]) -> None:
        self._load = load
        self._done = threading.Event()
        self._encoder: EncoderLike | None = None
        self._failure = ""

    @classmethod
    def of(cls, encoder: EncoderLike) -> EncoderHolder:
        """A holder whose encoder is already there (tests, notebooks)."""
        holder = cls(lambda: encoder)
        holder._run()
        return holder

    def start(self) -> EncoderHolder:
        """Begin loading in the background; returns itself."""
        threading.Thread(target=self._run, name="load-encoder", daemon=True).start()
        return self

    def _run(self) -> None:
        try:
            self._encoder = self._load()
        except MatryoshkaError as error:
            self._failure = str(error)
        except Exception as error:  # an ImportError, a full memory: the page lives on without the encoder
            log.exception("The encoder could not be loaded")
            self._failure = f"The encoder could not be loaded ({type(error).__name__}: {error})."
        finally:
            self._done.set()

    def get(self, wait: float = 0.0) -> EncoderLike:
        """The encoder, waiting at most `wait` seconds for it.

        Raises EncoderLoading while it is on its way, CheckpointError with the reason when it will never come.
        """
        if not self._done.wait(wait):
            raise EncoderLoading("The encoder is still loading; examples and pictures answer already.")
        if self._encoder is None:
            raise CheckpointError(self._failure)
        return self._encoder

    def status(self) -> dict[str, str]:
        """`{"state": "loading" | "ready" | "missing", "text": ...}` for the page."""
        try:
            encoder = self.get()
        except EncoderLoading as error:
            return {"state": "loading", "text": str(error)}
        except CheckpointError as error:
            return {"state": "missing", "text": str(error)}
        return {"state": "ready", "text": f"{encoder.name} on {encoder.device}"}
