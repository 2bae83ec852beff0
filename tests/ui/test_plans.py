"""Plans by ticket, and the questions they are made with."""

from __future__ import annotations

import time

import pytest

from mrl_demo.errors import QueryError
from mrl_demo.search.collection import Collection
from mrl_demo.ui import plans as plans_module
from mrl_demo.ui.encoder_holder import EncoderHolder, EncoderLoading
from mrl_demo.ui.funnel import Way
from mrl_demo.ui.plans import Plans, Wanted, plan_values
from mrl_demo.ui.queries import Queries
from mrl_demo.ui.trial_questions import StillReading, TrialQuestions, captions, patiently
from mrl_demo.ui.turn import TIMING
from tests.fakes import FakeEncoder


@pytest.fixture
def questions(collection: Collection, queries: Queries) -> TrialQuestions:
    return TrialQuestions(collection, queries.encoder)


def test_what_is_wanted_is_checked() -> None:
    kinds = ("pictures", "captions")
    assert Wanted.checked({"target_recall": "0.95", "max_bytes": ""}, kinds) == Wanted(0.95, "pictures", None)
    for wrong, said in [
        ({"target_recall": None}, "must be a number, got None"),
        ({"target_recall": "much"}, "must be a number, got 'much'"),
        ({"target_recall": 0.2}, "from 0.5 to 0.999, got 0.2"),
        ({"target_recall": 0.9, "max_bytes": 0}, "above 0, or left empty, got 0"),
        ({"target_recall": 0.9, "max_bytes": "inf"}, "must be a number"),
        ({"target_recall": 0.9, "questions": "all"}, "pictures or captions here, got 'all'"),
    ]:
        with pytest.raises(QueryError, match=said):
            Wanted.checked(wrong, kinds)


def test_a_plan_is_made_and_remembered(collection: Collection, questions: TrialQuestions) -> None:
    plans = Plans(collection, questions)
    wanted = Wanted(0.9, "pictures", None)
    task = plans.task(plans.start(wanted))
    task.wait(60)
    values = plan_values(task.result)
    assert values["options"][values["chosen"]]["holds"] and values["why"]
    assert values["options"] == sorted(values["options"], key=lambda option: option["ms"])
    for option in values["options"]:
        Way.checked(option, collection)  # each can be looked at
    again = plans.task(plans.start(wanted))
    again.wait(60)
    assert again.result is task.result


def test_plans_wait_for_each_other_and_can_be_stopped(
    collection: Collection, questions: TrialQuestions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans_module, "WAITING", 2)
    plans = Plans(collection, questions)
    with TIMING.taken(lambda done, total: None):
        tickets = [plans.start(Wanted(target, "pictures", None)) for target in (0.9, 0.91)]
        with pytest.raises(QueryError, match="2 plans are being made already"):
            plans.start(Wanted(0.92, "pictures", None))
        for ticket in tickets:
            plans.task(ticket).stop()
            plans.task(ticket).wait(10)
            assert plans.task(ticket).status()["state"] == "stopped"


def test_captions_are_read_once_in_the_background(collection: Collection) -> None:
    encoder = FakeEncoder()
    questions = TrialQuestions(collection, EncoderHolder.of(encoder))
    sample = patiently(lambda: questions.sample("captions"))
    assert len(sample) == len(captions(collection)) > 100  # some of 200 say the same
    assert (sample.own == -1).all() and sample.k == 10
    read = encoder.images_encoded
    assert questions.sample("captions") is sample and encoder.images_encoded == read
    given = questions.queries("captions")
    assert given is not None and len(given) == len(captions(collection)) == read
    assert len(set(captions(collection))) == read


def test_captions_wait_for_the_encoder(collection: Collection) -> None:
    questions = TrialQuestions(collection, EncoderHolder(FakeEncoder))
    with pytest.raises(EncoderLoading):
        questions.queries("captions")
    assert questions.queries("pictures") is None


def test_while_captions_are_read_one_is_told_how_far(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = FakeEncoder()
    questions = TrialQuestions(collection, EncoderHolder.of(encoder))
    read = encoder.encode_text
    monkeypatch.setattr(encoder, "encode_text", lambda text: (time.sleep(0.002), read(text))[1])
    with pytest.raises(StillReading, match=r"Reading captions: \d+ of \d+"):
        questions.queries("captions")
    patiently(lambda: questions.queries("captions"))
