"""The measurement of a collection and its encoder: quality, latency and memory at every dim.

Joins questions, searches and metrics. Knows the encoder by what it can do, not by its class.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mrl_demo.circumstances import circumstances
from mrl_demo.errors import CollectionError
from mrl_demo.evaluation import latency, metrics
from mrl_demo.evaluation.memory import memory_scores
from mrl_demo.evaluation.questions import (
    Question,
    Truth,
    relevant_items,
    sample_keys,
    sample_questions,
    truths_of,
)
from mrl_demo.evaluation.report import markdown_table, write_result, write_table
from mrl_demo.evaluation.score import Score, mean_score
from mrl_demo.prefix import half_way_dims
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.collection import Collection
from mrl_demo.search.hits import FIRST_STAGES, Floats, Kind

SHORTLIST = 200
MODES = ("flat", "adaptive", "funnel")


class TextEncoder(Protocol):
    """What is asked of an encoder here."""

    @property
    def fingerprint(self) -> str: ...

    def encode_text(self, text: Sequence[str], /) -> npt.NDArray[np.float32]: ...


@dataclass(frozen=True)
class EvaluateConfig:
    """`evaluate`: what to measure, and where to write it."""

    collection: Path = field(default=Path("assets/still-life"), metadata={"help": "the collection's folder"})
    checkpoint: Path = field(
        default=Path("checkpoints/still-life"), metadata={"help": "the encoder's folder"}
    )
    out: Path = field(
        default=Path("assets/results/still-life.json"), metadata={"help": "the result file to write"}
    )
    queries: int = field(default=500, metadata={"help": "items sampled to ask for, at four levels of detail"})
    readme: Path | None = field(
        default=None, metadata={"help": "a text whose table between the marks of results is made anew"}
    )
    k: int = field(default=10, metadata={"help": "hits a query"})
    seed: int = field(default=0, metadata={"help": "seed of the sample"})
    latency_runs: int = field(default=100, metadata={"help": "timed searches of each kind"})

    def __post_init__(self) -> None:
        for name in ("queries", "k", "latency_runs"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")


@dataclass(frozen=True)
class Retrieval:
    """One way to search, with its first stage at `dim`."""

    mode: str
    first_stage: Kind
    dim: int
    cascade: Cascade

    @property
    def name(self) -> str:
        return f"{self.mode} {self.first_stage}"


def run(
    config: EvaluateConfig, encoder: TextEncoder | None = None, collection: Collection | None = None
) -> dict[str, Any]:
    """Measure, write `config.out` whole or not at all, print the table, and return the file's content.

    Args:
        encoder: to embed captions with; None measures with the collection's own images alone.
        collection: None opens `config.collection`.

    Raises:
        CollectionError: the collection is missing or damaged, was embedded by another encoder, or is too
            small for `config.k`.
    """
    collection = collection or Collection.open(config.collection)
    _check_fit(config, encoder, collection)
    keys = sample_keys(collection, config.queries, config.seed)
    images = np.asarray(collection.embeddings[keys], np.float32)
    questions = sample_questions(collection, config.queries, config.seed) if encoder is not None else []
    texts = _embed(encoder, questions) if encoder is not None and questions else None
    truths = truths_of(collection, questions)
    retrievals = ways_to_search(collection, config.k)
    scores: list[Score] = []
    if texts is not None:
        full = collection.search(texts, Cascade.flat(collection.full_dim), config.k).keys
        for retrieval in retrievals:
            scores += text_scores(collection, texts, full, truths, retrieval, config.k)
    for retrieval in retrievals:
        scores += image_scores(collection, keys, images, retrieval, config.k, against_full=texts is None)
    asked = images if texts is None else texts
    scores += latency_scores(collection, asked, retrievals, config.k, config.latency_runs)
    scores += memory_scores(collection.memory(sorted({retrieval.dim for retrieval in retrievals})))
    result = write_result(
        config.out,
        {
            **circumstances(),
            "seed": config.seed,
            "k": config.k,
            "shortlist": SHORTLIST,
            "config": {name: str(value) for name, value in asdict(config).items()},
            "data": {"name": collection.name, "title": collection.title, "count": len(collection)},
            "model": {
                **collection.model,
                "full_dim": collection.full_dim,
                "nested_dims": list(collection.nested_dims),
            },
        },
        [replace(score, data=collection.name, seed=config.seed) for score in scores],
    )
    if config.readme is not None:
        write_table(config.readme, result)
    print(f"{len(scores):,} scores in {config.out}; recall@{config.k} over {len(questions):,} captions:\n")
    print(markdown_table(result))
    return result


def dims_to_measure(nested_dims: Sequence[int], full_dim: int) -> list[int]:
    """Every trained dim, and one half way between each two: trained or not, a prefix should do."""
    trained = sorted({*nested_dims, full_dim})
    return sorted([*trained, *half_way_dims(trained)])


def ways_to_search(collection: Collection, k: int) -> list[Retrieval]:
    """Flat, adaptive and funnel from each dim, with an exact first stage and with HNSW.

    Shortlists leave room for one hit more than k: an image asked for is among its own hits.
    """
    full_dim = collection.full_dim
    shortlist = max(SHORTLIST, k + 1)
    nested = sorted({*collection.nested_dims, full_dim})
    ways = []
    for dim in dims_to_measure(collection.nested_dims, full_dim):
        cascades = {
            "flat": Cascade.flat(dim),
            "adaptive": Cascade.adaptive(dim, full_dim, shortlist),
            "funnel": Cascade.halving(dim, nested, shortlist, k + 1),
        }
        ways += [
            Retrieval(mode, first_stage, dim, cascades[mode])
            for first_stage in FIRST_STAGES
            for mode in MODES
        ]
    return ways


def text_scores(
    collection: Collection,
    texts: Floats,
    full: npt.NDArray[np.int64],
    truths: Sequence[Truth],
    retrieval: Retrieval,
    k: int,
) -> list[Score]:
    """Text to image: recall@k against the exact full-dim answer and by attribute; for flat exact search,
    mAP@k and precision@k as well.

    Args:
        texts: the questions' embeddings, (q, full_dim).
        full: the exact full-dim answers, (q, k).
    """
    found = collection.search(texts, retrieval.cascade, k, retrieval.first_stage).keys
    about: dict[str, Any] = {"dim": retrieval.dim, "retrieval": retrieval.name, "k": k}
    overlap = metrics.recall_at_k(metrics.found_in(found, full), k)
    scores = [mean_score(overlap, metric="recall_at_k", truth="full", queries="captions", **about)]
    for truth in truths:
        right = np.take_along_axis(truth.relevant, found[truth.asked], axis=1)
        about |= {"truth": truth.name, "queries": truth.level}
        recall = metrics.recall_at_k(right, truth.relevant.sum(axis=1))
        scores.append(mean_score(recall, metric="recall_at_k", **about))
        if retrieval.name == "flat exact":
            scores.append(mean_score(metrics.map_at_k(right), metric="map_at_k", **about))
            scores.append(mean_score(metrics.precision_at_k(right), metric="precision_at_k", **about))
    return scores


def image_scores(
    collection: Collection,
    keys: npt.NDArray[np.int64],
    images: Floats,
    retrieval: Retrieval,
    k: int,
    against_full: bool,
) -> list[Score]:
    """Image to image with the collection's own images, each left out of its own answer.

    Same-category mAP@k and recall@k for flat exact search; with `against_full`, recall@k against the exact
    full-dim answer for every way to search.
    """
    flat = retrieval.name == "flat exact"
    same = relevant_items(collection, keys, ("category",)) if flat else None
    if same is None and not against_full:
        return []
    about: dict[str, Any] = {"dim": retrieval.dim, "retrieval": retrieval.name, "k": k, "queries": "images"}
    found = collection.search(images, retrieval.cascade, k + 1, retrieval.first_stage)
    others = without(found.keys, keys)
    scores = []
    if against_full:
        truth = collection.search(images, Cascade.flat(collection.full_dim), k + 1).keys
        right = metrics.found_in(others, without(truth, keys))
        scores.append(mean_score(metrics.recall_at_k(right, k), metric="recall_at_k", truth="full", **about))
    if same is not None:
        same[np.arange(len(keys)), keys] = False
        asked = same.any(axis=1)  # an item alone in its category has nothing to be found
        if asked.any():
            right = np.take_along_axis(same, others, axis=1)[asked]
            about["truth"] = "category"
            scores.append(mean_score(metrics.map_at_k(right), metric="map_at_k", **about))
            recall = metrics.recall_at_k(right, same[asked].sum(axis=1))
            scores.append(mean_score(recall, metric="recall_at_k", **about))
    return scores


def latency_scores(
    collection: Collection, queries: Floats, retrievals: Sequence[Retrieval], k: int, runs: int
) -> list[Score]:
    """p50 and p95 of single searches after a warm-up, and CPU p50, each way in turns with all others."""

    def search(retrieval: Retrieval) -> Callable[[int], object]:
        return lambda run: collection.search(
            queries[run % len(queries)], retrieval.cascade, k, retrieval.first_stage
        )

    taken = latency.measure({retrieval: search(retrieval) for retrieval in retrievals}, runs)
    return [
        Score(metric, retrieval.dim, value, "ms", retrieval.name, k=k, n=time.runs)
        for retrieval, time in taken.items()
        for metric, value in (
            ("latency_p50", time.p50),
            ("latency_p95", time.p95),
            ("cpu_p50", time.cpu_p50),
        )
    ]


def without(keys: npt.NDArray[np.int64], own: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Each row of hits without the query's own key, or without its last hit where that is not among them:
    (q, k + 1) and (q,) -> (q, k).
    """
    drop = keys == own[:, None]
    drop[~drop.any(axis=1), -1] = True
    return np.asarray(keys[~drop].reshape(len(keys), -1))


def _check_fit(config: EvaluateConfig, encoder: TextEncoder | None, collection: Collection) -> None:
    if len(collection) <= config.k:
        raise CollectionError(
            f"{collection.title} holds {len(collection)} items; to measure at k={config.k} it needs more"
        )
    made_by = collection.model.get("fingerprint")
    if encoder is not None and made_by != encoder.fingerprint:
        raise CollectionError(
            f"{collection.title} was embedded by another encoder ({made_by}) than the one given "
            f"({encoder.fingerprint}): embed it again"
        )


def _embed(encoder: TextEncoder, questions: Sequence[Question]) -> Floats:
    step = 256
    texts = [question.text for question in questions]
    return np.concatenate(
        [encoder.encode_text(texts[start : start + step]) for start in range(0, len(texts), step)]
    )
