"""Work in the background: how far it is, how it ends, how it is stopped."""

from __future__ import annotations

import threading

from mrl_demo.errors import QueryError
from mrl_demo.ui.task import Report, Task


def test_progress_and_result_can_be_read() -> None:
    go = threading.Event()

    def work(report: Report) -> str:
        report(1, 3)
        assert go.wait(10)
        report(3, 3)
        return "made"

    task = Task("Painting", work)
    assert task.running
    go.set()
    task.wait(10)
    assert task.status() == {"what": "Painting", "state": "done", "done": 3, "total": 3, "text": ""}
    assert task.result == "made" and not task.running


def test_it_stops_at_its_next_report() -> None:
    begun = threading.Event()

    def work(report: Report) -> None:
        while True:
            report(0, 1)
            begun.set()

    task = Task("Painting", work)
    begun.wait(10)
    task.stop()
    task.wait(10)
    assert (task.status()["state"], task.status()["text"]) == ("stopped", "Painting was stopped.")


def test_what_fails_is_said_and_what_was_not_foreseen_is_not_shown() -> None:
    def refuse(report: Report) -> None:
        raise QueryError("there is no paint")

    def crash(report: Report) -> None:
        raise RuntimeError("secret")

    for work, text in ((refuse, "there is no paint"), (crash, "Painting failed on the server")):
        task = Task("Painting", work)
        task.wait(10)
        assert task.status()["state"] == "failed"
        assert task.status()["text"].startswith(text) and "secret" not in task.status()["text"]
