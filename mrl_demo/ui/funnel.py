"""One query on its way through a cascade: what each stage kept, dropped, lost and cost, for the page and for
programs.

Knows a collection and ways to search it; nothing of pixels, plans or Gradio.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mrl_demo.errors import QueryError
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.falls import Fall, falls, standings
from mrl_demo.search.hits import FIRST_STAGES, FirstStage, Hits
from mrl_demo.ui.answer import numbers, scores
from mrl_demo.ui.queries import Query, item_text
from mrl_demo.ui.settings import whole_number

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection

K = 10  # the paper's shortlists end at 10
SHOWN = 16  # survivors of a stage that are drawn
MOST_STAGES = 10
ROUNDS = 3  # the fastest is shown: the first search after a pause pays for cold caches
# The paper's cascades (MRL, section 4.3 and the repository's notebooks), which end at its 2048 dims.
PAPER: tuple[tuple[str, tuple[int, ...], tuple[int, ...]], ...] = (
    ("Flat", (), ()),
    ("Adaptive from 16", (16,), (200,)),
    ("Adaptive from 8", (8,), (200,)),
    ("Funnel from 16", (16, 32, 64, 128, 256), (200, 100, 50, 25, 10)),
    ("Funnel from 8", (8, 16, 32, 64, 128), (200, 100, 50, 25, 10)),
    ("Wider funnel", (16, 32, 64, 128, 256), (400, 200, 50, 25, 10)),
    ("Widest funnel", (16, 32, 64, 128, 256), (800, 400, 200, 50, 10)),
)
START = "Funnel from 16"


@dataclass(frozen=True)
class Way:
    """A way to search: a cascade, how its first stage finds candidates, and how many are answered."""

    cascade: Cascade
    first_stage: FirstStage
    k: int

    @classmethod
    def checked(cls, asked: Any, collection: Collection) -> Way:
        """The way of `{dims, shortlists, first_stage, k}`; `first_stage` is a kind, or `{kind, dtype, ef}`.

        Raises:
            QueryError, ValueError: in plain words, with what is allowed.
        """
        if not isinstance(asked, dict):
            raise QueryError("a way to search is an object with dims, shortlists, first_stage and k")
        count, full_dim = len(collection), collection.full_dim
        k = whole_number("k", asked.get("k", min(K, count)), count)
        dims = checked_list("dims", asked.get("dims"))
        shortlists = checked_list("shortlists", asked.get("shortlists", []))
        if len(dims) > MOST_STAGES:
            raise QueryError(f"a cascade has at most {MOST_STAGES} stages here, got {len(dims)}")
        cascade = Cascade(
            tuple(whole_number("dim", dim, full_dim) for dim in dims),
            tuple(min(whole_number("a shortlist", keep, None), count) for keep in shortlists),
        )
        if cascade.shortlists and cascade.shortlists[-1] < k:
            raise QueryError(f"the last shortlist must hold the {k} that are answered, got {shortlists[-1]}")
        return cls(cascade, checked_first_stage(asked.get("first_stage", "exact")), k)


def checked_list(name: str, asked: Any) -> Sequence[Any]:
    """`asked` where it is a list; what is in it is checked one by one. QueryError for anything else."""
    if not isinstance(asked, list | tuple):
        raise QueryError(f"{name} must be a list of whole numbers, got {asked!r}")
    return asked


def checked_first_stage(asked: Any) -> FirstStage:
    """A first stage as the page names it. QueryError for anything else."""
    if isinstance(asked, dict):
        return FirstStage(asked.get("kind", ""), asked.get("dtype", "bf16"), asked.get("ef", 0))
    if asked not in FIRST_STAGES:
        raise QueryError(f"first stage must be one of {', '.join(FIRST_STAGES)}, got {asked!r}")
    return FirstStage(asked)


def presets(collection: Collection) -> list[dict[str, Any]]:
    """The paper's cascades with this collection's full dim at their end, and shortlists no longer than it."""
    full_dim, count = collection.full_dim, len(collection)
    found: dict[Cascade, str] = {}
    for name, dims, shortlists in PAPER:
        shorter = [dim for dim in dims if dim < full_dim]
        keeps = [max(min(keep, count), min(K, count)) for keep in shortlists[: len(shorter)]]
        found.setdefault(Cascade((*shorter, full_dim), tuple(keeps)), name)
    return [
        {"name": name, "dims": list(cascade.dims), "shortlists": list(cascade.shortlists)}
        for cascade, name in found.items()
    ]


def walked(collection: Collection, query: Query, way: Way) -> dict[str, Any]:
    """What the page draws of one query's way through a cascade, ready for JSON.

    `stages` hold what each looked at, kept and cost, its best survivors, how many of the exact answer are
    among all its survivors, and those of the answer that fell out there, with the rank they stood at.
    """
    engine, cascade = collection.engine, way.cascade
    truth = collection.search(query.embedding, Cascade.flat(collection.full_dim), way.k)
    tries = [
        collection.search(query.embedding, cascade, way.k, way.first_stage)
        for _ in range(ROUNDS + (way.first_stage.kind != "exact"))
    ]
    hits = min(tries, key=lambda one: one.seconds)
    first_dim = cascade.dims[0]
    by_signs = way.first_stage.kind == "signs" and len(cascade.dims) > 1
    standing = standings(
        engine, query.embedding, truth.keys, (first_dim,), "signs" if by_signs else "prefix"
    )[first_dim]
    lost = falls(engine, query.embedding, hits, truth.keys, standing)
    stages = described(hits, numbers(truth.keys), lost)
    shown = {key for stage in stages for key in stage["keys"]} | set(numbers(truth.keys))
    return {
        "query": {"kind": query.kind, "label": query.label, "key": query.key},
        "warnings": list(query.warnings),
        "k": way.k,
        "count": len(collection),
        "cascade": str(cascade),
        "first_stage": str(way.first_stage),
        "stages": stages,
        "truth": numbers(truth.keys),
        "scores": scores(hits),
        "found": len(truth) - len(lost),
        "ms": round(hits.seconds * 1e3, 4),
        "captions": {str(key): item_text(collection, key) for key in sorted(shown)},
    }


def described(hits: Hits, truth: Sequence[int], lost: Sequence[Fall]) -> list[dict[str, Any]]:
    """Each stage of a search as plain values."""
    return [
        {
            "dim": stage.dim,
            "how": stage.first_stage,
            "considered": int(stage.considered),
            "kept": int(stage.kept),
            "dropped": int(stage.dropped),
            "ms": round(stage.seconds * 1e3, 4),
            "bytes": int(stage.bytes_touched),
            "multiply_adds": int(stage.multiply_adds),
            "keys": numbers(stage.keys[:SHOWN]),
            "true": len(set(numbers(stage.keys)) & set(truth)),
            "lost": [
                {"key": fall.key, "rank": fall.rank, "overlooked": fall.overlooked}
                for fall in lost
                if fall.stage == index
            ],
        }
        for index, stage in enumerate(hits.stages)
    ]
