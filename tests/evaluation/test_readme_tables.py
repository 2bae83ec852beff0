"""The README's tables of the comparisons: from the result files alone, whichever there are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mrl_demo.evaluation import caption_comparison, comparison
from mrl_demo.evaluation.readme_tables import write_comparison
from tests.evaluation.made_runs import run, write, write_data
from tests.evaluation.test_caption_comparison import write_asked

TEXT = "before\n<!-- comparison -->\nold\n<!-- /comparison -->\nafter\n"
PAPER = {
    "tables": [
        {
            "beside": ["one_nn", "top_1", "map_at_k"],
            "columns": ["dim", "MRL", "MRL-E", "FF (one model a size)", "SVD"],
            "rows": [[8, 62.19, 57.45, 58.93, 19.14], [16, 67.91, 67.05, 66.77, 46.02]],
        }
    ]
}


@pytest.fixture
def readme(tmp_path: Path) -> Path:
    (tmp_path / "README.md").write_text(TEXT)
    (tmp_path / "paper.json").write_text(json.dumps(PAPER))
    return tmp_path / "README.md"


def test_both_tables_stand_between_the_marks(readme: Path, tmp_path: Path) -> None:
    write_data(tmp_path / "photos")
    for name, dims in (("MRL", (8, 16)), ("FF-8", (8,)), ("FF-16", (16,))):
        write(tmp_path / "photos", f"{name}-seed0", run(dims))
        write_asked(tmp_path / "captions", f"{name}-seed0", dims)
    content = comparison.run(tmp_path / "photos", tmp_path / "compare-tiny-imagenet.json", readme)
    first = readme.read_text()
    caption_comparison.run(tmp_path / "captions", tmp_path / "compare-captions.json", readme)
    text = readme.read_text()
    assert text.startswith("before\n<!-- comparison -->\n**MRL against") and text.endswith(
        "comparison -->\nafter\n"
    )
    assert "old" not in text and len(text) > len(first) > len(TEXT)
    assert f"at commit `{content['commit']}`" in text and "A CPU, 2 threads at commit abc123 (3 runs)" in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert [line.split("|")[1].strip() for line in tables if "%" in line] == [
        *("Linear top-1, %", "1-NN top-1, %", "mAP@10, %", "fashion: recall@10 of type, colour, gender, %")
    ]
    heads, _, *rows = tables[4:8]
    papers = "*paper: MRL* | *paper: MRL-E* | *paper: FF* | *paper: SVD* |"
    assert heads == f"| 1-NN top-1, % | MRL | FF | SVD | random dims | FF cut | {papers}"
    assert [row.split(" | ")[0] for row in rows] == ["| 8", "| 16"]
    assert rows[0].endswith("| 62.2 | 57.5 | 58.9 | 19.1 |")
    nearest = {
        (row["model"], row["dim"]): row["value"] for row in content["scores"] if row["metric"] == "one_nn"
    }
    shown = [float(each) for each in rows[0].split(" | ")[1:3]]
    assert shown == pytest.approx([100 * nearest["MRL", 8], 100 * nearest["FF", 8]], abs=0.06)
    assert tables[12].endswith("of type, colour, gender, % | MRL | FF | SVD |")


def test_without_result_files_nothing_stands_there(readme: Path, tmp_path: Path) -> None:
    write_comparison(readme, tmp_path / "nowhere")
    assert "old" not in readme.read_text()
    readme.write_text("no marks")
    with pytest.raises(ValueError, match="must hold the marks <!-- comparison -->"):
        write_comparison(readme, tmp_path)
