"""How a tab comes onto the page: its HTML, its script, what the script knows at the start, what it may call.

`page/<name>.html` and `page/<name>.js` are the tab called `name`. Knows no tab.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gradio as gr

from mrl_demo.ui.thumbnails import PAGE, page_base


def tab_html(name: str, known: Mapping[str, Any], functions: Sequence[Callable[..., Any]]) -> gr.HTML:
    """Draw the tab `name` inside the current Blocks.

    Args:
        known: what its script reads at the start, as JSON.
        functions: what its script may call on the server, by their names.
    """
    # A module cannot be named in js_on_load itself; it is imported, once, from an address kept for ever.
    mount = f"import('{page_base()}/{name}.js').then((tab) => tab.mount(element, props, server, upload));"
    return gr.HTML(
        html_template=(PAGE / f"{name}.html").read_text(),
        js_on_load=mount,
        server_functions=list(functions),
        apply_default_css=False,
        elem_id=name,
        known=json.dumps(known, ensure_ascii=False),
    )
