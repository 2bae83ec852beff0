"""The scale tab's actions as named, documented endpoints for programs (`gradio_client`, curl)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from mrl_demo.errors import MatryoshkaError
from mrl_demo.ui.declare import declare
from mrl_demo.ui.scales import Scales


def add_scale_endpoints(scales: Scales) -> None:
    """Declare the endpoints inside the current Blocks."""

    def measure_scale(size: int) -> dict[str, Any]:
        """Begin to measure how search grows, at one of the sizes that scale_status lists; does not wait.

        The collection's own vectors and simulated ones drawn from their distribution are searched flat, by a
        prefix, adaptively, by a funnel, by sign bits and by HNSW graphs, on the server's machine. One size is
        measured at a time. Ask scale_status how far it is and scale_result for what was measured.
        """
        try:
            scales.measure(size)
        except (MatryoshkaError, ValueError) as error:
            raise gr.Error(str(error), print_exception=False) from None
        return scale_status()

    def scale_status() -> dict[str, Any]:
        """The sizes that can be measured, those that were, and how far the measurement under way is."""
        return {"sizes": list(scales.sizes), **scales.status()}

    def scale_result(size: int) -> dict[str, Any]:
        """What was measured at `size`: recall, p50, p95, CPU time, bytes a vector and building time of each
        way to search, one database against one for every fixed size, and the circumstances.
        """
        found = scales.result(size)
        if found is None:
            done = ", ".join(f"{each:,}" for each in scales.measured) or "nothing yet"
            raise gr.Error(f"{size:,} vectors were not measured; measured: {done}.", print_exception=False)
        return found

    def stop_scale() -> dict[str, Any]:
        """End the measurement under way, as soon as it looks up; like scale_status."""
        scales.stop()
        return scale_status()

    endpoints: tuple[Callable[..., dict[str, Any]], ...] = (
        measure_scale,
        scale_status,
        scale_result,
        stop_scale,
    )
    declare(endpoints)
