"""How near is near enough: the cosine below which a best hit is called no good match, measured at every dim.

A question is asked twice: as it is, and with everything of its category taken out of the collection, so that
no right answer is left. The cut-off is the cosine that the best hits of 19 in 20 questions of the first kind
reach: hiding a good match is worse than showing a poor one. It is chosen on half of the questions; how often
best hits of either kind are above it is counted on the other half.

A text about something the encoder has never met lies about as near to every picture as to any other, and not
far. So a query must also lift its best hit above the mean of all: half as much again as nine in ten texts of
FOREIGN do, but never more than all but one question in a hundred. It is chosen on half of FOREIGN and counted
on the other. The margin is small to be kind: broad questions ("a vehicle") lift far less than captions do.
Pictures, of which no foreign ones are asked, need the same part of their questions' lift as texts. Knows no
page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mrl_demo.circumstances import circumstances
from mrl_demo.errors import CollectionError
from mrl_demo.evaluation.evaluate import TextEncoder
from mrl_demo.evaluation.foreign import FOREIGN
from mrl_demo.evaluation.questions import relevant_items, sample_keys, sample_questions
from mrl_demo.evaluation.report import write_result
from mrl_demo.evaluation.score import Score, mean_score
from mrl_demo.search.collection import Collection

Floats = npt.NDArray[np.float32]

MISSED = 0.05  # of the questions that have an answer: so many best hits may be below the cut-off
FEW = 0.01  # of the questions: the lift asked for is never more than what all but so many have
STOPPED = 0.9  # of the foreign texts that choose: the lift that so many stay below,
MARGIN = 1.5  # times this, is asked for


@dataclass(frozen=True)
class CutOffConfig:
    """`cut-off`: what to measure it on, and where to write."""

    collection: Path = field(default=Path("assets/still-life"), metadata={"help": "the collection's folder"})
    checkpoint: Path = field(
        default=Path("checkpoints/still-life"), metadata={"help": "the encoder's folder"}
    )
    out: Path = field(
        default=Path("assets/results/cut-off.json"), metadata={"help": "the result file to write"}
    )
    items: int = field(default=300, metadata={"help": "items sampled to ask for, in words and by picture"})
    seed: int = field(default=0, metadata={"help": "seed of the sample"})


@dataclass(frozen=True)
class CutOff:
    """A cut-off at one dim and how often it is right, on questions that did not choose it.

    Attributes:
        dim: the prefix compared.
        cosine: best hits below it are no good match.
        right: which questions with an answer pass: (q,) bool.
        wrong: which of those whose answer was taken out pass all the same: (q,) bool.
        usual_lift: how far the best hits of all but FEW of the questions are above the mean of all.
        best: the best hits' cosines of further queries, (f,).
        lifts: how far those are above the mean of all, (f,).
    """

    dim: int
    cosine: float
    right: npt.NDArray[np.bool_]
    wrong: npt.NDArray[np.bool_]
    usual_lift: float
    best: Floats
    lifts: Floats


def run(config: CutOffConfig, encoder: TextEncoder, collection: Collection | None = None) -> dict[str, Any]:
    """Measure, write `config.out` whole or not at all, print the table, and return the file's content.

    Raises:
        CollectionError: the collection is missing or damaged, was embedded by another encoder, or has no
            categories to take out.
    """
    collection = collection or Collection.open(config.collection)
    if collection.model.get("fingerprint") != encoder.fingerprint:
        raise CollectionError(f"{collection.title} was embedded by another encoder: embed it again")
    keys = sample_keys(collection, config.items, config.seed)
    questions = sample_questions(collection, config.items, config.seed)
    asked_of = np.array([question.key for question in questions], np.int64)
    same = relevant_items(collection, asked_of, ("category",))
    alike = relevant_items(collection, keys, ("category",))
    if same is None or alike is None or len(questions) < 2:
        raise CollectionError(f"{collection.title} has no captions and categories to find a cut-off with")
    texts = encoder.encode_text([question.text for question in questions])
    foreign = encoder.encode_text(FOREIGN)
    images = np.asarray(collection.embeddings[keys], np.float32)
    found = {
        "text": list(cut_offs(collection, texts, same, None, config.seed, foreign)),
        "image": list(cut_offs(collection, images, alike, keys, config.seed, foreign[:0])),
    }
    chose = halved(len(FOREIGN), config.seed)
    at_full = found["text"][-1]
    lift = least_lift(at_full, chose)
    lifts = {
        "text": lift,
        "image": lift / max(at_full.usual_lift, 1e-9) * found["image"][-1].usual_lift,
    }
    strange = at_full.lifts >= lift
    passing = {cut.dim: strange & (cut.best >= cut.cosine) for cut in found["text"]}
    nested = {
        kind: [cut for cut in cuts if cut.dim in collection.nested_dims] for kind, cuts in found.items()
    }
    about = {"data": collection.name, "seed": config.seed, "retrieval": "flat exact", "truth": "category"}
    scores = [
        *(score for cut in nested["text"] for score in _scores(cut, {**about, "queries": "captions"})),
        *(score for cut in nested["image"] for score in _scores(cut, {**about, "queries": "images"})),
        *(
            mean_score(
                passing[cut.dim][~chose], metric="foreign_pass", dim=cut.dim, queries="foreign", **about
            )
            for cut in nested["text"]
        ),
    ]
    result = write_result(
        config.out,
        {
            **circumstances(),
            "seed": config.seed,
            "config": {name: str(value) for name, value in asdict(config).items()},
            "what": "the cosine that the best hits of 95% of the questions reach, chosen on half of them;"
            " right_pass is the share of the other half that is above it, wrong_pass that of the same"
            " questions asked with their whole category taken out of the collection,"
            " lift is how far a best hit must be above the mean of all pictures at full_dim: half as much"
            " again as nine in ten of one half of the foreign texts stay below, which no still life shows;"
            " foreign_pass is the share of the other half, which chose nothing, that passes both",
            "data": {"name": collection.name, "title": collection.title, "count": len(collection)},
            "model": {**collection.model, "full_dim": collection.full_dim},
            "cut_offs": {
                kind: {
                    "cosine": [round(cut.cosine, 4) for cut in cuts],
                    "right_pass": [round(float(cut.right.mean()), 3) for cut in cuts],
                    "wrong_pass": [round(float(cut.wrong.mean()), 3) for cut in cuts],
                }
                for kind, cuts in found.items()
            },
            "lift": {kind: round(value, 4) for kind, value in lifts.items()},
            "usual_lift": {kind: round(cuts[-1].usual_lift, 4) for kind, cuts in found.items()},
            "foreign_pass": {
                half: {"texts": int(of.sum()), "pass": round(float(passing[at_full.dim][of].mean()), 3)}
                for half, of in (("chose", chose), ("counted", ~chose))
            },
            "foreign": {
                text: {
                    "cosine": round(float(at_full.best[k]), 3),
                    "lift": round(float(at_full.lifts[k]), 3),
                    "chose": bool(chose[k]),
                }
                for k, text in enumerate(FOREIGN)
            },
        },
        scores,
    )
    for kind, cuts in nested.items():
        for cut in cuts:
            foreign_pass = f", foreign {passing[cut.dim][~chose].mean():.2f}" if kind == "text" else ""
            print(
                f"{kind:6}{cut.dim:5}  cut {cut.cosine:.3f}; passes: with an answer {cut.right.mean():.2f}, "
                f"without one {cut.wrong.mean():.2f}{foreign_pass}"
            )
    print(f"lift {lifts['text']:.3f} of texts, {lifts['image']:.3f} of pictures; {result['foreign_pass']}")
    return result


def halved(count: int, seed: int) -> npt.NDArray[np.bool_]:
    """Which of `count` questions choose; the others, as many or one more, count: (count,) bool."""
    chooses = np.zeros(count, bool)
    chooses[np.random.default_rng(seed).permutation(count)[: count // 2]] = True
    return chooses


def least_lift(cut: CutOff, chose: npt.NDArray[np.bool_]) -> float:
    """The lift below which a query is foreign: MARGIN times what STOPPED of the further queries in `chose`
    stay below, but no more than the questions' usual one.
    """
    return min(MARGIN * float(np.quantile(cut.lifts[chose], STOPPED)), cut.usual_lift)


def cut_offs(
    collection: Collection,
    queries: Floats,
    related: npt.NDArray[np.bool_],
    own: npt.NDArray[np.int64] | None,
    seed: int,
    further: Floats,
) -> Iterator[CutOff]:
    """The cut-off at every dim from 1 to full_dim.

    Args:
        queries: (q, full_dim).
        related: (q, n) bool: what is taken out for the second asking.
        own: (q,) the item that each query is, never found; None where queries are no items.
        seed: of the split into questions that choose and questions that count.
        further: (f, full_dim) queries that are only scored.
    """
    chooses = halved(len(queries), seed)
    hidden = np.zeros_like(related)
    if own is not None:
        hidden[np.arange(len(own)), own] = True
    everything = np.concatenate([queries, further])
    for dim, cosines in enumerate(
        _cosines(everything, np.asarray(collection.embeddings, np.float32)), start=1
    ):
        best = cosines[len(queries) :].max(axis=1)
        right = np.where(hidden, -1, cosines[: len(queries)]).max(axis=1)
        wrong = np.where(related, -1, cosines[: len(queries)]).max(axis=1)
        cut = float(np.quantile(right[chooses], MISSED))
        means = cosines.mean(axis=1)
        usual = float(np.quantile((right - means[: len(queries)])[chooses], FEW))
        lifts = best - means[len(queries) :]
        yield CutOff(dim, cut, right[~chooses] >= cut, wrong[~chooses] >= cut, usual, best, lifts)


def _cosines(queries: Floats, rows: Floats) -> Iterator[Floats]:
    """Every query against every row at one dim after another: (q, n) each, in the same memory again."""
    products = np.zeros((len(queries), len(rows)), np.float32)
    lengths = [np.sqrt(np.cumsum(np.square(each, dtype=np.float64), axis=1)) for each in (queries, rows)]
    of_queries, of_rows = (np.maximum(each, 1e-30).astype(np.float32) for each in lengths)
    for dim in range(queries.shape[1]):
        products += queries[:, dim : dim + 1] * rows[None, :, dim]
        yield products / of_queries[:, dim : dim + 1] / of_rows[None, :, dim]


def _scores(cut: CutOff, about: dict[str, Any]) -> Iterator[Score]:
    yield Score("cut_off", dim=cut.dim, value=cut.cosine, unit="cosine", n=len(cut.right), **about)
    yield mean_score(cut.right, metric="right_pass", dim=cut.dim, **about)
    yield mean_score(cut.wrong, metric="wrong_pass", dim=cut.dim, **about)
