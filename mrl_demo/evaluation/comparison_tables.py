"""The comparison's figures as tables: means over seeds in percent, and one table with the whole spread.

A table is `{id, title, note, unit, over_dims, beside, columns, rows}`, as the published figures are kept.
Reads a result file's content; measures nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mrl_demo.evaluation.adaptive_tables import adaptive, curve
from mrl_demo.evaluation.caption_comparison import caption_tables
from mrl_demo.evaluation.comparison_spread import (
    Row,
    Spread,
    Table,
    apart,
    blank,
    order,
    over_dims,
    over_seeds,
    percent,
    short,
    spreads,
)
from mrl_demo.evaluation.paper_figure import BY_CAPTION

OVER_DIMS = {
    "zero_shot_top_1": (
        "Zero-shot classification, top-1",
        "The class whose words lie nearest to the picture at that dim.",
        ["zero_shot", "accuracy"],
    ),
    "top_1": (
        "Linear classification, top-1",
        "FF: one model trained for each size. SVD, random dims and FF cut are made of the largest of these."
        " SVD: its head in the best approximation of that rank, as in the paper.",
        ["top_1"],
    ),
    "discriminant_top_1": (
        "Linear classification without trained heads",
        "A linear discriminant fitted to the training photos' embeddings in closed form, where the paper"
        " fits a softmax. Dims such as 12 and 24 were never trained.",
        ["top_1"],
    ),
    "one_nn": (
        "1-NN accuracy",
        "The class of the nearest training photo, by cosine at that dim. SVD: the largest FF model's"
        " embeddings turned to their principal directions. Dims such as 12 and 24 were never trained.",
        ["one_nn"],
    ),
    "map_at_k": (
        "mAP@10, flat retrieval",
        "A training photo is relevant when it is of the query's class. mAP@10 divides by 10, as the paper's.",
        ["map_at_k"],
    ),
    "superclass_accuracy": (
        "Superclasses, top-1",
        "The share of photos whose answer is of the right superclass.",
        ["superclass"],
    ),
    "errors_within_superclass": (
        "Mistakes that stay within the superclass",
        "Of the wrong answers, the share that is of the right superclass.",
        ["superclass"],
    ),
    "errors_within_superclass_by_chance": (
        "The same, were mistakes drawn by chance",
        "What the share would be, were wrong answers spread evenly over all other classes.",
        ["superclass"],
    ),
}


def comparison_tables(content: Row) -> list[Table]:
    """All tables that the figures in `content` fill."""
    rows: Sequence[Row] = content["scores"]
    flat = [row for row in rows if not row.get("cascade")]
    tables = caption_tables(rows)
    tables += [
        over_dims(metric, *words, [row for row in flat if row["metric"] == metric])
        for metric, words in OVER_DIMS.items()
    ]
    tables += [grid(rows), by_cost(rows), adaptive(rows), curve(rows)]
    tables += [superclasses(content.get("superclasses", {}))]
    tables += [confused(content.get("confused", [])), spread(rows), training(content.get("trained", []))]
    return [table for table in tables if table["rows"]]


def grid(rows: Iterable[Row]) -> Table:
    """The paper's Ds x Dr grid of MRL: a row a shortlist's dim, a column a dim that re-ranks it."""
    rows = list(rows)
    two = [row for row in rows if row["metric"] == "map_at_k" and row["retrieval"].startswith("adaptive")]
    again = sorted({_last_dim(row) for row in two})
    firsts = sorted({row["dim"] for row in two})
    dims = sorted({*firsts, *again})
    found = spreads(({**row, "again": _last_dim(row)} for row in two), "dim", "again")
    alone = spreads((row for row in rows if _flat_of(row, "MRL")), "dim")
    best = spreads((row for row in rows if row["metric"] == "oracle_map_at_k"), "dim")
    measured = {"MRL": [*alone.values(), *found.values()]}
    table = [
        [
            dim,
            *(percent(alone.get((dim,)) if dim == high else found.get((dim, high))) for high in dims),
            percent(best.get((dim,))),
        ]
        for dim in dims
    ]
    return {
        **blank(
            "grid",
            "Adaptive retrieval: mAP@10 by dims",
            "MRL; the 200 nearest at the first dim, ranked again at the second; the same dim twice is flat."
            f" Oracle: the best order that shortlist could be brought into. {over_seeds(measured)}",
            ["adaptive"],
        ),
        "columns": ["shortlist by", *(f"re-ranked by {dim}, %" for dim in dims), "oracle, %"],
        "rows": table if two else [],
    }


def by_cost(rows: Iterable[Row]) -> Table:
    """Every way to retrieve with MRL, and FF databases, cheapest first."""
    ours = [
        row
        for row in rows
        if row["metric"] == "map_at_k" and (row.get("cascade") or _flat_of(row, "MRL") or _flat_of(row, "FF"))
    ]
    costs = {_way(row): row["mflops"] for row in ours}
    found = spreads(({**row, "way": _way(row)} for row in ours), "model", "way")
    return {
        **blank(
            "by-cost",
            "Retrieval by cost",
            "Multiply-adds a query as the paper counts them: the whole database at the first dim, then what"
            " is ranked again. In brackets how many pass to the next dim.",
            ["adaptive"],
        ),
        "columns": ["model", "mAP@10, %", "± over seeds", "seeds", "MFLOPs a query", "dims"],
        "rows": sorted(
            (
                [model, percent(one), apart(one), one.seeds, costs[way], way]
                for (model, way), one in found.items()
            ),
            key=lambda row: (row[4], row[0]),
        ),
    }


def superclasses(found: Mapping[str, int]) -> Table:
    """Which superclasses the classes were gathered into."""
    return {
        **blank(
            "superclasses-of-ours",
            "The superclasses",
            f"{len(found)} groups of classes, gathered from their hypernyms in WordNet; the paper has 31 of"
            " its own.",
            ["superclass"],
        ),
        "columns": ["superclass", "classes"],
        "rows": [[name, count] for name, count in found.items()],
    }


def confused(found: Iterable[Row]) -> Table:
    """The commonest mistakes at the smallest and at the full dim."""
    return {
        **blank(
            "confused", "The commonest mistakes", "Of the photos of a class, the share called another.", []
        ),
        "columns": ["dim", "seed", "is", "is called", "share, %", "same superclass"],
        "rows": [
            [
                row["dim"],
                row["seed"],
                row["is"],
                row["said"],
                round(100 * row["share"], 1),
                row["same_superclass"],
            ]
            for row in found
        ],
    }


def spread(rows: Iterable[Row]) -> Table:
    """Mean, least, most and standard deviation of every figure over seeds."""
    by = ("measure", "model", "dim", "cascade")
    measured = ({**row, "measure": _measure(row)} for row in rows if "_curve_" not in row["metric"])
    found = spreads(measured, *by)
    return {
        **blank(
            "spread",
            "Every figure and its spread",
            "Over seeds; random halves of adaptive classification, and draws of random dims, are averaged"
            " within a seed first.",
            [],
        ),
        "columns": [*by, "mean", "least", "most", "deviation", "seeds", "draws"],
        "rows": [
            [
                metric.replace("_", " "),
                model,
                dim,
                cascade,
                *(short(value) for value in (one.mean, min(one.values), max(one.values), one.deviation)),
                one.seeds,
                max(map(len, one.draws)),
            ]
            for (metric, model, dim, cascade), one in sorted(found.items(), key=_by_measure)
        ],
    }


def training(trained: Iterable[Row]) -> Table:
    """How, where and for how long each model was trained."""
    made = ("seed", "seconds", "hardware", "device", "commit", "date", "command")
    return {
        **blank("training", "Training", "Seconds of training by the clock, without the embedding.", []),
        "columns": ["model", "nested dims", *made],
        "rows": [
            [row["model"], ", ".join(map(str, row["nested_dims"])), *(row[name] for name in made)]
            for row in trained
        ],
    }


def _by_measure(item: tuple[tuple[Any, ...], Spread]) -> tuple[Any, ...]:
    metric, model, dim, cascade = item[0]
    return metric, order(model), cascade or "", dim


def _measure(row: Row) -> str:
    return f"{row['data']}: {row['truth']}" if row["metric"] == BY_CAPTION else str(row["metric"])


def _flat_of(row: Row, model: str) -> bool:
    return row["metric"] == "map_at_k" and not row.get("cascade") and row["model"] == model


def _way(row: Row) -> str:
    return str(row.get("cascade") or row["dim"])


def _last_dim(row: Row) -> int:
    return int(str(row["cascade"]).split(" ")[-1])
