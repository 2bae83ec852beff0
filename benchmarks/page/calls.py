"""How the page speaks to its server, read off Gradio's own /config: where, and with what bodies.

Knows no client: the visitors send these. A call of a tab's function is one POST of JSON, past Gradio's queue.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CONFIG = "/config"
CALL = "/gradio_api/component_server/"
UPLOAD = "/gradio_api/upload"
SETTINGS = ("mode", "first_stage", "k", "dim", "where")

Json = dict[str, Any]


@dataclass(frozen=True)
class SearchTab:
    """The search tab as a page that was just opened knows it."""

    component: int
    thumbnails: str
    start: Mapping[str, Any]  # the answer it comes up with

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> SearchTab:
        """Raises KeyError where the page has no search tab."""
        for component in config["components"]:
            if component["props"].get("elem_id") == "search" and component["type"] == "html":
                known = json.loads(component["props"]["props"]["known"])
                return cls(component["id"], known["thumbnails"], known["start"])
        raise KeyError("the page has no search tab")

    def call(self, name: str, asked: Json, session: str) -> Json:
        """The body that calls the tab's function `name` on the server."""
        return {"data": asked, "component_id": self.component, "fn_name": name, "session_hash": session}

    def question(self, query: Json) -> Json:
        """`query` with the settings that the page comes up with."""
        return {name: self.start[name] for name in SETTINGS} | {"query": query}

    def shown(self, answer: Mapping[str, Any]) -> list[int]:
        """Keys of the pictures that both grids show at once."""
        here = next(stop for stop in answer["stops"] if stop["dim"] == answer["dim"])
        return list(dict.fromkeys([*here["keys"], *answer["truth"]["keys"]]))

    def reachable(self, answer: Mapping[str, Any]) -> list[int]:
        """Keys of all pictures that the slider can show, which the page fetches ahead."""
        return [int(key) for key in answer["captions"]]

    def thumbnail(self, key: int) -> str:
        return f"{self.thumbnails}/{key}.webp"


def tab_names(config: Mapping[str, Any]) -> list[str]:
    """What is written on the page's tabs, in order."""
    return [part["props"]["label"] for part in config["components"] if part["type"] == "tabitem"]
