"""The MCP server: only when asked for, and a plain word where its extra is missing."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from mrl_demo.ui.mcp_server import McpMissing, mcp_options


@pytest.fixture(autouse=True)
def not_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADIO_MCP_SERVER", raising=False)


def installed(monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    real = importlib.util.find_spec

    def find_spec(name: str, package: str | None = None) -> Any:
        return (object() if there else None) if name == "mcp" else real(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)


def test_nothing_is_told_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, False)
    assert mcp_options(False) == {}


def test_gradio_is_told_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, True)
    assert mcp_options(True) == {"mcp_server": True}
    monkeypatch.setenv("GRADIO_MCP_SERVER", "True")
    assert mcp_options(False) == {"mcp_server": True}


@pytest.mark.parametrize("by_environment", [False, True])
def test_a_missing_extra_is_said_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, by_environment: bool
) -> None:
    installed(monkeypatch, False)
    if by_environment:
        monkeypatch.setenv("GRADIO_MCP_SERVER", "true")
    with pytest.raises(McpMissing, match=r"pip install 'gradio\[mcp\]'"):
        mcp_options(not by_environment)
