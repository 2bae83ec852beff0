"""A digest is of names, contents and order, and of nothing else."""

from __future__ import annotations

import os
from pathlib import Path

from mrl_demo.training.digest import digest_of


def test_what_holds_the_same_has_the_same_digest_wherever_it_lies(tmp_path: Path) -> None:
    files = {}
    for place in ("here", "there"):
        files[place] = [tmp_path / place / "data" / name for name in ("a.parquet", "b.parquet")]
        files[place][0].parent.mkdir(parents=True)
        for file in files[place]:
            file.write_bytes(file.stem.encode())
    os.utime(files["there"][0], (0, 0))
    assert digest_of(files["here"]) == digest_of(files["there"])
    assert len({digest_of(files["here"]), digest_of(files["here"][::-1]), digest_of(files["here"][:1])}) == 3
    files["there"][0].write_bytes(b"A")  # as long as before
    assert digest_of(files["here"]) != digest_of(files["there"])
