"""The scale tab: one gr.HTML whose looks and script lie in page/, and what the browser calls.

Measuring is `scales.py`'s; this file puts it into what the page reads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from mrl_demo.search.simulated import ASKED, NEIGHBOURS
from mrl_demo.ui.page_call import plainly
from mrl_demo.ui.scales import Scales
from mrl_demo.ui.tab import tab_html


def scale_tab(scales: Scales) -> gr.HTML:
    """Draw the tab inside the current Blocks. Whoever looks first sets the smallest size going."""
    count = len(scales.collection)
    known = {
        "count": count,
        "asked": min(ASKED, count // 5),
        "neighbours": NEIGHBOURS,
        "sizes": list(scales.sizes),
        "ways": {str(size): scales.ways(size) for size in scales.sizes},
    }
    return tab_html("scale", known, scale_functions(scales))


def scale_functions(scales: Scales) -> list[Callable[..., Any]]:
    """The functions the browser may call; see `page_call.plainly`."""

    def measure(asked: Any) -> dict[str, Any]:
        """Begin to measure at `size`, unless that is done or under way; then as `scale_status`."""
        scales.measure(asked.get("size"))
        return told(asked)

    def stop_measuring(asked: Any) -> dict[str, Any]:
        """End what is under way; then as `scale_status`."""
        scales.stop()
        return told(asked)

    def scale_status(asked: Any) -> dict[str, Any]:
        """How far it is, which sizes were measured, and the results that are not among `have`."""
        return told(asked)

    def told(asked: dict[str, Any]) -> dict[str, Any]:
        have = asked.get("have")
        known = have if isinstance(have, list) else []
        status = scales.status()
        new = {str(size): scales.result(size) for size in status["measured"] if size not in known}
        return {**status, "results": new}

    return [plainly(function) for function in (measure, stop_measuring, scale_status)]
