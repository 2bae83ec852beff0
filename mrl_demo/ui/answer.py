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
from mrl_demo.search.falls import Fall, falls, standings
from mrl_demo.ui.figures import memory_by_dim
from mrl_demo.ui.filters import Filter
from mrl_demo.ui.queries import Query, item_text
from mrl_demo.ui.settings import MAX_K, Settings, cascade_at, slider_stops

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection
    from mrl_demo.search.hits import Hits, Keys
    from mrl_demo.search.ranks import Compared
    from mrl_demo.ui.cut_offs import CutOffs

# Each stop is searched this often and the faster one shown: the first search after a pause pays for cold
# caches, and a machine shared with others interrupts one now and then.
ROUNDS = 2


def answer(
    collection: Collection,
    query: Query,
    settings: Settings,
    only: Filter | None = None,
    cut_offs: CutOffs | None = None,
) -> dict[str, Any]:
    """The page's answer to `query` among what `only` leaves, ready for JSON.

    `stops` holds one entry a slider stop (and one for `settings.dim` where that is no stop); `truth` is the
    exact ranking at full dimension, which recall is counted against; `captions` covers every key that can
    be shown. `k` is what is shown; `asked_k` what is to be asked for again, which no filter cuts.
    """
    pack = collection.pack
    only = only or Filter(len(collection))
    k, warnings = fitting_k(settings.k, only.count, bool(only.values))
    dims = searched_dims(collection, settings)
    truth = collection.search(query.embedding, Cascade.flat(pack.full_dim), k=k, where=only.mask)
    cascades = [
        cascade_at(settings.mode, dim, k, only.count, pack.full_dim, pack.nested_dims) for dim in dims
    ]
    rounds = [
        [
            collection.search(
                query.embedding, cascade, k=k, first_stage=settings.first_stage, where=only.mask
            )
            for cascade in cascades
        ]
        for _ in range(ROUNDS)
    ]
    found = [min(tries, key=lambda hits: hits.seconds) for tries in zip(*rounds, strict=True)]
    stops = [stop(dim, hits, truth) for dim, hits in zip(dims, found, strict=True)]
    kept = memory_by_dim(collection, dims)
    lost = losses(collection, query, found, truth, only)
    for entry, hits, fallen in zip(stops, found, lost, strict=True):
        entry["bytes"] = bytes_a_vector(settings, kept[entry["dim"]], kept[pack.full_dim])
        entry["lost"] = [[fall.key, fall.stage, fall.rank, int(fall.overlooked)] for fall in fallen]
        entry["cut"] = cut_offs.at(query.kind, hits.stages[-1].dim) if cut_offs else None
    shown = {key for entry in stops for key in entry["keys"]} | set(numbers(truth.keys))
    return {
        "query": {"kind": query.kind, "label": query.label, "key": query.key},
        "warnings": [*query.warnings, *warnings],
        "mode": settings.mode,
        "first_stage": settings.first_stage,
        "k": k,
        "asked_k": fitting_k(settings.k, len(collection))[0],
        "dim": settings.dim,
        "where": dict(only.values),
        "count": only.count,
        "encode_ms": None if query.seconds is None else round(query.seconds * 1000, 2),
        "full_bytes": bytes_a_vector(settings, kept[pack.full_dim], kept[pack.full_dim]),
        "truth": {"keys": numbers(truth.keys), "scores": scores(truth)},
        "lift": cut_offs.lift(query, best_of_all(collection, query, truth, only)) if cut_offs else None,
        "stops": stops,
        "captions": {str(key): item_text(collection, key) for key in sorted(shown)},
    }


def searched_dims(collection: Collection, settings: Settings) -> list[int]:
    """The dims that an answer has an entry for, and that first stages look at."""
    stops = slider_stops(collection.full_dim, collection.nested_dims)
    return sorted({*stops, settings.dim, collection.full_dim})


def losses(
    collection: Collection, query: Query, found: Sequence[Hits], truth: Hits, only: Filter
) -> list[list[Fall]]:
    """For each search that was `found`, where those of the `truth` fell that it lacks.

    Sign bits that hand a shortlist on rank by themselves; every other first stage by cosine.
    """
    engine = collection.engine

    def by_signs(hits: Hits) -> bool:
        return hits.stages[0].first_stage == "signs" and len(hits.stages) > 1

    ranked: dict[bool, dict[int, Keys]] = {}
    for signs in {by_signs(hits) for hits in found}:
        dims = sorted({hits.stages[0].dim for hits in found if by_signs(hits) == signs})
        compared: Compared = "signs" if signs else "prefix"
        ranked[signs] = standings(engine, query.embedding, truth.keys, dims, compared, only.mask)
    return [
        falls(engine, query.embedding, hits, truth.keys, ranked[by_signs(hits)][hits.stages[0].dim])
        for hits in found
    ]


def best_of_all(collection: Collection, query: Query, truth: Hits, only: Filter) -> float:
    """The best cosine at full dim among all pictures, whatever a filter leaves: whether the encoder can tell
    pictures apart by a query is no matter of what is filtered."""
    if only.mask is None:
        return float(truth.scores[0])
    return float(collection.search(query.embedding, Cascade.flat(collection.full_dim), k=1).scores[0])


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


def fitting_k(k: int, count: int, filtered: bool = False) -> tuple[int, list[str]]:
    """As many results as there are and a page shows well, and what to say when that is fewer than asked."""
    if k > count and filtered:
        return min(count, MAX_K), [f"The filter leaves {count}: showing {min(count, MAX_K)}."]
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
