"""The result file, and the README's table made from it.

Measures nothing itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mrl_demo.evaluation.score import Score
from mrl_demo.whole import whole

MARKS = ("<!-- results -->", "<!-- /results -->")


def write_result(path: Path, fields: Mapping[str, Any], scores: Iterable[Score]) -> dict[str, Any]:
    """Write a result file whole or not at all, a score a line, and return its content."""
    result = {"format": 1, **fields, "scores": [score.to_json() for score in scores]}
    head = json.dumps({name: value for name, value in result.items() if name != "scores"}, indent=1)
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in result["scores"])
    with whole(path) as beside:
        beside.write_text(f'{head[:-2]},\n "scores": [\n{rows}\n]}}\n', encoding="utf-8")
    return result


def markdown_table(result: Mapping[str, Any]) -> str:
    """The README's table: a row a trained dim.

    recall@k by attribute and against exact full-dim search, then what the search costs. Says "–" where the
    result file has no such number.
    """
    asked_in_words = any(row.get("queries") == "captions" for row in result["scores"])
    values = {
        (row["metric"], row["retrieval"], row.get("truth", ""), row["dim"]): row["value"]
        for row in result["scores"]
        if row.get("queries") != "images" or not asked_in_words
    }
    one_thing = ("category", "category+colour", "category+colour+count", "category+colour+finish")
    truths = (*one_thing, "both categories+relation", "all", "full")
    shown = [truth for truth in truths if any(key[0] == "recall_at_k" and key[2] == truth for key in values)]
    names = {"full": f"exact {result['model']['full_dim']}-d answer", "all": "all attributes"}
    columns = [(names.get(truth, truth), ("recall_at_k", "flat exact", truth), "{:.3f}") for truth in shown]
    columns += [
        ("same, re-ranked", ("recall_at_k", "adaptive exact", "full"), "{:.3f}"),
        ("same, HNSW + re-rank", ("recall_at_k", "adaptive hnsw", "full"), "{:.3f}"),
        ("flat search, ms", ("latency_p50", "flat exact", ""), "{:.2f}"),
        ("bytes a vector", ("bytes_per_vector", "flat exact", ""), "{:.0f}"),
    ]
    lines = [
        "| dim | " + " | ".join(name for name, _, _ in columns) + " |",
        "|-" * (len(columns) + 1) + "|",
    ]
    for dim in result["model"]["nested_dims"]:
        cells = [
            form.format(values[(*key, dim)]) if (*key, dim) in values else "–" for _, key, form in columns
        ]
        lines.append(f"| {dim} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def write_between(path: Path, marks: tuple[str, str], words: str) -> None:
    """Put `words` in place of what stands between the marks in the text at `path`, whole or not at all.

    Raises:
        ValueError: the text has no such marks.
    """
    before, after = between(path, marks)
    with whole(path) as beside:
        beside.write_text(f"{before}{marks[0]}\n{words}\n{marks[1]}{after}", encoding="utf-8")


def between(path: Path, marks: tuple[str, str]) -> tuple[str, str]:
    """What stands before the first and after the second of `marks` in the text at `path`.

    Raises:
        ValueError: the text has no such marks, or there is none.
    """
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    before, opened, rest = text.partition(marks[0])
    _, closed, after = rest.partition(marks[1])
    if not opened or not closed:
        raise ValueError(f"{path} must hold the marks {marks[0]} and {marks[1]}, in this order")
    return before, after


def write_table(path: Path, result: Mapping[str, Any]) -> None:
    """Put the table of `result`, and what made it, between the marks in the text at `path`.

    Raises:
        ValueError: the text has no such marks.
    """
    machine, data = result["hardware"], result["data"]
    made = (
        f"recall@{result['k']} of {data['title'].lower()} ({data['count']:,} pictures) by caption, made by "
        f"`{result['command']}` at commit `{result['commit']}`, seed {result['seed']}, on "
        f"{machine['cpu']}, {machine['cores']} cores, {machine['ram_gb']} GB, {result['date'][:10]}. "
        'A caption asks for what its column names ("two mugs", "a red mug", "two glossy red mugs", the whole '
        f"scene). Recall is of the min({result['k']}, relevant) items that could be found; an item is "
        "relevant when it has what the column names, whatever else (such as a number) the caption asked for."
    )
    write_between(path, MARKS, f"{made}\n\n{markdown_table(result)}")
