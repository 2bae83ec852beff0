"""Score rows of a result file to the curves the page draws: names, points and axes, no pixels.

The browser draws them as small SVG (page/charts.js) rather than with plotly: plotly.js is 4.5 MB, more than
the rest of the page together, and a redraw cost 20 ms of a slider step's 50. Live curves of the query are
added in the browser.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mrl_demo.ui.settings import slider_stops

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection

log = logging.getLogger(__name__)


def load_results(path: Path, collection: Collection) -> dict[str, Any] | None:
    """What a command (`evaluate`, `probes`, `cut-off`) measured on `collection` and wrote to a file; None
    where there is none, where it is damaged, and where it was measured on other vectors.

    The latter two are said in the log: the page without its curves is still a page.
    """
    if not path.is_file():
        return None
    try:
        results = json.loads(path.read_text())
        if not isinstance(results["scores"], list):
            raise TypeError("scores is not a list")
        fitting = fits(results, collection)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("%s is no result file (%s): measure again", path, error)
        return None
    if not fitting:
        log.warning("%s was not measured on the vectors of %s: it is left out", path, collection.name)
    return dict(results) if fitting else None


def results_file(folder: Path, kind: str, collection: Collection) -> Path:
    """Where results of a kind such as "probes" lie that were measured on `collection`: in a file of its own,
    probes-NAME.json, else in the one for all, probes.json."""
    own = folder / f"{kind}-{collection.name}.json"
    return own if own.is_file() else folder / f"{kind}.json"


def fits(results: Mapping[str, Any], collection: Collection) -> bool:
    """Whether `results` were measured on this collection's own vectors: its name, size and encoder."""
    theirs, model = results.get("data", {}), results.get("model", {})
    return bool(
        theirs.get("name") == collection.name
        and theirs.get("count") == len(collection)
        and model.get("fingerprint") == collection.model.get("fingerprint")
    )


def charts(collection: Collection, results: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The page's three charts over dims, ready for JSON.

    A curve with a `retrieval` is shown while the page searches that way ("flat exact", "funnel hnsw", ...);
    one without is always shown. Without `results` accuracy and latency have only the live curves of the
    query.
    """
    rows = results["scores"] if results else []
    measured = source_of(results)
    accuracy = [
        *curves(rows, "recall_at_k", "full", "Mean recall, against full dim"),
        *curves(rows, "recall_at_k", "category+colour+finish", "Mean recall, category, colour, finish"),
    ]
    latency = [*curves(rows, "latency_p50", "", "p50"), *curves(rows, "latency_p95", "", "p95")]
    note = f"Means over {measured}" if accuracy else "Of this query, against exact search at full dim"
    timed = (
        f"p50 and p95 over {measured}{machine_of(results)}"
        if latency
        else "Of this query, measured just now on the server: the faster of two"
    )
    return [
        chart("accuracy", "Accuracy: recall", note, accuracy, digits=2, fixed=[0, 1]),
        chart("latency", "Latency: a search", timed, latency, unit="ms", digits=2),
        chart(
            "memory",
            "Memory: bytes a vector",
            f"{len(collection):,} vectors; HNSW as built or estimated",
            memory_curves(collection),
            unit="B",
            log=True,
        ),
    ]


def chart(
    name: str,
    title: str,
    note: str,
    series: list[dict[str, Any]],
    *,
    unit: str = "",
    digits: int = 0,
    log: bool = False,
    fixed: list[float] | None = None,
) -> dict[str, Any]:
    """One chart as page/charts.js reads it; `fixed` is the range of the y axis where it does not follow the
    data.
    """
    return {
        "id": name,
        "title": title,
        "note": note,
        "series": series,
        "unit": unit,
        "digits": digits,
        "log": log,
        "range": fixed,
    }


def curves(rows: Iterable[Mapping[str, Any]], metric: str, truth: str, name: str) -> list[dict[str, Any]]:
    """One curve a retrieval with rows of `metric` and `truth` (that is not about image queries), sorted by
    dim.
    """
    found: dict[str, list[list[float]]] = {}
    for row in rows:
        if row["metric"] == metric and row.get("truth", "") == truth and row.get("queries") != "images":
            found.setdefault(row["retrieval"], []).append([row["dim"], row["value"]])
    return [
        {"name": name, "retrieval": retrieval, "points": sorted(points)}
        for retrieval, points in found.items()
    ]


def memory_curves(collection: Collection) -> list[dict[str, Any]]:
    """Bytes a vector of each way to keep the collection, counted, at every stop of the slider."""
    stops = slider_stops(collection.full_dim, collection.nested_dims)
    kept = memory_by_dim(collection, stops)
    names = {
        ("flat", "exact"): "Flat: the prefix",
        ("hnsw", "hnsw"): "HNSW on the prefix",
        ("cascade", "hnsw"): "HNSW, and all dims to re-rank",
    }
    curves = [
        {"name": name, "points": [[dim, round(kept[dim][key], 1)] for dim in stops]}
        for key, name in names.items()
    ]
    separate = kept[collection.full_dim][("separate", "exact")]
    curves.append(
        {"name": "A flat database for each trained dim", "points": [[dim, separate] for dim in stops]}
    )
    return curves


def memory_by_dim(collection: Collection, dims: Sequence[int]) -> dict[int, dict[tuple[str, str], float]]:
    """Bytes a vector by dim and (retrieval, kind). Flat databases count in f16, as packs store them."""
    kept: dict[int, dict[tuple[str, str], float]] = {dim: {} for dim in dims}
    for row in collection.memory(dims):
        if row.dtype != "f32" and row.dim in kept:
            kept[row.dim][row.retrieval, row.kind] = row.bytes_per_vector
    return kept


def machine_of(results: Mapping[str, Any] | None) -> str:
    """On what times were taken, as the end of a sentence: ", on AMD EPYC, 2 cores"; "" where it is not known.
    It need not be the machine that serves the page."""
    hardware = (results or {}).get("hardware", {})
    return f", on {hardware['cpu']}, {hardware['cores']} cores" if hardware.get("cpu") else ""


def source_of(results: Mapping[str, Any] | None) -> str:
    """Which measurement, in a few words: what and how many, when, and at which commit."""
    if not results:
        return ""
    asked = max((row.get("n", 0) for row in results["scores"] if row["metric"] == "recall_at_k"), default=0)
    commit = str(results.get("commit", ""))[:7]
    parts = [
        f"{asked:,} queries" if asked else "",
        str(results.get("date", ""))[:10],
        f"at {commit}" if commit else "",
    ]
    return ", ".join(part for part in parts if part)
