"""From what a visitor asks with (a text, an upload, a picture of the collection, an example, or words and a
picture together) to an embedding.

Knows the encoder only as a protocol, and keeps the last embeddings so that changing mode or k never encodes
twice.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from gradio.utils import get_upload_folder

from mrl_demo.collection.fit import must_fit
from mrl_demo.collection.images import load_image
from mrl_demo.errors import QueryError
from mrl_demo.prefix import truncate
from mrl_demo.ui.encoder_holder import EncoderHolder, EncoderLike

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection

KEPT = 256  # embeddings of 2 kB each
MAX_LABEL = 120
LONGEST = 512  # an upload is shrunk to this before it is encoded; the encoder reads far less


@dataclass(frozen=True)
class Query:
    """An embedding and where it came from. `seconds` is what encoding took, None when it was stored."""

    kind: str
    label: str
    embedding: np.ndarray  # (full_dim,) float32
    seconds: float | None = None
    key: int | None = None
    warnings: tuple[str, ...] = ()


class Queries:
    """Turns a request of the page or the API into a Query."""

    def __init__(self, collection: Collection, encoder: EncoderHolder) -> None:
        self.collection = collection
        self.encoder = encoder
        self._kept: OrderedDict[tuple[str, str], Query] = OrderedDict()
        self._lock = threading.Lock()

    def resolve(self, asked: Any, wait: float = 0.0) -> Query:
        """The query of `asked`: `{"kind": "text" | "image" | "item" | "example" | "mixed", ...}`.

        Raises QueryError or ImageError in plain words, EncoderLoading while the encoder is on its way
        (after `wait` seconds), CheckpointError when there is none.
        """
        kind = asked.get("kind") if isinstance(asked, dict) else None
        if kind == "text":
            return self.text(asked.get("text"), wait)
        if kind == "image":
            return self.image(asked.get("path"), str(asked.get("name") or "your picture"), wait)
        if kind == "item":
            return self.item(asked.get("key"))
        if kind == "example":
            return self.example(asked.get("index"))
        if kind == "mixed":
            picture = asked.get("picture")
            if not isinstance(picture, dict) or picture.get("kind") not in ("image", "item"):
                raise QueryError("words are joined with a picture: an image or an item")
            return mixed(self.text(asked.get("text"), wait), self.resolve(picture, wait), asked.get("weight"))
        raise QueryError(f"a query is a text, an image, an item, an example or mixed, got {kind!r}")

    def text(self, text: Any, wait: float = 0.0) -> Query:
        """A text, encoded now or remembered. Raises QueryError when it is empty."""
        if not isinstance(text, str) or not text.strip():
            raise QueryError("Type a few words to search for, or pick a picture.")
        text = text.strip()

        def encode(encoder: EncoderLike) -> Query:
            label = text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 1] + "…"
            warnings = tuple(encoder.check_text(text))
            return Query("text", label, encoder.encode_text(text), warnings=warnings)

        return self._encoded(("text", text), encode, wait)

    def image(self, path: Any, name: str, wait: float = 0.0) -> Query:
        """An uploaded picture. Raises ImageError when it cannot be read, QueryError when it was not
        uploaded.
        """
        file = uploaded(path)

        def encode(encoder: EncoderLike) -> Query:
            picture = load_image(file, name=name, longest=LONGEST)
            return Query("image", name, encoder.encode_image(picture))

        return self._encoded(("image", str(file)), encode, wait)

    def item(self, key: Any) -> Query:
        """A picture of the collection, by its stored embedding: no encoder needed."""
        count = len(self.collection)
        if isinstance(key, bool) or not isinstance(key, int) or not 0 <= key < count:
            raise QueryError(f"key must be a whole number from 0 to {count - 1}, got {key!r}")
        embedding = np.asarray(self.collection.pack.embeddings[key], dtype=np.float32)
        return Query("item", item_text(self.collection, key), embedding, key=key)

    def example(self, index: Any) -> Query:
        """An example of the collection, by its stored embedding: no encoder needed."""
        examples = self.collection.pack.examples
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(examples):
            raise QueryError(f"example must be a whole number from 0 to {len(examples) - 1}, got {index!r}")
        example = examples[index]
        return Query("example", example.text, np.asarray(example.embedding, dtype=np.float32))

    def _encoded(self, identity: tuple[str, str], encode: Any, wait: float) -> Query:
        with self._lock:
            if identity in self._kept:
                self._kept.move_to_end(identity)
                return self._kept[identity]
        encoder = self.encoder.get(wait)
        must_fit(self.collection.pack, encoder)
        start = time.perf_counter()
        query: Query = replace(encode(encoder), seconds=None)
        query = replace(query, seconds=time.perf_counter() - start)
        with self._lock:
            self._kept[identity] = query
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return query


def mixed(words: Query, picture: Query, weight: Any) -> Query:
    """Words and a picture as one query: each made unit length, the picture counted `weight` from 0 to 1.

    The score of an item is then, but for one factor, the weighted mean of its two cosines. Pictures lie
    nearer to pictures than words do, so that half and half leans towards the picture.
    """
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= 1:
        raise QueryError(f"the picture's weight must be a number from 0 to 1, got {weight!r}")
    full_dim = len(words.embedding)
    joined = (1 - weight) * truncate(words.embedding, full_dim) + weight * truncate(
        picture.embedding, full_dim
    )
    known = [query.seconds for query in (words, picture) if query.seconds is not None]
    return Query(
        "mixed",
        f"{words.label} + {picture.label}",
        joined.astype(np.float32),
        sum(known) if known else None,
        picture.key,
        words.warnings,
    )


def uploaded(path: Any) -> Path:
    """`path` as a file, if it lies in Gradio's upload folder: the page may read no other file of the
    server.
    """
    folder = Path(get_upload_folder()).resolve()
    file = Path(path).resolve() if isinstance(path, str) and "\0" not in path else None
    if file is None or not file.is_relative_to(folder) or not file.is_file():
        raise QueryError("Upload a picture first: that one is no longer (or never was) on the server.")
    return file


def item_text(collection: Collection, key: int) -> str:
    """The words under a picture: its caption, or its file name in a collection made of a folder."""
    return collection.pack.caption(key) or collection.pack.source(key) or f"picture {key}"
