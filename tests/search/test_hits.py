"""A first stage is a value: what it means by default and what it refuses."""

from __future__ import annotations

import pytest

from mrl_demo.errors import QueryError
from mrl_demo.search.hits import FIRST_STAGES, FirstStage, first_stage


def test_the_name_of_a_kind_stands_for_its_default():
    for kind in FIRST_STAGES:
        assert first_stage(kind) == FirstStage(kind) == FirstStage(kind, "bf16", 0)
    own = FirstStage("hnsw", "i8", 64)
    assert first_stage(own) is own


def test_it_reads_as_what_it_is():
    stages = [FirstStage("exact"), FirstStage("hnsw", "i8", 100), FirstStage("signs", ef=50)]
    assert [str(stage) for stage in stages] == ["exact", "hnsw i8 ef 100", "signs ef 50"]


@pytest.mark.parametrize("other", ["ivf", "", None, 3, ["hnsw"]])
def test_another_kind_is_refused_in_plain_words(other):
    with pytest.raises(QueryError, match=r"one of .*'exact', 'hnsw', 'signs'"):
        first_stage(other)


@pytest.mark.parametrize(
    ("fields", "said"), [({"dtype": "f32"}, "dtype"), ({"ef": -1}, "ef"), ({"ef": True}, "ef")]
)
def test_what_a_graph_cannot_be_is_refused(fields, said):
    with pytest.raises(QueryError, match=said):
        FirstStage("hnsw", **fields)
