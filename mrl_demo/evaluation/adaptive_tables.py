"""The comparison's tables of adaptive classification: what thresholds give, and the curve over one of them.

Reads a result file's figures, as `paper_adaptive` makes them; measures nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from mrl_demo.evaluation.comparison_spread import (
    Row,
    Spread,
    Table,
    apart,
    blank,
    order,
    over_seeds,
    percent,
    spreads,
)

_WAYS = {
    "adaptive": "thresholds of best accuracy, pair by pair (the paper's)",
    "adaptive_keeping": "one threshold, the lowest that keeps the full dim's accuracy",
}
_WHAT = ("last_dim", "all_dims", "top_1", "full")
_ALONE = (
    ("MRL, every dim alone", "top_1", "MRL"),
    ("FF", "top_1", "FF"),
    ("every dim alone", "zero_shot_top_1", "MRL"),
)


def adaptive(rows: Iterable[Row]) -> Table:
    """Expected dims against accuracy, over splits and seeds."""
    found = spreads(rows, "model", "metric")
    models = sorted({model for model, metric in found if metric == "adaptive_top_1"}, key=order)
    return {
        **blank(
            "adaptive-classification",
            "Adaptive classification",
            "Stops at the first dim that is sure enough; thresholds learned on one half of the held-out"
            " photos, measured on the other; means over many random halves, then over seeds. Right at some"
            " dim: what an oracle that knows where to stop would reach.",
            ["adaptive_classification"],
        ),
        "columns": [
            "model",
            "thresholds",
            "seeds",
            "expected dims",
            "± over seeds",
            "least of a half",
            "most of a half",
            "counting all heads tried",
            "top-1, %",
            "± over seeds, %",
            "full dim alone, %",
            "right at some dim, %",
        ],
        "rows": [
            [
                model,
                words,
                *_cells({what: found[model, f"{way}_{what}"] for what in _WHAT}),
                percent(found.get((model, "oracle_top_1"))),
            ]
            for model in models
            for way, words in _WAYS.items()
        ],
    }


def _cells(found: dict[str, Spread]) -> list[float | int | None]:
    last, right = found["last_dim"], found["top_1"]
    halves = [value for draws in last.draws for value in draws]
    dims = (last.mean, last.deviation, min(halves), max(halves), found["all_dims"].mean)
    return [
        last.seeds,
        *(None if value is None else round(value, 1) for value in dims),
        *(percent(right), apart(right), percent(found["full"])),
    ]


def curve(rows: Iterable[Row]) -> Table:
    """One threshold for all dims, from 0 to 1: expected dims against accuracy, beside fixed dims."""
    rows = [row for row in rows if row["model"] in ("MRL", "FF")]
    along = spreads((row for row in rows if row["metric"].startswith("adaptive_curve")), "draw", "metric")
    stops: dict[float, Spread] = {
        round(one.mean, 1): along[place, "adaptive_curve_top_1"]
        for (place, metric), one in along.items()
        if metric == "adaptive_curve_last_dim"
    }
    lines = {"MRL, adaptive": stops}
    for name, metric, model in _ALONE:
        mine = spreads((row for row in rows if (row["metric"], row["model"]) == (metric, model)), "dim")
        if mine:
            lines[name] = {float(dim): one for (dim,), one in mine.items()}
    return {
        **blank(
            "adaptive-curve",
            "Adaptive classification: expected dims and accuracy",
            "One threshold for all dims, from 0 to 1, beside dims that are fixed (FF: a model of its own for"
            f" each). {over_seeds({name: list(line.values()) for name, line in lines.items()})}",
            ["adaptive_classification"],
            unit="%",
            over_dims=True,
        ),
        "columns": ["dim", *lines],
        "rows": [
            [dim, *(percent(line.get(dim)) for line in lines.values())]
            for dim in sorted({dim for line in lines.values() for dim in line})
            if stops
        ],
    }
