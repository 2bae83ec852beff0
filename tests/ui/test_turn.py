"""One thing at a time: who waits is stopped where it waits, and whoever comes next gets the turn."""

from __future__ import annotations

import threading

import pytest

from mrl_demo.search.collection import Collection
from mrl_demo.ui.plans import Plans, Wanted
from mrl_demo.ui.queries import Queries
from mrl_demo.ui.scales import Scales
from mrl_demo.ui.task import Report, Task
from mrl_demo.ui.trial_questions import TrialQuestions
from mrl_demo.ui.turn import TIMING, Turn


def nothing(done: int, total: int) -> None:
    """Reports to nobody."""


def test_the_second_waits_until_the_first_is_done_whatever_became_of_it() -> None:
    turn, inside, go = Turn(), threading.Event(), threading.Event()

    def fail(report: Report) -> None:
        with turn.taken(report):
            inside.set()
            assert go.wait(30)
            raise ValueError("it failed")

    def take(report: Report) -> str:
        with turn.taken(report):
            return "taken"

    first = Task("First", fail)
    assert inside.wait(30)
    second = Task("Second", take)
    second.wait(0.5)
    assert second.running
    go.set()
    second.wait(30)
    assert (first.status()["state"], second.result) == ("failed", "taken")


def test_who_waits_can_be_stopped() -> None:
    turn = Turn()

    def take(report: Report) -> None:
        with turn.taken(report):
            pytest.fail("it is not its turn")

    with turn.taken(nothing):
        task = Task("Waiting", take)
        task.stop()
        task.wait(30)
        assert task.status()["state"] == "stopped"


def test_plans_and_scales_of_every_page_wait_for_each_other(collection: Collection, queries: Queries) -> None:
    scales = Scales(collection, (400,))
    plans = Plans(collection, TrialQuestions(collection, queries.encoder))
    with TIMING.taken(nothing):
        scales.measure(400)
        ticket = plans.start(Wanted(0.9, "pictures", None))
        scales.wait(0.6)
        status = scales.status()["task"]
        assert status["state"] == "running" and status["phase"].startswith("Waiting until another")
        assert plans.task(ticket).running and plans.task(ticket).status()["total"] == 0
    scales.wait(60)
    plans.task(ticket).wait(60)
    assert scales.measured == [400] and plans.task(ticket).result is not None
