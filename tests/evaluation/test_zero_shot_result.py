"""Zero-shot classification as a result file, and the tables that it fills."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mrl_demo.collection import Pack
from mrl_demo.errors import CollectionError
from mrl_demo.evaluation.comparison_tables import comparison_tables
from mrl_demo.evaluation.zero_shot import ZeroShotClassifier
from mrl_demo.evaluation.zero_shot_measures import class_names, measure_on
from mrl_demo.evaluation.zero_shot_result import ZeroShotConfig, of_collection, run
from mrl_demo.search.collection import Collection
from tests.fakes import FakeEncoder


@pytest.fixture(scope="module")
def collection(small_pack: Pack) -> Collection:
    return Collection(small_pack)


def test_it_is_what_the_page_measures(
    collection: Collection, fake_encoder: FakeEncoder, tmp_path: Path
) -> None:
    config = ZeroShotConfig(out=tmp_path / "zero-shot.json", splits=5)
    content = run(config, fake_encoder, of_collection(config, fake_encoder, collection))
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
        of_collection(config, fake_encoder, collection)
    with pytest.raises(CollectionError, match="embedded by another checkpoint"):
        of_collection(ZeroShotConfig(), FakeEncoder(256), collection)
    with pytest.raises(ValueError, match="splits must be at least 1, got 0"):
        ZeroShotConfig(splits=0)


def test_the_command_measures_what_the_training_held_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Photos of four classes, each a colour: the figure at full dim is that of the encoder asked by hand."""
    from mrl_demo.__main__ import main
    from mrl_demo.model.encoder import Encoder
    from mrl_demo.training.trainer import run as train
    from tests.training.tiny import CLASSES, config, labelled_set, picture, product_set

    labelled_set(tmp_path / "photos" / "train.parquet", 60)
    labelled_set(tmp_path / "photos" / "val.parquet", 40)
    trained = config(tmp_path, data=str(tmp_path / "photos"), learning_rate=0.01)
    train(trained)
    out = tmp_path / "zero-shot.json"
    command = ["zero-shot", "--checkpoint", str(trained.out), "--out", str(out), "--splits", "3", "--data"]
    assert main([*command, trained.data]) == 0
    content = json.loads(out.read_text())
    assert content["classes"] == ["banana", "beer bottle", "golden retriever", "tabby"]
    assert (content["data"]["name"], content["data"]["count"]) == ("photos", 40)
    assert content["model"]["name"] == "MRL still life" and content["what"].startswith("each picture is of")
    table = {one["id"]: one for one in comparison_tables(content)}["zero_shot_top_1"]
    encoder = Encoder.load(trained.out, device="cpu")
    classifier = ZeroShotClassifier(encoder, content["classes"])
    names = ("tabby", "golden retriever", "beer bottle", "banana")
    right = [
        classifier.predict(picture(colour)).label == name
        for colour, name in zip(CLASSES.values(), names, strict=True)
    ]
    assert table["rows"][-1][1] == pytest.approx(100 * sum(right) / len(right))
    product_set(tmp_path / "shop" / "train.parquet", 60)
    assert main([*command, str(tmp_path / "shop")]) == 2
    assert "has no classes: it holds fashion products" in capsys.readouterr().err
    assert main([*command, f"{trained.data},{tmp_path / 'shop'}"]) == 2
    assert "one set of labelled photos" in capsys.readouterr().err
    assert main([*command, trained.data, "--names", "tabby", "banana"]) == 2
    assert "leave out --names" in capsys.readouterr().err
