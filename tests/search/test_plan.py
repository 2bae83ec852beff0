"""A plan as a value: to JSON and back, and refused when it is something else."""

from __future__ import annotations

import json

import pytest

from mrl_demo.errors import CollectionError
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.hits import FirstStage
from mrl_demo.search.plan import Option, Plan

CHOSEN = Option(
    Cascade((64, 512), (100,)), FirstStage("hnsw", "i8", 128), 0.9953, 0.9921, 0.0002, 213.5, 90_000, True
)
EXACT = Option(Cascade.flat(512), FirstStage("exact"), 1.0, 1.0, 0.016, 2052.0, 51_200_000, True)
PLAN = Plan(CHOSEN, (CHOSEN, EXACT), 100_000, 512, 10, 0.99, 0.95, 1000, ("because",), ("careful",), True)


def test_a_plan_survives_json():
    assert Plan.from_json(PLAN.to_json()) == PLAN
    assert Plan.from_dict(json.loads(json.dumps(PLAN.to_dict()))) == PLAN


def test_a_plan_reads_as_what_it_chose():
    assert (PLAN.cascade, PLAN.first_stage) == (CHOSEN.cascade, CHOSEN.first_stage)
    assert (PLAN.recall, PLAN.recall_bound, PLAN.seconds_p50) == (0.9953, 0.9921, 0.0002)
    assert (PLAN.bytes_per_vector, PLAN.multiply_adds) == (213.5, 90_000)


def test_the_table_has_a_row_for_each_way_and_marks_the_chosen():
    heads, first, second = PLAN.table().splitlines()
    assert " ".join(heads.split()) == "first stage cascade recall at least holds ms bytes multiply-adds"
    assert first.startswith(">") and "64 → (100) → 512" in first and "0.200" in first
    assert not second.startswith(">") and "51,200,000" in second


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": 99}',
        PLAN.to_json()[:-20],
        PLAN.to_json().replace("hnsw", "magic"),
        PLAN.to_json().replace('"why"', '"wherefore"'),
        json.dumps({**PLAN.to_dict(), "chosen": {**PLAN.to_dict()["chosen"], "cascade": {"dims": []}}}),
    ],
)
def test_what_is_no_plan_is_refused_in_plain_words(text):
    with pytest.raises(CollectionError, match="plan again"):
        Plan.from_json(text)
