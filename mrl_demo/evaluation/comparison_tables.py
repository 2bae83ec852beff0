"""The comparison's figures as tables: means over seeds in percent, and one table with the whole spread.

A table is `{id, title, note, unit, over_dims, beside, columns, rows}`, as the published figures are kept.
Reads a result file's content; measures nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mrl_demo.evaluation.caption_comparison import BY_CAPTION, caption_tables
from mrl_demo.evaluation.comparison_spread import (
    Row,
    Spread,
    Table,
    blank,
    order,
    over_dims,
    percent,
    short,
    spreads,
)

OVER_DIMS = {
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
            " Oracle: the best order that shortlist could be brought into.",
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
        "columns": ["model", "mAP@10, %", "MFLOPs a query", "dims"],
        "rows": sorted(
            ([model, percent(values), costs[way], way] for (model, way), values in found.items()),
            key=lambda row: (row[2], row[0]),
        ),
    }


def adaptive(rows: Iterable[Row]) -> Table:
    """Expected dims against accuracy, over splits and seeds."""
    ways = {
        "adaptive": "thresholds of best accuracy, pair by pair (the paper's)",
        "adaptive_keeping": "one threshold, the lowest that keeps the full dim's accuracy",
    }
    found = spreads(rows, "model", "metric")
    table = []
    for model in sorted({model for model, metric in found if metric == "adaptive_top_1"}, key=order):
        for name, words in ways.items():
            last, every = found[model, f"{name}_last_dim"], found[model, f"{name}_all_dims"]
            table.append(
                [
                    model,
                    words,
                    *(
                        round(value, 1)
                        for value in (last.mean, min(last.values), max(last.values), every.mean)
                    ),
                    *(percent(found[model, f"{name}_{which}"]) for which in ("top_1", "full")),
                ]
            )
    return {
        **blank(
            "adaptive-classification",
            "Adaptive classification",
            "Stops at the first dim that is sure enough; thresholds learned on one half of the held-out"
            " photos, measured on the other, many random halves.",
            ["adaptive_classification"],
        ),
        "columns": [
            "model",
            "thresholds",
            "expected dims",
            "least",
            "most",
            "counting all heads tried",
            "top-1, %",
            "full dim alone, %",
        ],
        "rows": table,
    }


def curve(rows: Iterable[Row]) -> Table:
    """One threshold for all dims, from 0 to 1: expected dims against accuracy, beside FF."""
    rows = list(rows)
    along = [row for row in rows if row["metric"].startswith("adaptive_curve") and row["model"] == "MRL"]
    found = spreads(along, "draw", "metric")
    places = sorted({place for place, _ in found})
    adaptive_at = {
        round(found[place, "adaptive_curve_last_dim"].mean, 1): percent(found[place, "adaptive_curve_top_1"])
        for place in places
    }
    fixed = spreads((row for row in rows if row["metric"] == "top_1" and row["model"] == "FF"), "dim")
    fixed_at = {float(dim): percent(values) for (dim,), values in fixed.items()}
    dims = sorted({*adaptive_at, *fixed_at})
    return {
        **blank(
            "adaptive-curve",
            "Adaptive classification: expected dims and accuracy",
            "MRL with one threshold for all dims, from 0 to 1; FF is a model of its own for each size.",
            ["adaptive_classification"],
            unit="%",
            over_dims=True,
        ),
        "columns": ["dim", "MRL, adaptive", "FF"],
        "rows": [[dim, adaptive_at.get(dim), fixed_at.get(dim)] for dim in dims] if along else [],
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
    """Mean, least, most and standard deviation of every figure, over seeds and random draws."""
    found = spreads(
        ({**row, "metric": _measure(row)} for row in rows if "_curve_" not in row["metric"]),
        "metric",
        "model",
        "dim",
        "cascade",
    )
    return {
        **blank(
            "spread",
            "Every figure and its spread",
            "Over seeds; of adaptive classification also over random halves, of random dims over draws.",
            [],
        ),
        "columns": ["measure", "model", "dim", "cascade", "mean", "least", "most", "deviation", "of"],
        "rows": [
            [
                metric.replace("_", " "),
                model,
                dim,
                cascade,
                *(short(value) for value in (one.mean, min(one.values), max(one.values), one.deviation)),
                len(one.values),
            ]
            for (metric, model, dim, cascade), one in sorted(found.items(), key=_by_measure)
        ],
    }


def training(trained: Iterable[Row]) -> Table:
    """How long each model was trained."""
    return {
        **blank("training", "Training", "Seconds of training by the clock, without the embedding.", []),
        "columns": ["model", "nested dims", "seed", "seconds"],
        "rows": [
            [row["model"], ", ".join(map(str, row["nested_dims"])), row["seed"], row["seconds"]]
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
