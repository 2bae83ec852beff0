"""Plans that visitors ask for: made in the background, one at a time (`turn.py`), remembered, and put into
plain values. Knows the planner and its questions; nothing of Gradio.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from mrl_demo.errors import QueryError
from mrl_demo.search.plan import Option, Plan
from mrl_demo.ui.task import Report, Task
from mrl_demo.ui.trial_questions import TrialQuestions, patiently
from mrl_demo.ui.turn import TIMING

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection

WAITING = 8  # plans under way at once, all but one of them waiting
KEPT = 64  # tickets remembered, with their plans


@dataclass(frozen=True)
class Wanted:
    """What a plan is asked for."""

    target_recall: float
    questions: str
    max_bytes: float | None

    @classmethod
    def checked(cls, asked: dict[str, Any], kinds: tuple[str, ...]) -> Wanted:
        """Of `{target_recall, questions, max_bytes}`. QueryError in plain words."""
        target = _number("the recall to hold", asked.get("target_recall"))
        if not 0.5 <= target <= 0.999:
            raise QueryError(f"the recall to hold must be from 0.5 to 0.999, got {target:g}")
        questions = asked.get("questions", kinds[0])
        if questions not in kinds:
            raise QueryError(f"questions are {' or '.join(kinds)} here, got {questions!r}")
        limit = asked.get("max_bytes")
        most = None if limit in (None, "") else _number("bytes a vector", limit)
        if most is not None and most <= 0:
            raise QueryError(f"bytes a vector must be above 0, or left empty, got {most:g}")
        return cls(target, questions, most)


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        shown = repr(value) if not isinstance(value, str) or value.strip() else "nothing"
        raise QueryError(f"{name} must be a number, got {shown}") from None
    if isinstance(value, bool) or number != number or number in (float("inf"), float("-inf")):
        raise QueryError(f"{name} must be a number, got {value!r}")
    return number


class Plans:
    """Plans by ticket. Safe to use from many threads."""

    def __init__(self, collection: Collection, questions: TrialQuestions) -> None:
        self.collection, self.questions = collection, questions
        self._lock = threading.Lock()
        self._tasks: OrderedDict[str, Task] = OrderedDict()
        self._made: OrderedDict[Wanted, Plan] = OrderedDict()

    def start(self, wanted: Wanted) -> str:
        """Begin to plan; what was planned before is there at once. QueryError when too many wait already."""
        with self._lock:
            if sum(task.running for task in self._tasks.values()) >= WAITING:
                raise QueryError(f"{WAITING} plans are being made already; try again in a minute.")
            ticket = secrets.token_urlsafe(9)
            self._tasks[ticket] = Task("Planning", lambda report: self._plan(wanted, report))
            for old in list(self._tasks)[: max(0, len(self._tasks) - KEPT)]:
                if not self._tasks[old].running:
                    del self._tasks[old]
        return ticket

    def task(self, ticket: Any) -> Task:
        """The work behind a ticket; its `result` is a Plan. QueryError for no ticket of ours."""
        with self._lock:
            found = self._tasks.get(ticket) if isinstance(ticket, str) else None
        if found is None:
            raise QueryError("that plan is no longer known here: ask for it again")
        return found

    def _plan(self, wanted: Wanted, report: Report) -> Plan:
        if wanted in self._made:
            return self._made[wanted]
        report(0, 100)
        queries = patiently(lambda: self.questions.queries(wanted.questions), lambda: report(0, 100))
        with TIMING.taken(report):
            made = self.collection.plan(
                queries,
                wanted.target_recall,
                self.questions.k,
                wanted.max_bytes,
                progress=report,
            )
            self._made[wanted] = made
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
            return made


def plan_values(plan: Plan) -> dict[str, Any]:
    """A plan as the page draws it and programs read it; options are ways that `Way.checked` takes."""
    return {
        "target_recall": plan.target_recall,
        "confidence": plan.confidence,
        "k": plan.k,
        "held_out": plan.held_out,
        "chosen": plan.frontier.index(plan.chosen),
        "why": list(plan.why),
        "warnings": list(plan.warnings),
        "options": [option_values(option) for option in plan.frontier],
    }


def option_values(option: Option) -> dict[str, Any]:
    """One way that was measured."""
    return {
        "first_stage": asdict(option.first_stage),
        "dims": list(option.cascade.dims),
        "shortlists": list(option.cascade.shortlists),
        "said": f"{option.first_stage}, {option.cascade}",
        "recall": round(option.recall, 5),
        "bound": round(option.recall_bound, 5),
        "holds": option.holds,
        "ms": round(option.seconds_p50 * 1e3, 4),
        "bytes_per_vector": round(option.bytes_per_vector, 1),
        "multiply_adds": option.multiply_adds,
    }
