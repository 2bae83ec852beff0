"""Result files as reports: panels of rows and columns, with the published figures that stand beside them.

A folder of JSON files in, plain values out; what is not there is not listed. How a file's numbers become rows
and columns is `panels.py`'s. Knows no Gradio and no pixels.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mrl_demo.evaluation.comparison_tables import comparison_tables
from mrl_demo.evaluation.comparison_words import training_places
from mrl_demo.ui.panels import Panel, nested_panels, published_panels, score_panels

log = logging.getLogger(__name__)

Report = dict[str, Any]

PAPER = "paper"
# Reports that are known by name, in the order they are listed, each followed by the same measured on other
# encoders ("probes-still-life-photos"); others follow, the published figures end it.
TITLES = {
    "still-life": "Search by caption",
    "encoders": "The encoders",
    "compare-tiny-imagenet": "MRL against fixed sizes",
    "compare-captions": "MRL against fixed sizes, by caption",
    "zero-shot": "Zero-shot classification that stops early",
    "probes": "What each prefix knows",
    "nested-scan": "All dims in one pass",
    "page": "The page held to its goals",
    "visitors": "Visitors at once",
    "start-up": "Start-up",
    "cut-off": "The cosine of a good match",
    "still-life-checks": "Checks of the still lifes",
    "category-probe": "Is every category recognisable?",
}


def read_reports(folder: Path) -> dict[str, Report]:
    """Every result file of `folder` that can be read, by name, in the order to list them.

    A damaged one is said in the log and left out.
    """
    files = {path.stem: content for path in sorted(folder.glob("*.json")) if (content := read_file(path))}
    paper = files.pop(PAPER, {})
    published = published_panels(paper)
    reports: dict[str, Report] = {}
    order = [*TITLES, ""]
    for name in sorted(files, key=lambda name: (order.index(kind_of(name, files[name])), name)):
        try:
            reports[name] = report(name, files[name], published)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            log.warning("%s is no result file (%s: %s) and is not listed", name, type(error).__name__, error)
    if published:
        reports[PAPER] = {
            "name": PAPER,
            "title": str(paper.get("title", "Published figures")),
            "note": str(paper.get("note", "")),
            "made": {"source": str(paper.get("source", ""))},
            "panels": published,
        }
    return {name: one for name, one in reports.items() if one["panels"]}


def read_file(path: Path) -> dict[str, Any]:
    """A result file's content, {} where there is none to be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise TypeError("it holds no object")
    except (OSError, ValueError, TypeError) as error:
        log.warning("%s is no result file (%s) and is not listed", path, error)
        return {}
    return content


def report(name: str, content: Mapping[str, Any], published: Iterable[Panel]) -> Report:
    """One result file as a report: title, note, how it was made, and its panels."""
    rows = content.get("scores")
    is_scores = isinstance(rows, list) and all(isinstance(row, dict) and "metric" in row for row in rows)
    if content.get("kind") == "comparison":
        panels = published_panels({"tables": comparison_tables(content)})
    else:
        panels = score_panels(rows) if is_scores and rows else nested_panels(content)
    for panel in panels:
        topics = panel.pop("topics")
        panel["beside"] = [one["id"] for one in published if set(topics) & set(one["topics"])]
    note = content.get("what") or content.get("note") or ""
    return {
        "name": name,
        "title": title_of(name, content),
        "note": note if isinstance(note, str) else "",
        "made": circumstances_of(content),
        "panels": panels,
    }


def kind_of(name: str, content: Mapping[str, Any]) -> str:
    """Which of TITLES the file `name` is, or is measured as on another encoder; "" for any other file."""
    if name in TITLES:
        return name
    model = content.get("model")
    kinds = [kind for kind in TITLES if name.startswith(f"{kind}-")]
    return max(kinds, key=len) if kinds and isinstance(model, dict) and model.get("name") else ""


def title_of(name: str, content: Mapping[str, Any]) -> str:
    kind = kind_of(name, content)
    if kind:
        return TITLES[kind] if kind == name else f"{TITLES[kind]}: {content['model']['name']}"
    if isinstance(content.get("title"), str):
        return str(content["title"])
    if isinstance(content.get("set"), str) and isinstance(content.get("n"), int):
        return f"Engines side by side: {content['set']} set, {content['n']:,} vectors"
    return name.replace("-", " ").replace("_", " ").capitalize()


def circumstances_of(content: Mapping[str, Any]) -> dict[str, str]:
    """Command, commit, date, hardware, data and seed in words, and on what and at which commits models were
    trained; what the file does not say is left out."""
    hardware, data = content.get("hardware"), content.get("data")
    machine, of = "", data if isinstance(data, str) else ""
    if isinstance(hardware, dict):
        machine = ", ".join(
            part
            for part in (
                str(hardware.get("gpu") or ""),
                str(hardware.get("cpu") or ""),
                f"{hardware['cores']} cores" if hardware.get("cores") else "",
                f"{hardware['ram_gb']} GB" if hardware.get("ram_gb") else "",
            )
            if part
        )
    if isinstance(data, dict):
        of = str(data.get("title") or data.get("name") or "")
        of += f", {data['count']:,} items" if isinstance(data.get("count"), int) else ""
    made = {
        "command": content.get("command"),
        "commit": content.get("commit"),
        "date": str(content.get("date") or "")[:16].replace("T", " "),
        "hardware": machine,
        "trained": training_places(content.get("trained", ())),
        "data": of,
        "seed": content.get("seed", ", ".join(map(str, content.get("seeds", ())))),
    }
    return {key: str(value) for key, value in made.items() if value not in (None, "")}
