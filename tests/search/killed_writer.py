"""Kills a process that writes to a store, again and again, and checks what each kill left behind.

`python -m tests.search.killed_writer FOLDER ROUNDS SEED`, run by `test_store_killed.py`. Every round forks a
process that first reads and verifies the store, then writes until SIGKILL: half of the rounds at a moment
chosen by the clock, half at the n-th call that touches the disk. It tells what it begins and finishes through
a pipe, so that the parent knows the only two states that may be found next.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback

import numpy as np

from mrl_demo.search import store as store_module
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.hits import FirstStage
from mrl_demo.search.store import Store

DIM = 16
_ROUNDS_A_STORE = 15  # then a new one, so that creation is killed as well


def vector(key):
    return np.random.default_rng(abs(key)).standard_normal(DIM).astype(np.float32)


def write_until_killed(folder, seed, say):
    """The child: check, then write. `say` reports a JSON value to the parent."""
    store_module._TAIL_ROWS, store_module._SEGMENTS = 12, 4  # so that every kind of write comes up
    rng = random.Random(seed)
    if not os.path.exists(f"{folder}/store.json"):
        say(["found", None])
        if rng.random() < 0.7:
            die_at(rng.randrange(30))
        say(["begins", list(range(20))])
        Store.create(folder, np.array([vector(key) for key in range(20)]), dtype="f32", nested_dims=(4, 16))
        store = Store.open(folder)
        say(["done"])
        store.build("signs", 16)
        store.build(FirstStage("hnsw", "i8"), 8)
    else:
        store = Store.open(folder)
    store.verify()
    keys = store.keys.tolist()
    for key in keys:
        np.testing.assert_allclose(store.embedding(key) * np.linalg.norm(vector(key)), vector(key), atol=1e-4)
        assert store.search(vector(key), Cascade.flat(16), 1).keys[0] == key
    say(["found", sorted(keys)])
    if rng.random() < 0.5:
        die_at(rng.randrange(60))
    next_key = max(keys, default=0) + 1
    while True:
        keys = store.keys.tolist()
        what = rng.choice(["add", "add", "remove", "compact", "build", "plan"])
        added = list(range(next_key, next_key + rng.randint(1, 6))) if what == "add" else []
        removed = rng.sample(keys, min(len(keys) - 5, rng.randint(1, 6))) if what == "remove" else []
        if what == "remove" and not removed:
            continue
        say(["begins", sorted({*keys, *added} - {*removed})])
        if what == "add":
            store.add(added, np.array([vector(key) for key in added]))
            next_key = added[-1] + 1
        elif what == "remove":
            store.remove(removed)
        elif what == "compact":
            store.compact()
        elif what == "build":
            store.build("signs", 16)
        else:
            store.plan = {"round": seed}
        say(["done"])


def die_at(n):
    """Die at the n-th call from now on that touches the disk, before or after it."""
    left = [n]

    def dying(real):
        def call(*arguments, **named):
            left[0] -= 1
            if left[0] == -1:
                os.kill(os.getpid(), signal.SIGKILL)
            done = real(*arguments, **named)
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        return call

    for name in ("fsync", "replace", "unlink", "listdir", "pread"):
        setattr(os, name, dying(getattr(os, name)))


def one_round(folder, seed, allowed):
    """Fork, listen, kill. Returns the states that may be found next: each a list of keys, or None for no
    store."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            write_until_killed(
                folder, seed, lambda value: os.write(writing, json.dumps(value).encode() + b"\n")
            )
        except BaseException:
            traceback.print_exc()
        os._exit(1)
    os.close(writing)
    rng = random.Random(-seed)
    killed = False
    with os.fdopen(reading, "rb") as lines:
        for line in lines:
            said = json.loads(line)
            if said[0] == "found":
                assert said[1] in allowed, f"found {said[1]}, expected one of {allowed}"
                allowed = [said[1]]
            elif said[0] == "begins":
                allowed = [allowed[-1], said[1]]
            else:
                allowed = [allowed[-1]]
            if not killed and rng.random() < 0.3:
                time.sleep(rng.random() * 0.02)
                os.kill(child, signal.SIGKILL)  # goes on to read what was said before
                killed = True
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, f"round {seed} failed: {status}"
    return allowed


def main():
    folder, rounds, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    for each in range(rounds):
        if each % _ROUNDS_A_STORE == 0:
            allowed = [None]
        allowed = one_round(f"{folder}/{each // _ROUNDS_A_STORE}", seed + each, allowed)
    print(f"{rounds} kills survived")


if __name__ == "__main__":
    main()
