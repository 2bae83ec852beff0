"""The tab of evidence: what was measured, with the published figures beside it, and how to measure it again.

One gr.HTML; a report is read from its file (`evidence.py`) when it is chosen, so that a new measurement shows
without a restart. Also the endpoints that give programs the same.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from mrl_demo.errors import QueryError
from mrl_demo.ui.declare import declare
from mrl_demo.ui.evidence import PAPER, Report, read_reports
from mrl_demo.ui.page_call import plainly
from mrl_demo.ui.tab import tab_html


def evidence_tab(folder: Path) -> gr.HTML:
    """Draw the tab of the result files in `folder` inside the current Blocks."""
    return tab_html("evidence", {}, evidence_functions(folder))


def evidence_functions(folder: Path) -> list[Callable[..., Any]]:
    """The functions the browser may call; see `page_call.plainly`."""

    def all_reports(asked: Any) -> dict[str, Any]:
        """The name and title of every report there is."""
        return {"reports": listed(read_reports(folder))}

    def one_report(asked: Any) -> dict[str, Any]:
        """The report `name`, and the published panels that stand beside its own."""
        return with_published(folder, asked.get("name"))

    return [plainly(all_reports), plainly(one_report)]


def add_evidence_endpoints(folder: Path) -> None:
    """Declare the endpoints inside the current Blocks."""

    def evidence() -> list[dict[str, Any]]:
        """The measurements there are: name and title of each; evidence_report gives one."""
        return listed(read_reports(folder))

    def evidence_report(name: str) -> dict[str, Any]:
        """One measurement: its panels (title, columns, rows), how it was made (command, commit, hardware),
        and the published figures that stand beside it, which are not ours and not of our pictures.
        """
        try:
            return with_published(folder, name)
        except QueryError as error:
            raise gr.Error(str(error), print_exception=False) from None

    declare((evidence, evidence_report))


def listed(reports: dict[str, Report]) -> list[dict[str, Any]]:
    return [{"name": name, "title": report["title"]} for name, report in reports.items()]


def with_published(folder: Path, name: Any) -> dict[str, Any]:
    """The report `name` and, by id, the published panels that it names. QueryError where there is none."""
    reports = read_reports(folder)
    if not isinstance(name, str) or name not in reports:
        raise QueryError(f"there is no report {name!r}; there are {', '.join(reports) or 'none yet'}")
    report = reports[name]
    wanted = {each for panel in report["panels"] for each in panel["beside"]}
    published = reports[PAPER]["panels"] if PAPER in reports else []
    return {**report, "published": {panel["id"]: panel for panel in published if panel["id"] in wanted}}
