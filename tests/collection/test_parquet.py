"""A Parquet set as Hugging Face `datasets` writes it becomes a collection: attributes, class labels,
captions, shards."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mrl_demo.collection import Pack, make_thumbnail
from mrl_demo.collection.folder import index_folder
from mrl_demo.errors import CollectionError
from tests.fakes import COLOURS, FakeEncoder, paint


def hub_table(path: Path, rows: int = 20, **columns: list) -> Path:
    """A Parquet file as Hugging Face `datasets` writes it, two row groups, one bad image."""
    names = ["cat", "dog"]
    images = [{"bytes": make_thumbnail(paint(list(COLOURS)[i % 8])), "path": None} for i in range(rows)]
    images[3] = {"bytes": b"not an image", "path": "x.png"}
    data = {
        "image": images,
        "label": [i % 2 for i in range(rows)],
        "year": [2000 + i for i in range(rows)],
        "stars": [None if i == 4 else i for i in range(rows)],
        "sold": [i % 2 == 0 for i in range(rows)],
        "price": [None if i == 5 else i / 2 for i in range(rows)],
        "tags": [["a"]] * rows,
        "productDisplayName": [f"Thing {i}" for i in range(rows)],
        **columns,
    }
    features = {"label": {"names": names, "_type": "ClassLabel"}}
    table = pa.table(data).replace_schema_metadata(
        {"huggingface": json.dumps({"info": {"features": features}})}
    )
    path.parent.mkdir(exist_ok=True)
    pq.write_table(table, path, row_group_size=rows // 2)
    return path


@pytest.mark.parametrize("as_folder", [False, True])
def test_a_hugging_face_table_becomes_a_pack(tmp_path: Path, as_folder: bool) -> None:
    table = hub_table(tmp_path / "set" / "train.parquet")
    report = index_folder(table.parent if as_folder else table, tmp_path / "out", FakeEncoder(), batch_size=7)
    assert report.indexed == 19 and [path for path, _ in report.skipped] == ["train.parquet#3"]
    pack = Pack.open(tmp_path / "out")
    assert sorted(pack.attributes) == ["label", "price", "sold", "stars", "year"]
    assert pack.caption(4) == "Thing 5" and pack.source(4) == "train.parquet#5"
    assert pack.attributes["label"][:5].tolist() == ["cat", "dog", "cat", "cat", "dog"]
    assert pack.attributes["year"][4] == 2005 and pack.attributes["sold"][0] == "True"
    assert pack.attributes["stars"][2:5].tolist() == ["2", "", "5"] and np.isnan(pack.attributes["price"][4])
    assert index_folder(table.parent if as_folder else table, tmp_path / "out", FakeEncoder()).reused == 19


def test_shards_of_one_set_are_read_together_and_limited(tmp_path: Path) -> None:
    hub_table(tmp_path / "set" / "a.parquet")
    hub_table(tmp_path / "set" / "b.parquet")
    assert index_folder(tmp_path / "set", tmp_path / "out", FakeEncoder()).indexed == 38
    assert index_folder(tmp_path / "set", tmp_path / "out", FakeEncoder(), limit=30).indexed == 28
    pack = Pack.open(tmp_path / "out")
    assert pack.source(27) == "b.parquet#9"


def test_tables_that_are_no_image_sets_are_refused(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    pq.write_table(pa.table({"text": ["x"]}), tmp_path / "t" / "a.parquet")
    with pytest.raises(CollectionError, match="no column 'image'; its columns are text"):
        index_folder(tmp_path / "t", tmp_path / "out", FakeEncoder())
    hub_table(tmp_path / "t" / "b.parquet")
    with pytest.raises(CollectionError, match="other columns"):
        index_folder(tmp_path / "t", tmp_path / "out", FakeEncoder())
    (tmp_path / "t" / "a.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(CollectionError, match="not a whole Parquet file"):
        index_folder(tmp_path / "t" / "a.parquet", tmp_path / "out", FakeEncoder())
    assert not (tmp_path / "out").exists()


def test_a_pack_can_be_indexed_anew_with_another_encoder(small_collection: Path, tmp_path: Path) -> None:
    index_folder(small_collection, tmp_path / "out", FakeEncoder(32))
    pack, old = Pack.open(tmp_path / "out"), Pack.open(small_collection)
    assert len(pack) == len(old) and pack.caption(9) == old.caption(9)
    assert pack.attributes["colour"].tolist() == old.attributes["colour"].tolist()
