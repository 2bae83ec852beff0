"""Zero-shot classification as a result file, and the tables that it fills."""

from __future__ import annotations

from pathlib import Path

import pytest

from mrl_demo.collection import Pack
from mrl_demo.errors import CollectionError
from mrl_demo.evaluation.comparison_tables import comparison_tables
from mrl_demo.evaluation.zero_shot import ZeroShotClassifier
from mrl_demo.evaluation.zero_shot_measures import class_names, measure_on
from mrl_demo.evaluation.zero_shot_result import ZeroShotConfig, run
from mrl_demo.search.collection import Collection
from tests.fakes import FakeEncoder


@pytest.fixture(scope="module")
def collection(small_pack: Pack) -> Collection:
    return Collection(small_pack)


def test_it_is_what_the_page_measures(
    collection: Collection, fake_encoder: FakeEncoder, tmp_path: Path
) -> None:
    config = ZeroShotConfig(out=tmp_path / "zero-shot.json", splits=5)
    content = run(config, fake_encoder, collection)
    live = measure_on(collection, ZeroShotClassifier(fake_encoder, class_names(collection)), splits=5)
    assert live is not None and content["data"]["count"] == live.count and content["commit"]
    tables = {table["id"]: table for table in comparison_tables(content)}
    assert list(tables) == ["zero_shot_top_1", "adaptive-classification", "adaptive-curve", "spread"]
    assert [row[1] for row in tables["zero_shot_top_1"]["rows"]] == pytest.approx(
        [100 * point.accuracy for point in live.fixed], abs=0.01
    )
    table = tables["adaptive-classification"]
    adaptive = dict(zip(table["columns"], table["rows"][0], strict=True))
    assert adaptive["expected dims"] == pytest.approx(live.learned.last_dim, abs=0.06)
    assert adaptive["top-1, %"] == pytest.approx(100 * live.learned.accuracy, abs=0.01)
    assert tables["adaptive-curve"]["columns"] == ["dim", "MRL, adaptive", "every dim alone"]


def test_what_cannot_be_measured_is_refused(
    collection: Collection, fake_encoder: FakeEncoder, tmp_path: Path
) -> None:
    config = ZeroShotConfig(out=tmp_path / "zero-shot.json", names=("dragon", "unicorn"))
    with pytest.raises(CollectionError, match=r"0 pictures of .* at least 20 are needed"):
        run(config, fake_encoder, collection)
    with pytest.raises(CollectionError, match="embedded by another checkpoint"):
        run(ZeroShotConfig(), FakeEncoder(256), collection)
    with pytest.raises(ValueError, match="splits must be at least 1, got 0"):
        ZeroShotConfig(splits=0)
