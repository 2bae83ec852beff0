"""The measurement end to end on the small painted collection: the file, its rows, the table made from it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mrl_demo.errors import CollectionError
from mrl_demo.evaluation.evaluate import EvaluateConfig, dims_to_measure, run, without
from mrl_demo.evaluation.questions import relevant_items, sample_keys, sample_questions
from mrl_demo.evaluation.report import markdown_table, write_result
from mrl_demo.evaluation.score import Score, mean_score
from mrl_demo.search.collection import Collection
from tests.fakes import FakeEncoder


@pytest.fixture(scope="module")
def collection(small_pack):
    return Collection.open(small_pack.path)


@pytest.fixture(scope="module")
def config(tmp_path_factory, small_pack):
    out = tmp_path_factory.mktemp("results") / "deep" / "small.json"
    return EvaluateConfig(collection=small_pack.path, out=out, queries=40, seed=3, latency_runs=3)


@pytest.fixture(scope="module")
def result(config, fake_encoder, collection):
    return run(config, fake_encoder, collection)


def value(result, **fields):
    (row,) = [row for row in result["scores"] if all(row.get(name) == want for name, want in fields.items())]
    return row["value"]


def test_the_file_says_what_was_done_where_and_with_what(result, config):
    written = json.loads(config.out.read_text())
    assert written == json.loads(json.dumps(result))
    assert {"command", "commit", "date", "hardware", "data", "model", "scores", "seed", "k"} <= set(written)
    assert written["model"]["fingerprint"] == "fake-512"
    assert written["data"] == {"name": "small", "title": "Coloured squares", "count": 200}
    assert written["hardware"]["packages"]["numpy"] == np.__version__
    assert all(row["data"] == "small" and row["seed"] == 3 for row in written["scores"])
    assert [path.name for path in config.out.parent.iterdir()] == ["small.json"]


def test_full_dim_search_is_its_own_truth(result):
    assert value(result, metric="recall_at_k", dim=512, retrieval="flat exact", truth="full") == 1


def test_more_dims_are_better_and_reranking_makes_up_for_few(result):
    by_dim = [
        value(result, metric="recall_at_k", dim=dim, retrieval="flat exact", truth="full")
        for dim in (8, 64, 512)
    ]
    assert by_dim == sorted(by_dim)
    assert by_dim[0] < 0.9
    adaptive = value(result, metric="recall_at_k", dim=8, retrieval="adaptive exact", truth="full")
    assert adaptive == 1  # a shortlist of 200 is the whole collection


def test_every_way_to_search_has_quality_latency_and_memory_at_every_dim(result):
    dims = dims_to_measure((8, 16, 32, 64, 128, 256, 512), 512)
    for metric, retrievals in {
        "recall_at_k": 9,
        "latency_p50": 9,
        "latency_p95": 9,
        "bytes_per_vector": 10,  # in f16 and f32 where flat and exact
    }.items():
        rows = {
            (row["retrieval"], row["dim"])
            for row in result["scores"]
            if row["metric"] == metric and not row["retrieval"].startswith("separate")
        }
        assert len(rows) == retrievals * len(dims), metric
    keys = [
        tuple(row.get(name) for name in ("metric", "dim", "retrieval", "truth", "queries"))
        for row in result["scores"]
    ]
    assert len(keys) == len(set(keys))


def test_the_table_has_a_row_for_each_trained_dim(result):
    lines = markdown_table(result).splitlines()
    assert len(lines) == 2 + 7
    assert lines[0].startswith("| dim | category | category+colour | ")
    assert [line.split(" | ")[0] for line in lines[2:]] == [f"| {2**power}" for power in range(3, 10)]
    assert "–" not in "".join(lines)
    assert lines[-1].rstrip("| ").endswith("1024")


def test_without_an_encoder_the_images_are_asked(config, collection, tmp_path):
    bare = EvaluateConfig(out=tmp_path / "images.json", queries=20, latency_runs=1)
    result = run(bare, None, collection)
    assert {row.get("queries", "images") for row in result["scores"]} == {"images"}
    assert value(result, metric="recall_at_k", dim=512, retrieval="flat exact", truth="full") == 1
    assert "– |" in markdown_table({**result, "scores": []})


def test_another_encoders_collection_is_refused_and_nothing_is_written(config, collection, tmp_path):
    out = tmp_path / "none.json"
    with pytest.raises(CollectionError, match="another encoder"):
        run(EvaluateConfig(out=out), FakeEncoder(256), collection)
    with pytest.raises(CollectionError, match="holds 200 items"):
        run(EvaluateConfig(out=out, k=200), None, collection)
    assert not out.exists()


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "r.json"
    score = Score("recall_at_k", 8, 0.5, "fraction", "flat exact")
    write_result(path, {"k": 10}, [score])
    before = path.read_text()
    with pytest.raises(TypeError):
        write_result(path, {"k": object()}, [])
    assert path.read_text() == before
    row = {"metric": "recall_at_k", "dim": 8, "value": 0.5, "unit": "fraction", "retrieval": "flat exact"}
    assert json.loads(before) == {"format": 1, "k": 10, "scores": [{**row, "n": 0}]}


@pytest.mark.parametrize("name", ["queries", "k", "latency_runs"])
def test_a_config_that_asks_for_nothing_is_refused(name):
    with pytest.raises(ValueError, match=f"{name} must be at least 1, got 0"):
        EvaluateConfig(**{name: 0})


def test_questions_are_captions_of_sampled_items_none_twice(collection):
    questions = sample_questions(collection, 60, seed=5)
    assert questions == sample_questions(collection, 60, seed=5)
    assert questions != sample_questions(collection, 60, seed=6)
    assert len({(question.level, question.text) for question in questions}) == len(questions)
    stored = [question for question in questions if question.level != "colour"]
    assert all(collection.caption(q.key, q.level) == q.text for q in stored)
    for question in set(questions) - set(stored):
        colour, category = (collection.attributes[name][question.key] for name in ("colour", "category"))
        assert question.text in (f"a {colour} {category}", f"an {colour} {category}")
    assert len(sample_keys(collection, 10**6, 0)) == 200


def test_relevant_items_agree_in_every_column_asked_for(collection):
    category, colour = collection.attributes["category"], collection.attributes["colour"]
    same = relevant_items(collection, [0, 7], ("category", "colour"))
    for row, key in zip(same, [0, 7], strict=True):
        np.testing.assert_array_equal(row, (category == category[key]) & (colour == colour[key]))
    assert relevant_items(collection, [0], ("category", "size")) is None
    everything = relevant_items(collection, [0, 7], None)
    assert everything[0, 0]
    assert not (everything & ~same).any()


def test_a_query_is_left_out_of_its_own_answer():
    keys = np.array([[5, 1, 2], [1, 5, 2], [1, 2, 3]])
    assert without(keys, np.array([5, 5, 5])).tolist() == [[1, 2], [1, 2], [1, 2]]


def test_the_standard_error_by_hand():
    score = mean_score([0.0, 1.0, 1.0, 0.0], metric="recall_at_k", dim=8, retrieval="flat exact")
    assert (score.value, score.n) == (0.5, 4)
    assert score.stderr == pytest.approx((1 / 3) ** 0.5 / 2)


def test_dims_in_between_are_measured_too():
    assert dims_to_measure((8, 16, 32), 32) == [8, 12, 16, 24, 32]
    assert dims_to_measure((), 100) == [100]


def test_the_readmes_table_is_replaced_and_the_rest_kept(small_collection: Path, tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("above\n<!-- results -->\nold figures\n<!-- /results -->\nbelow\n")
    config = EvaluateConfig(
        collection=small_collection, out=tmp_path / "r.json", queries=10, latency_runs=1, readme=readme
    )
    result = run(config)
    text = readme.read_text()
    assert text.startswith("above\n<!-- results -->\n") and text.endswith("<!-- /results -->\nbelow\n")
    assert "old figures" not in text
    assert markdown_table(result) in text and result["command"] in text
    readme.write_text("no marks")
    with pytest.raises(ValueError, match="must hold the marks"):
        run(config)
    assert readme.read_text() == "no marks"


def test_the_table_shows_what_captions_find_not_what_pictures_find(result):
    by_caption = value(
        result, metric="recall_at_k", retrieval="flat exact", truth="category", dim=512, queries="short"
    )
    by_image = value(
        result, metric="recall_at_k", retrieval="flat exact", truth="category", dim=512, queries="images"
    )
    assert f"{by_caption:.3f}" != f"{by_image:.3f}"  # else this test could not fail
    assert markdown_table(result).splitlines()[-1].split(" | ")[1] == f"{by_caption:.3f}"
