"""The Classify tab's actions as named, documented endpoints for programs (`gradio_client`, curl)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from mrl_demo.errors import MatryoshkaError
from mrl_demo.evaluation.zero_shot_measures import class_names
from mrl_demo.ui.classify import Classifiers, stopped
from mrl_demo.ui.declare import declare
from mrl_demo.ui.endpoints import PATIENCE, uploaded_image


def add_classify_endpoints(classifiers: Classifiers) -> None:
    """Declare the endpoints inside the current Blocks; the tab has the same `classifiers`."""

    def found(picture: dict[str, Any], names: list[str], threshold: float | None) -> dict[str, Any]:
        try:
            own = class_names(classifiers.queries.collection)
            return stopped(classifiers.classify(picture, names or own, wait=PATIENCE), threshold)
        except (MatryoshkaError, ValueError) as error:
            raise gr.Error(str(error), print_exception=False) from None

    def classify_image(
        image: dict[str, Any], names: list[str] | None = None, threshold: float | None = None
    ) -> dict[str, Any]:
        """Classify a picture among any class names, at every nested dim, stopping at the first that is sure.

        image: an uploaded file (`gradio_client.handle_file(path)`). names: at least two; the collection's
        own when left out. threshold: how sure, from 0 to 1, a dim must be to stop there; thresholds learned
        on the collection for each dim when left out. Gives label, confidence, the dim at which it stopped,
        what every dim says, and what stopping is worth on the collection.
        """
        return found(uploaded_image(image), names or [], threshold)

    def classify_item(
        key: int, names: list[str] | None = None, threshold: float | None = None
    ) -> dict[str, Any]:
        """Classify one of the collection's own pictures, named by its key. Otherwise like classify_image."""
        return found({"kind": "item", "key": key}, names or [], threshold)

    endpoints: tuple[Callable[..., dict[str, Any]], ...] = (classify_image, classify_item)
    declare(endpoints)
