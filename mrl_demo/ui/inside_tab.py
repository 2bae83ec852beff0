"""The tab that looks into the embedding: a map of the collection at every dim, and what each prefix knows.

Everything the slider can reach is sent once, when the tab is first opened: no step asks the server. The map
is `embedding_map.py`'s, the knowledge comes from a result file (`evaluation/probes.py`).
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np

from mrl_demo.errors import QueryError
from mrl_demo.evaluation.probes import MOST_VALUES, probed_dims
from mrl_demo.ui.embedding_map import Layout, as_bytes, layouts, sampled
from mrl_demo.ui.figures import source_of
from mrl_demo.ui.page_call import plainly
from mrl_demo.ui.queries import item_text
from mrl_demo.ui.tab import tab_html
from mrl_demo.ui.thumbnails import thumbnail_base

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection

Probes = dict[str, Any]

NOTHING = "none"  # how an empty value reads: no second colour, no second thing
FIRST_ATTRIBUTES = ("super_category", "category", "colour")  # what the map is coloured by at first


class Inside:
    """A collection from inside: its maps, made at first use and kept, and what its prefixes know."""

    def __init__(self, collection: Collection, probes: Mapping[str, Any] | None) -> None:
        """`probes`: what `python -m mrl_demo probes` measured on this collection (`figures.load_results`), or
        None."""
        self.collection = collection
        self.keys = sampled(len(collection))
        self.dims = probed_dims(collection.nested_dims, collection.full_dim)
        self.probes = probes
        self._layouts: dict[int, Layout] = {}
        self._lock = threading.Lock()

    def layouts(self) -> dict[int, Layout]:
        """The map at each dim; the first call makes them (0.4 CPU seconds for 6,000 items of 512 dims)."""
        with self._lock:
            if not self._layouts:
                made = layouts(np.asarray(self.collection.embeddings[self.keys]), self.dims)
                self._layouts = {layout.dim: layout for layout in made}
        return self._layouts

    def attributes(self) -> list[dict[str, Any]]:
        """The columns that a map can be coloured by: `{name, title, values, codes}`, codes as base64 of one
        byte a point."""
        columns = []
        for name, column in self.collection.attributes.items():
            values, codes = np.unique(np.asarray(column)[self.keys], return_inverse=True)
            if 2 <= len(values) <= MOST_VALUES and values.dtype.kind != "f":
                columns.append(
                    {
                        "name": name,
                        "title": title_of(name),
                        "values": [str(value) or NOTHING for value in values],
                        "codes": in_base64(codes.astype(np.uint8).tobytes()),
                    }
                )
        return columns

    def knowledge(self) -> dict[str, Any]:
        """What each prefix knows: `rows` of `{name, title, guess, values, points}`, points as (dim,
        accuracy); and where that was measured."""
        if self.probes is None:
            return {
                "rows": [],
                "note": "Nothing was measured on this collection: python -m mrl_demo probes does.",
            }
        points: dict[str, list[list[float]]] = {}
        for row in self.probes["scores"]:
            points.setdefault(row["truth"], []).append([row["dim"], row["value"]])
        attributes = self.probes["attributes"]
        rows = [
            {
                "name": name,
                "title": title_of(name),
                "guess": attributes[name]["commonest"],
                "values": attributes[name]["values"],
                "points": sorted(found),
            }
            for name, found in points.items()
        ]
        tested = max(row.get("n", 0) for row in self.probes["scores"])
        note = f"Linear probes, tested on {tested:,} pictures they did not learn from"
        return {"rows": rows, "note": f"{note}; {source_of(self.probes)}".rstrip("; ")}


def inside_tab(inside: Inside) -> gr.HTML:
    """Draw the tab inside the current Blocks."""
    collection = inside.collection
    known = {
        "title": collection.title,
        "count": len(collection),
        "drawn": len(inside.keys),
        "full_dim": collection.full_dim,
        "nested_dims": list(collection.nested_dims),
        "stops": inside.dims,
        "dim": next((dim for dim in collection.nested_dims if dim >= 2), collection.full_dim),
        "thumbnails": thumbnail_base(collection),
        "knowledge": inside.knowledge(),
    }
    return tab_html("inside", known, inside_functions(inside))


def inside_functions(inside: Inside) -> list[Callable[..., Any]]:
    """The functions the browser may call; see `page_call.plainly`."""

    def whole_map(asked: Any) -> dict[str, Any]:
        """Every layout and every attribute of the points drawn."""
        made = inside.layouts()
        attributes = inside.attributes()
        names = [attribute["name"] for attribute in attributes]
        return {
            "keys": inside.keys.tolist(),
            "layouts": [
                {
                    "dim": dim,
                    "shown": round(made[dim].shown, 4),
                    "places": in_base64(as_bytes(made[dim].places)),
                }
                for dim in inside.dims
            ],
            "attributes": attributes,
            "first": next((name for name in FIRST_ATTRIBUTES if name in names), names[0] if names else ""),
        }

    def item_words(asked: Any) -> dict[str, Any]:
        """The caption of the item `key`."""
        key = asked.get("key")
        count = len(inside.collection)
        if isinstance(key, bool) or not isinstance(key, int) or not 0 <= key < count:
            raise QueryError(f"key must be a whole number from 0 to {count - 1}, got {key!r}")
        return {"text": item_text(inside.collection, key)}

    return [plainly(whole_map), plainly(item_words)]


def title_of(name: str) -> str:
    """A column's name as people write it: "super_category" is "Super category"."""
    return name.replace("_", " ").capitalize()


def in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
