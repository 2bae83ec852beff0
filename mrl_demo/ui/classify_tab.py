"""The Classify tab: one gr.HTML, whose looks and script lie in page/, and what the browser calls.

Everything about a picture and its classes comes in one answer (`classify.py`); the threshold slider asks
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from mrl_demo.errors import ImageError, QueryError
from mrl_demo.evaluation.zero_shot_measures import class_names
from mrl_demo.ui.classify import MOST_NAMES, Classifiers, example_keys
from mrl_demo.ui.page_call import plainly
from mrl_demo.ui.queries import item_text
from mrl_demo.ui.search_tab import MAX_UPLOAD_MB
from mrl_demo.ui.tab import tab_html
from mrl_demo.ui.thumbnails import thumbnail_base


def classify_tab(classifiers: Classifiers) -> gr.HTML:
    """Draw the tab inside the current Blocks."""
    collection = classifiers.queries.collection
    known = {
        "full_dim": collection.full_dim,
        "nested_dims": list(collection.nested_dims),
        "title": collection.title,
        "names": class_names(collection),
        "most_names": MOST_NAMES,
        "max_upload_mb": MAX_UPLOAD_MB,
        "thumbnails": thumbnail_base(collection),
        "examples": [[key, item_text(collection, key)] for key in example_keys(classifiers.queries)],
    }
    return tab_html("classify", known, classify_functions(classifiers))


def classify_functions(classifiers: Classifiers) -> list[Callable[..., Any]]:
    """The functions the browser may call; see `page_call.plainly`."""

    def classify(asked: Any) -> dict[str, Any]:
        """`{picture, names}` to what every dim says, and what stopping early is worth on the collection. Of a
        picture that cannot be read it is said that the fault is the `picture`'s."""
        picture = asked.get("picture")
        try:
            classifiers.queries.resolve(picture)
        except (ImageError, QueryError) as error:
            return {"error": str(error), "of": "picture"}
        return classifiers.classify(picture, asked.get("names"))

    return [plainly(classify)]
