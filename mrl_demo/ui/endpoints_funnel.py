"""The funnel tab's actions as endpoints for programs: walk a cascade, measure one, find the cheapest.

Declares; what they answer is `funnel_tab.Funnel`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from mrl_demo.errors import MatryoshkaError
from mrl_demo.ui.declare import declare
from mrl_demo.ui.funnel import K, Way, walked
from mrl_demo.ui.funnel_tab import Funnel
from mrl_demo.ui.plans import Wanted, plan_values
from mrl_demo.ui.trial_questions import patiently

PATIENCE = 90.0  # seconds until the encoder is there


def add_funnel_endpoints(funnel: Funnel) -> None:
    """Declare the endpoints inside the current Blocks."""
    collection = funnel.collection
    usual = min(K, len(collection))

    def plainly(answer: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        try:
            return answer()
        except (MatryoshkaError, ValueError) as error:
            raise gr.Error(str(error), print_exception=False) from None

    def way_of(dims: list[int], shortlists: list[int], first_stage: str, k: int) -> Way:
        asked = {"dims": dims, "shortlists": shortlists, "first_stage": first_stage, "k": k}
        return Way.checked(asked, collection)

    def walk_funnel(
        text: str, dims: list[int], shortlists: list[int], first_stage: str = "exact", k: int = usual
    ) -> dict[str, Any]:
        """Search by a text through a cascade, and say what happened at each stage.

        dims grow from stage to stage; shortlists[i] candidates pass from dims[i] to dims[i + 1], so there is
        one dim more. first_stage: exact, hnsw or signs. Each stage tells how many it looked at, kept and
        dropped, its time, bytes and multiply-adds, its best survivors, and which of the exact full-dim answer
        fell out there, at which rank.
        """

        def found() -> dict[str, Any]:
            way = way_of(dims, shortlists, first_stage, k)
            return walked(collection, funnel.queries.resolve({"kind": "text", "text": text}, PATIENCE), way)

        return plainly(found)

    def walk_funnel_item(
        key: int, dims: list[int], shortlists: list[int], first_stage: str = "exact", k: int = usual
    ) -> dict[str, Any]:
        """Search with one of the collection's own pictures, named by its key. Otherwise like walk_funnel."""
        return plainly(
            lambda: walked(collection, funnel.queries.item(key), way_of(dims, shortlists, first_stage, k))
        )

    def measure_cascade(
        dims: list[int], shortlists: list[int], first_stage: str = "exact", questions: str = "pictures"
    ) -> dict[str, Any]:
        """What a cascade keeps and costs on this collection, measured now over a sample of questions.

        questions: pictures (of the collection, each left out of its own answer) or captions. Gives recall@10
        (or all others, where there are fewer), the share of the exact answer that each stage kept, multiply-
        adds and bytes read a query, bytes a vector beside the matrix, and the median milliseconds of a search
        beside those of the exact one.
        """

        def found() -> dict[str, Any]:
            way = way_of(dims, shortlists, first_stage, funnel.questions.k)
            return patiently(lambda: funnel.measured(way, questions))

        return plainly(found)

    def find_cheapest(
        target_recall: float = 0.99, questions: str = "pictures", max_bytes: float = 0
    ) -> dict[str, Any]:
        """Find the fastest way to search this collection that keeps a recall@10, with 95% confidence.

        target_recall: from 0.5 to 0.999. questions: pictures or captions. max_bytes: the most that may
        be kept beside the matrix, in bytes a vector, 0 for no limit. Takes seconds. Gives the options
        measured on held-out questions, fastest first, which of them hold, which was chosen, and why.
        """

        def found() -> dict[str, Any]:
            limit = max_bytes or None
            asked = {"target_recall": target_recall, "questions": questions, "max_bytes": limit}
            task = funnel.plans.task(funnel.plans.start(Wanted.checked(asked, funnel.questions.kinds)))
            task.wait()
            if task.result is None:
                raise MatryoshkaError(task.status()["text"])
            return plan_values(task.result)

        return plainly(found)

    declare((walk_funnel, walk_funnel_item, measure_cascade, find_cheapest))
