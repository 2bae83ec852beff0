"""Files that are written whole or not at all: a sibling under another name, fsync, rename.

Every room that writes single files uses this; folders of files that change together have their own ways
(`collection/staging.py`, `search/store_folder.py`). Knows nothing of what is written.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Gives the path of a hidden sibling to write; leaving the block puts it in place of `path`, on disk.

    When the block raises, `path` stays as it was and the sibling is removed. The folder is made where it is
    missing; the sibling keeps the suffix of `path`, for writers that go by it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".unfinished-{os.getpid()}-{path.name}")
    try:
        yield beside
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
