"""The funnel tab: one gr.HTML whose skeleton, scripts and styles lie in page/, and what the browser calls.

What is asked and answered is `funnel.py`'s, `trial_questions.py`'s and `plans.py`'s; this file joins them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gradio as gr

from mrl_demo.evaluation.effect import Effect, effect
from mrl_demo.search.hits import FIRST_STAGES
from mrl_demo.ui.funnel import MOST_STAGES, SHOWN, START, K, Way, presets, walked
from mrl_demo.ui.page_call import plainly
from mrl_demo.ui.plans import Plans, Wanted, plan_values
from mrl_demo.ui.queries import Queries
from mrl_demo.ui.settings import slider_stops
from mrl_demo.ui.tab import tab_html
from mrl_demo.ui.thumbnails import thumbnail_base
from mrl_demo.ui.trial_questions import TrialQuestions

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection


class Funnel:
    """What the tab and the endpoints ask of a collection. Safe to use from many threads."""

    def __init__(self, collection: Collection, queries: Queries) -> None:
        self.collection, self.queries = collection, queries
        self.questions = TrialQuestions(collection, queries.encoder)
        self.plans = Plans(collection, self.questions)

    def measured(self, way: Way, kind: str) -> dict[str, Any]:
        """What a way keeps and costs over the trial questions of a kind; see `Effect`."""
        sample = self.questions.sample(kind)
        found = effect(self.collection.engine, sample, way.cascade, way.first_stage)
        return {"asked_with": kind, **effect_values(found)}


def effect_values(found: Effect) -> dict[str, Any]:
    """A measurement as plain values: shares from 0 to 1, milliseconds, bytes."""
    return {
        "recall": round(found.recall, 5),
        "still_in": [round(share, 5) for share in found.still_in],
        "multiply_adds": found.multiply_adds,
        "bytes": found.bytes_touched,
        "bytes_per_vector": round(found.bytes_per_vector, 1),
        "ms": round(found.seconds_p50 * 1e3, 4),
        "exact_ms": round(found.exact_seconds_p50 * 1e3, 4),
        "questions": found.questions,
    }


def funnel_tab(funnel: Funnel) -> gr.HTML:
    """Draw the tab inside the current Blocks."""
    collection, questions = funnel.collection, funnel.questions
    known = {
        "title": collection.title,
        "count": len(collection),
        "full_dim": collection.full_dim,
        "nested_dims": list(collection.nested_dims),
        "stops": slider_stops(collection.full_dim, collection.nested_dims),
        "row_itemsize": collection.engine.rows.vectors.itemsize,
        "k": min(K, len(collection)),
        "shown": SHOWN,
        "most_stages": MOST_STAGES,
        "first_stages": list(FIRST_STAGES),
        "questions": list(questions.kinds),
        "presets": presets(collection),
        "start": START,
        "examples": [example.text for example in collection.examples],
        "thumbnails": thumbnail_base(collection),
    }
    return tab_html("funnel", known, funnel_functions(funnel))


def funnel_functions(funnel: Funnel) -> list[Callable[..., Any]]:
    """The functions the browser may call; see `page_call.plainly`."""

    def walk(asked: Any) -> dict[str, Any]:
        """One `query` on its `way` through a cascade."""
        way = Way.checked(asked.get("way"), funnel.collection)
        return walked(funnel.collection, funnel.queries.resolve(asked.get("query")), way)

    def try_out(asked: Any) -> dict[str, Any]:
        """What a `way` keeps and costs over the trial `questions`."""
        return funnel.measured(Way.checked(asked.get("way"), funnel.collection), asked.get("questions"))

    def start_plan(asked: Any) -> dict[str, Any]:
        """Begin to plan for `{target_recall, questions, max_bytes}`: a ticket to look after it with."""
        return {"ticket": funnel.plans.start(Wanted.checked(asked, funnel.questions.kinds))}

    def plan_status(asked: Any) -> dict[str, Any]:
        """How far the plan of a `ticket` is, and the plan itself once it is made."""
        task = funnel.plans.task(asked.get("ticket"))
        made = task.result
        return {"task": task.status(), "plan": None if made is None else plan_values(made)}

    def stop_plan(asked: Any) -> dict[str, Any]:
        """Stop the plan of a `ticket`."""
        funnel.plans.task(asked.get("ticket")).stop()
        return {}

    return [plainly(function) for function in (walk, try_out, start_plan, plan_status, stop_plan)]
