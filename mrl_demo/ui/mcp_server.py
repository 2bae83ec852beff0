"""The page's endpoints as tools of an MCP server, which Gradio brings where its extra is installed.

Optional: the extra holds pydantic at an older release than Gradio alone does. Knows whether it can be had and
what to say when it cannot; what the tools do is the endpoints' business.
"""

from __future__ import annotations

import importlib.util
import os
from typing import Any

from mrl_demo.errors import MatryoshkaError

ADDRESS = "/gradio_api/mcp/"  # below the page's own


class McpMissing(MatryoshkaError):
    """An MCP server was asked for, and what it needs is not installed."""


def mcp_options(wanted: bool) -> dict[str, Any]:
    """What `Blocks.launch` is told for an MCP server at ADDRESS; nothing where none is `wanted`.

    Gradio's own way to ask for one, GRADIO_MCP_SERVER=true in the environment, counts as well.

    Raises:
        McpMissing: it is wanted, and its package is not installed.
    """
    if not wanted and os.environ.get("GRADIO_MCP_SERVER", "").lower() != "true":
        return {}
    if importlib.util.find_spec("mcp") is None:
        raise McpMissing(
            "The MCP server needs Gradio's extra for it, which is not installed: "
            "pip install 'gradio[mcp]' - or start the page without --mcp (and without GRADIO_MCP_SERVER)."
        )
    return {"mcp_server": True}
