"""The numbers of a result file as panels: a title, columns, rows, and what they are about.

A panel is `{id, title, columns, rows, over_dims, unit, fraction, topics}`: `over_dims` where the first column
is a dim and the others are curves, `topics` the words by which published figures are found to show beside it.
Knows how result files are written; reads none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

Panel = dict[str, Any]

GROUP = "\0group "  # a column made of the keys that lead to a record
METRICS = {
    "recall_at_k": "Recall@{k}",
    "map_at_k": "mAP@{k}",
    "precision_at_k": "Precision@{k}",
    "latency_p50": "Latency of a search, p50",
    "latency_p95": "Latency of a search, p95",
    "cpu_p50": "CPU time of a search, p50",
    "bytes_per_vector": "Bytes a vector",
    "total_bytes": "Bytes in all",
    "accuracy": "Accuracy",
}
TRUTHS = {"full": "exact full-dim answer", "all": "all attributes"}
# Keys that read badly as they are: those of the side-by-side benchmark of search.
KEYS = {
    "rows": "every engine at every target",
    "p50_ms_1": "p50 ms, 1 core",
    "p95_ms_1": "p95 ms, 1 core",
    "cpu_ms_1": "CPU ms, 1 core",
    "qps_1_1": "queries/s, 1 core",
    "qps_64_1": "queries/s, 64 at once, 1 core",
    "timed_1": "timed, 1 core",
    "p50_ms_2": "p50 ms, 2 cores",
    "p95_ms_2": "p95 ms, 2 cores",
    "cpu_ms_2": "CPU ms, 2 cores",
    "qps_1_2": "queries/s, 2 cores",
    "qps_64_2": "queries/s, 64 at once, 2 cores",
    "timed_2": "timed, 2 cores",
}
UNITS = {"fraction": "", "bytes": "B"}
# Said under a report, so not among its figures.
CIRCUMSTANCES = ("command", "commit", "date", "hardware", "seed", "config", "format", "model", "data")


def score_panels(rows: Iterable[Mapping[str, Any]]) -> list[Panel]:
    """Score rows as panels over dims: for each metric, once with a column a truth, once with a column a way
    to search."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        asked = "pictures" if row.get("queries") == "images" else ""
        groups.setdefault((str(row["metric"]), asked), []).append(row)
    panels: list[Panel] = []
    for (metric, asked), found in groups.items():
        words = METRICS.get(metric, metric.replace("_", " ")).format(k=found[0].get("k", "k"))
        words += f", asked with {asked}" if asked else ""
        truths = list(dict.fromkeys(str(row.get("truth", "")) for row in found))
        ways = list(dict.fromkeys(str(row.get("retrieval", "")) for row in found))
        for way in ways:
            mine = [row for row in found if str(row.get("retrieval", "")) == way]
            if len({row.get("truth", "") for row in mine}) > 1:
                panels.append(over_dims(f"{words}: {way}", mine, "truth", {metric}))
        for truth in truths:
            mine = [row for row in found if str(row.get("truth", "")) == truth]
            if len({row.get("retrieval", "") for row in mine}) > 1 or (len(truths) == 1 and len(ways) == 1):
                named = f"{words}, {TRUTHS.get(truth, truth)}" if truth else words
                topic = truth if truth == "full" else metric.split("_")[0] if not truth else metric
                panels.append(over_dims(named, mine, "retrieval", {topic}))
    return panels


def over_dims(title: str, rows: Iterable[Mapping[str, Any]], by: str, topics: set[str]) -> Panel:
    """A panel with a row a dim and a column a value of `by` ("truth" or "retrieval")."""
    cells: dict[int, dict[str, float]] = {}
    names: dict[str, str] = {}
    unit = ""
    for row in rows:
        name = str(row.get(by, ""))
        names[name] = TRUTHS.get(name, name.replace("_", " ")) or "value"
        cells.setdefault(row["dim"], {})[name] = row["value"]
        unit = str(row.get("unit", ""))
    return {
        "id": title,
        "title": title,
        "columns": ["dim", *names.values()],
        "rows": [[dim, *(cells[dim].get(name) for name in names)] for dim in sorted(cells)],
        "over_dims": len(cells) > 1,
        "unit": UNITS.get(unit, unit),
        "fraction": unit == "fraction",
        "topics": topics,
    }


def published_panels(content: Mapping[str, Any]) -> list[Panel]:
    """The tables of the published figures as panels; `topics` is what of ours they stand beside."""
    return [
        {
            **{key: table.get(key, "") for key in ("id", "title", "note", "source", "unit")},
            "columns": table["columns"],
            "rows": table["rows"],
            "over_dims": bool(table.get("over_dims")),
            "fraction": False,
            "topics": table.get("beside", []),
            "beside": [],
        }
        for table in content.get("tables", [])
    ]


def nested_panels(content: Mapping[str, Any]) -> list[Panel]:
    """Any other file as panels: its plain values as one, and one for each list or object of records; the
    longest first."""
    facts: list[list[Any]] = []
    panels: list[Panel] = []
    for key, value in content.items():
        if key in CIRCUMSTANCES or key in ("what", "note", "title", "scores"):
            continue
        rows = records(value)
        if rows and not (isinstance(value, dict) and plain(value)):
            panels.append(table_of(said(key).capitalize(), rows))
        elif isinstance(value, dict):
            facts += [[f"{said(key)}: {said(str(name))}", cell(each)] for name, each in value.items()]
        else:
            facts.append([said(key), cell(value)])
    if facts:
        panels.append(flat_panel("Figures", ["what", "value"], facts))
    return sorted(panels, key=lambda panel: -len(panel["rows"]))


def records(value: Any) -> list[dict[str, Any]]:
    """The records in a nested value: a list's objects, or an object's objects with the keys that lead there
    as columns; [] where there are none."""
    if isinstance(value, list):
        return [flattened(each) for each in value if isinstance(each, dict)]
    if not isinstance(value, dict) or not value:
        return []
    if plain(value):
        return [flattened(value)]
    found = []
    for key, each in value.items():
        for row in records(each):
            depth = sum(name.startswith(GROUP) for name in row)
            found.append({f"{GROUP}{depth}": key, **row})
    return found


def plain(value: Mapping[str, Any]) -> bool:
    return not any(isinstance(each, dict) or is_records(each) for each in value.values())


def is_records(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(each, dict) for each in value)


def flattened(row: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """A record without objects inside: {"build": {"cpu_s": 1}} is {"build.cpu_s": 1}; lists become text."""
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            flat |= flattened(value, f"{before}{key}.")
        else:
            flat[f"{before}{key}"] = cell(value)
    return flat


def table_of(title: str, rows: list[dict[str, Any]]) -> Panel:
    """Records as a panel; the column of the outermost group is headed by the panel's title."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    heads = ["" if key.startswith(GROUP) else said(key) for key in columns]
    if columns[0].startswith(GROUP):
        heads[0] = title
    return flat_panel(title, heads, [[row.get(key) for key in columns] for row in rows])


def flat_panel(title: str, columns: list[str], rows: list[list[Any]]) -> Panel:
    topics = {word for column in columns for word in (column.split(" ")[0], column)}
    return {
        "id": title,
        "title": title,
        "columns": columns,
        "rows": rows,
        "over_dims": False,
        "unit": "",
        "fraction": False,
        "topics": topics,
    }


def cell(value: Any) -> Any:
    """A value as a cell: a text, a number, a truth or None."""
    if isinstance(value, list):
        return ", ".join(str(cell(each)) for each in value)
    return value if isinstance(value, str | int | float | bool) or value is None else json.dumps(value)


def said(key: str) -> str:
    """A key as people read it: "wall_p50_ms" is "wall p50 ms", "build.cpu_s" is "build cpu s"."""
    return KEYS.get(key, key.replace("_", " ").replace(".", " "))
