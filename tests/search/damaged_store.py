"""Damages files of a store, one at a time, and says what came of opening and searching it.

`python -m tests.search.damaged_store FOLDER COPY START STOP`, run by `test_store_damage.py` as a process of
its own, because a damaged graph that reached USearch would end the process. Prints counts as JSON.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
from collections import Counter
from pathlib import Path

import numpy as np

from mrl_demo.errors import CollectionError
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.checksums import text_sum
from mrl_demo.search.hits import FirstStage
from mrl_demo.search.store import Store


def damaged(content: bytes, rng: random.Random) -> bytes:
    """`content` with one fault of the kinds that disks and hands make."""
    at, length = rng.randrange(len(content)), rng.randint(1, 64)
    start, end = content[:at], content[at + length :]
    noise = bytes(rng.randrange(256) for _ in range(length))
    how = rng.randrange(7)
    if how == 0:  # one bit
        return start + bytes([content[at] ^ 1 << rng.randrange(8)]) + content[at + 1 :]
    if how == 1:
        return start + noise[: len(content) - at] + end
    if how == 2:
        return start + bytes(min(length, len(content) - at)) + end
    if how == 3:
        return start  # cut off
    if how == 4:
        return content + noise
    if how == 5:
        return start + end  # something left out
    return start + noise + content[at:]  # something put in


def contradicted(content: bytes, rng: random.Random) -> bytes:
    """A manifest with one value changed and a checksum that fits again."""
    fields = json.loads(content)
    del fields["xxh3_128"]
    values = [0, 1, -1, 2, 3, 17, 10**9, 2**70, None, "", "i8", "rows-000000000000.npy", [], {}, 0.5, True]
    where = fields
    while True:
        key = rng.choice(list(where) if isinstance(where, dict) else range(len(where)))
        if not isinstance(where[key], dict | list) or not where[key] or rng.random() < 0.2:
            break
        where = where[key]
    where[key] = rng.choice(values)
    signature = text_sum(json.dumps(fields, sort_keys=True))
    return json.dumps({**fields, "xxh3_128": signature}).encode()


def outcome(folder: Path) -> str:
    """ "refused", "noticed" (opened and searched, but `verify` refuses) or "clean"."""
    query = np.random.default_rng(1).standard_normal(16)
    try:
        store = Store.open(folder)
        for first in ("exact", "signs", FirstStage("hnsw", "i8")):
            keys = store.search(query, Cascade.adaptive(16, store.full_dim, 20), 5, first).keys.tolist()
            assert len(set(keys)) == len(keys), keys
        store.embedding(int(store.keys[0]))
    except CollectionError as error:
        assert str(folder) in str(error), error  # it is said what is damaged
        return "refused"
    try:
        store.verify()
    except CollectionError:
        return "noticed"
    return "clean"


def main() -> None:
    folder, copy, start, stop = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    counts: Counter[str] = Counter()
    shutil.copytree(folder, copy)
    names = sorted(path.name for path in folder.iterdir() if path.name != "lock")
    for seed in range(start, stop):
        rng = random.Random(seed)
        name = rng.choice([*names, "store.json", "store.json"])
        content = (folder / name).read_bytes()
        again = name == "store.json" and rng.random() < 0.5
        changed = (contradicted if again else damaged)(content, rng)
        (copy / name).write_bytes(changed)
        try:
            found = outcome(copy)
        except BaseException:
            print(f"seed {seed}, {name}", file=sys.stderr)
            raise
        kind = "contradicted" if again else name.split("-")[0].split(".")[0]
        counts[f"{kind} same" if changed == content else f"{kind} {found}"] += 1
        (copy / name).unlink()  # a new file: the old one may still be mapped
        (copy / name).write_bytes(content)
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
