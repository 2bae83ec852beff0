"""Everything the page shows about one query, in one go: the ranking at every stop of the slider, with its
price.

Shipping all of it once (a few kB) is what makes a slider step need no request. Timings are of real
searches, one for each stop, measured here. Knows collections and settings; knows nothing of HTML or Gradio.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mrl_demo.search.cascade import Cascade
from mrl_demo.ui.figures import memory_by_dim
from mrl_demo.ui.queries import Query, item_text
from mrl_demo.ui.settings import MAX_K, Settings, cascade_at, slider_stops

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection
    from mrl_demo.search.hits import Hits

# Each stop is searched this often and the faster one shown: the first search after a pause pays for cold
# caches, and a machine shared with others interrupts one now and then.
ROUNDS = 2


def answer(collection: Collection, query: Query, settings: Settings) -> dict[str, Any]:
    """The page's answer to `query`, ready for JSON.

    `stops` holds one entry a slider stop (and one for `settings.dim` where that is no stop); `truth` is the
    exact ranking at full dimension, which recall is counted against; `captions` covers every key that can
    be shown.
    """
    pack = collection.pack
    k, warnings = fitting_k(settings.k, len(collection))
    dims = sorted({*slider_stops(pack.full_dim, pack.nested_dims), settings.dim, pack.full_dim})
    truth = collection.search(query.embedding, Cascade.flat(pack.full_dim), k=k)
    cascades = [
        cascade_at(settings.mode, dim, k, len(collection), pack.full_dim, pack.nested_dims) for dim in dims
    ]
    rounds = [
        [
            collection.search(query.embedding, cascade, k=k, first_stage=settings.first_stage)
            for cascade in cascades
        ]
        for _ in range(ROUNDS)
    ]
    stops = [
        stop(dim, min(tries, key=lambda hits: hits.seconds), truth)
        for dim, tries in zip(dims, zip(*rounds, strict=True), strict=True)
    ]
    kept = memory_by_dim(collection, dims)
    for entry in stops:
        entry["bytes"] = bytes_a_vector(settings, kept[entry["dim"]], kept[pack.full_dim])
    shown = {key for entry in stops for key in entry["keys"]} | set(numbers(truth.keys))
    return {
        "query": {"kind": query.kind, "label": query.label, "key": query.key},
        "warnings": [*query.warnings, *warnings],
        "mode": settings.mode,
        "first_stage": settings.first_stage,
        "k": k,
        "dim": settings.dim,
        "count": len(collection),
        "encode_ms": None if query.seconds is None else round(query.seconds * 1000, 2),
        "full_bytes": bytes_a_vector(settings, kept[pack.full_dim], kept[pack.full_dim]),
        "truth": {"keys": numbers(truth.keys), "scores": scores(truth)},
        "stops": stops,
        "captions": {str(key): item_text(collection, key) for key in sorted(shown)},
    }


def stop(dim: int, hits: Hits, truth: Hits) -> dict[str, Any]:
    """One stop of the slider: its ranking, what it kept of the truth, and what each stage cost."""
    keys = numbers(hits.keys)
    true_keys = numbers(truth.keys)
    return {
        "dim": dim,
        "keys": keys,
        "scores": scores(hits),
        "recall": round(len(set(keys) & set(true_keys)) / max(1, len(true_keys)), 4),
        "ms": round(sum(stage.seconds for stage in hits.stages) * 1000, 4),
        "stages": [
            [
                int(stage.dim),
                str(stage.first_stage),
                int(stage.considered),
                int(stage.kept),
                round(stage.seconds * 1000, 4),
                int(stage.bytes_touched),
                int(stage.multiply_adds),
            ]
            for stage in hits.stages
        ],
    }


def bytes_a_vector(
    settings: Settings, here: dict[tuple[str, str], float], full: dict[tuple[str, str], float]
) -> int:
    """What a vector takes in memory for this way to search: what the first stage reads and what re-ranks.

    With an exact first stage the prefix lies inside the matrix that re-ranks; a graph or sign bits stand
    beside it.
    """
    if settings.first_stage == "exact":
        return round((here if settings.mode == "flat" else full)["flat", "exact"])
    kind = settings.first_stage
    return round(here[kind if settings.mode == "flat" else "cascade", kind])


def fitting_k(k: int, count: int) -> tuple[int, list[str]]:
    """As many results as there are and a page shows well, and what to say when that is fewer than asked."""
    if k > count:
        return min(count, MAX_K), [
            f"k = {k} is more than the collection has: showing {min(count, MAX_K)} of {count}."
        ]
    if k > MAX_K:
        return MAX_K, [f"The page shows at most {MAX_K} results, not {k}; the library has no such limit."]
    return k, []


def numbers(keys: np.ndarray | Sequence[int]) -> list[int]:
    return [int(key) for key in keys]


def scores(hits: Hits) -> list[float]:
    return [round(float(score), 4) for score in hits.scores]
