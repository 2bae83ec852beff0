"""The comparisons in the README: short tables, made from the result files, beside the paper's figures.

Reads result files; measures nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mrl_demo.evaluation.comparison_spread import Row, Spread, order, over_seeds, spreads
from mrl_demo.evaluation.comparison_words import training_places
from mrl_demo.evaluation.report import write_between

MARKS = ("<!-- comparison -->", "<!-- /comparison -->")
ENCODER_MARKS = ("<!-- encoders -->", "<!-- /encoders -->")
PHOTOS, CAPTIONS, PAPER = "compare-tiny-imagenet.json", "compare-captions.json", "paper.json"
LEFT_OUT = ("SVD, centred",)  # which the page shows
METRICS = {"top_1": "Linear top-1", "one_nn": "1-NN top-1", "map_at_k": "mAP@10"}
# What is asked of the still lifes is much; these say most. Other sets have one measure.
TRUTHS = ("category", "category, colour, finish", "recall@10 of type, colour, gender", "zero-shot top-1")


def write_comparison(readme: Path, results: Path = Path("assets/results")) -> None:
    """Put tables of the comparisons that there are in the folder `results` between the marks in `readme`.

    Raises:
        ValueError: the text has no such marks.
    """
    said = []
    if (results / PHOTOS).exists():
        content = _read(results / PHOTOS)
        groups = {words: _rows(content, metric=name) for name, words in METRICS.items()}
        papers = {words: _paper_s(results / PAPER, name) for name, words in METRICS.items()}
        said.append(_section(content, groups, papers))
    if (results / CAPTIONS).exists():
        content = _read(results / CAPTIONS)
        asked = dict.fromkeys((row["data"], row["truth"]) for row in content["scores"])
        groups = {
            f"{data}: {truth}": _rows(content, data=data, truth=truth)
            for data, truth in asked
            if truth in TRUTHS
        }
        said.append(_section(content, groups))
    write_between(readme, MARKS, "\n".join(said))


def write_encoders(readme: Path, content: Mapping[str, Any]) -> None:
    """Put the table of finished encoders, from their result file's content, between its marks in `readme`: a
    row a set and measure, and in it every nested dim.

    Raises:
        ValueError: the text has no such marks.
    """
    dims = sorted({row["dim"] for row in content["scores"]})
    lines = [
        f"In percent; by `{content['command']}` at commit `{content['commit']}`, {content['date'][:10]}.",
        "",
        f"| held out | encoder | {' | '.join(map(str, dims))} |",
        "|-" * (len(dims) + 2) + "|",
    ]
    for (data, truth), found in _by_question(content["scores"]).items():
        for model, row in found.items():
            cells = " | ".join(f"{100 * row[dim]:.1f}" if dim in row else "–" for dim in dims)
            lines.append(f"| {data}: {truth} | {model} | {cells} |")
    write_between(readme, ENCODER_MARKS, "\n".join(lines) + "\n")


def _by_question(rows: Sequence[Row]) -> dict[tuple[str, str], dict[str, dict[int, float]]]:
    """Of the measures that say most: set and measure -> model -> dim -> value."""
    found: dict[tuple[str, str], dict[str, dict[int, float]]] = {}
    for row in rows:
        if row["truth"] in TRUTHS:
            models = found.setdefault((row["data"], row["truth"]), {})
            models.setdefault(row["model"], {})[row["dim"]] = row["value"]
    return found


def _section(
    content: Mapping[str, Any],
    groups: Mapping[str, list[Row]],
    papers: Mapping[str, Mapping[str, dict[int, float]]] = MappingProxyType({}),
) -> str:
    """How a comparison was made, in one line, then its protocol, then a table for each of `groups`; `papers`:
    the paper's own percentages by model and dim, which stand beside it."""
    dims = sorted({dim for run in content["trained"] for dim in run["nested_dims"]})
    lines = [_made(content, [row for rows in groups.values() for row in rows])]
    for words, rows in groups.items():
        columns = _columns(rows)
        columns |= {f"*paper: {model}*": cells for model, cells in papers.get(words, {}).items()}
        lines += [
            "",
            f"| {words}, % | {' | '.join(columns)} |",
            "|-" * (len(columns) + 1) + "|",
            *(
                f"| {dim} | {' | '.join(_percent(one.get(dim)) for one in columns.values())} |"
                for dim in dims
            ),
        ]
    return "\n".join(lines) + "\n"


def _columns(rows: list[Row]) -> dict[str, dict[int, float]]:
    """model -> dim -> mean over seeds, in percent."""
    found: dict[str, dict[int, float]] = {}
    for (model, dim), one in sorted(
        spreads(rows, "model", "dim").items(), key=lambda item: order(item[0][0])
    ):
        if model not in LEFT_OUT:
            found.setdefault(model, {})[dim] = 100 * one.mean
    return found


def _paper_s(file: Path, metric: str) -> dict[str, dict[int, float]]:
    """The paper's figures of `metric` by model and dim, from the published ones that the page shows."""
    table = next(
        table for table in _read(file)["tables"] if metric in table["beside"] and table["columns"][0] == "dim"
    )
    return {
        head.split(" (")[0]: {row[0]: row[place] for row in table["rows"]}
        for place, head in enumerate(table["columns"])
        if place
    }


def _made(content: Mapping[str, Any], rows: list[Row]) -> str:
    each: dict[str, list[Spread]] = {}
    for (model, *_), one in spreads(rows, "model", "metric", "data", "truth", "dim").items():
        each.setdefault(model, []).append(one)
    return (
        f"**{content['title']}**, made by `{content['command']}` at commit `{content['commit']}`,"
        f" {content['date'][:10]}; trained on {training_places(content['trained'])};"
        f" seeds {', '.join(map(str, content['seeds']))}."
        f" {over_seeds(each)}"
        f"\n\n{content['what'][:1].upper()}{content['what'][1:]}"
    )


def _rows(content: Mapping[str, Any], **wanted: str) -> list[Row]:
    """The figures with these fields that are of one stage of retrieval, or of none."""
    return [
        row
        for row in content["scores"]
        if not row.get("cascade") and all(row.get(name) == value for name, value in wanted.items())
    ]


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _read(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content
