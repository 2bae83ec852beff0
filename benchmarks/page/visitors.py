"""Visitors at once, by locust on loopback: each searches by new words and new pictures as the page does.

python -m benchmarks.page.visitors [--visitors 8] [--seconds 60] [--quick] [--out FILE]

Starts the app itself. A visitor asks, fetches the pictures that both grids show, then those the slider can
reach, with six connections and a cache as a browser has, and looks for a second. Writes
assets/results/visitors.json; with --quick .work/visitors.json. The load shares the cores of the server.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any, ClassVar
from urllib.request import Request, urlopen
from uuid import uuid4

import gevent
from gevent.pool import Pool
from locust import FastHttpUser, between, task
from locust.env import Environment

from benchmarks.page import calls, questions, served
from benchmarks.page.figures import Row, held_to, table, timed, write
from mrl_demo.collection import Pack

RESULT = served.ROOT / "assets/results/visitors.json"
QUICK_RESULT = served.ROOT / ".work/visitors.json"
PACK = served.ROOT / "assets/still-life"
CONNECTIONS = 6  # of a browser to one server
GOAL_MS = 1000
SEED = 7
WORDS, PICTURE = "Search by new words", "Search by a new picture"
SHOWN = ", until the pictures are there"


class Taken:
    """Milliseconds and failures by kind."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, list[float]] = defaultdict(list)
        self.failures: Counter[str] = Counter()
        self.said: Counter[str] = Counter()

    def note(self, name: str, response_time: float, exception: object = None, **_: Any) -> None:
        """A listener to locust's requests."""
        self.milliseconds[name].append(response_time)
        if exception:
            self.failures[name] += 1
            self.said[f"{name}: {exception}"] += 1


class Visitor(FastHttpUser):
    """One visitor: opens the page, then searches again and again."""

    wait_time = between(0.5, 1.5)
    concurrency = CONNECTIONS
    texts: ClassVar[Iterator[str]]
    pictures: ClassVar[Iterator[bytes]]

    def on_start(self) -> None:
        self.session = uuid4().hex[:10]
        self.fetched: set[int] = set()
        self.pool = Pool(CONNECTIONS)
        self.client.get("/", name="Open the page")
        self.tab = calls.SearchTab.of(self.client.get(calls.CONFIG, name="Open the page").json())

    @task(3)
    def by_words(self) -> None:
        self.search(WORDS, {"kind": "text", "text": next(self.texts)}, perf_counter())

    @task(1)
    def by_picture(self) -> None:
        began = perf_counter()
        name = f"{uuid4().hex[:8]}.jpg"
        with self.client.post(
            calls.UPLOAD, files={"files": (name, next(self.pictures))}, name="Upload", catch_response=True
        ) as reply:
            paths = reply.json() if reply.status_code == 200 else []
            if not paths:
                reply.failure(f"not taken: {reply.status_code}")
                return
        self.search(PICTURE, {"kind": "image", "path": paths[0], "name": name}, began)

    def search(self, kind: str, query: calls.Json, began: float) -> None:
        """Ask, and fetch what is shown; `began` is when the visitor pressed."""
        body = self.tab.call("ask", self.tab.question(query), self.session)
        with self.client.post(calls.CALL, json=body, name=kind, catch_response=True) as reply:
            answer = reply.json() if reply.status_code == 200 else {"error": f"status {reply.status_code}"}
            if "stops" not in answer:
                reply.failure(str(answer.get("error") or answer.get("wait") or "no answer"))
                return
        self.fetch(self.tab.shown(answer))
        self.environment.events.request.fire(
            request_type="visit",
            name=kind + SHOWN,
            response_time=1e3 * (perf_counter() - began),
            response_length=0,
            exception=None,
            context={},
        )
        self.fetch(self.tab.reachable(answer))

    def fetch(self, keys: list[int]) -> None:
        new = [key for key in keys if key not in self.fetched]
        self.pool.map(lambda key: self.client.get(self.tab.thumbnail(key), name="Thumbnail"), new)
        self.fetched.update(new)


def ready(app: served.App, patience_s: float = 120) -> None:
    """Wait until the app's encoder is there and its own work is done.

    Raises:
        TimeoutError: the encoder did not come.
    """
    with urlopen(app.address + calls.CONFIG, timeout=30) as config:
        tab = calls.SearchTab.of(json.load(config))
    body = json.dumps(tab.call("encoder_status", {}, "waiting")).encode()
    question = Request(app.address + calls.CALL, body, {"Content-Type": "application/json"})
    until = monotonic() + patience_s
    while monotonic() < until:
        with urlopen(question, timeout=30) as reply:
            if json.load(reply)["state"] == "ready":
                app.settle()
                return
        gevent.sleep(0.5)
    raise TimeoutError("the encoder did not come")


def visit(app: served.App, visitors: int, seconds: float) -> Taken:
    """What `visitors` at once found within `seconds`; searches under way at the end are waited for."""
    pack = Pack.open(PACK)
    Visitor.texts = questions.texts(pack, SEED)
    # More than can be asked for: a visitor's turn takes at least half a second.
    count = int(visitors * seconds / 0.5 / 4) + visitors
    Visitor.pictures = iter(list(itertools.islice(questions.pictures(pack, SEED), count)))
    taken = Taken()
    environment = Environment(user_classes=[Visitor], host=app.address, stop_timeout=10)
    environment.events.request.add_listener(taken.note)
    runner = environment.create_local_runner()
    runner.start(visitors, spawn_rate=visitors)
    gevent.sleep(seconds)
    runner.quit()
    return taken


def rows_of(taken: Taken) -> list[Row]:
    """Errors in all, then a row a kind: 95 of 100 within GOAL_MS."""
    asked = sum(len(values) for values in taken.milliseconds.values())
    rows = [held_to("Errors", "count", sum(taken.failures.values()), "requests", 0, asked)]
    for kind, values in sorted(taken.milliseconds.items()):
        rows.append(timed(kind, values, "p95", GOAL_MS) | {"errors": taken.failures[kind]})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description="Have visitors search at once, and hold that to its goals.")
    parser.add_argument("--visitors", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--quick", action="store_true", help="6 seconds: to see that it works, not to quote")
    parser.add_argument("--out", type=Path, default=None)
    options = parser.parse_args()
    seconds, load_before = 6.0 if options.quick else options.seconds, os.getloadavg()[0]
    with served.started() as app:
        ready(app)
        memory = {"when_ready": app.memory_mb()}
        taken = visit(app, options.visitors, seconds)
        memory |= {"afterwards": app.memory_mb(), "at_most": app.memory_mb("VmHWM")}
    fields = {
        "title": f"{options.visitors} visitors at once",
        "what": (
            f"{options.visitors} visitors for {seconds:.0f} s, sent by locust on the machine that serves. "
            "Each asks by new words (three times in four) or a new picture (JPEG, 1024 x 1024), fetches the "
            "pictures as the page does, and looks for 0.5 to 1.5 s."
        ),
        "seed": SEED,
        "quick": options.quick,
        "visitors": options.visitors,
        "seconds": seconds,
        "measures": rows_of(taken),
        "server_memory_mb": memory,
        **({"said": dict(taken.said)} if taken.said else {}),
    }
    out = options.out or (QUICK_RESULT if options.quick else RESULT)
    result = write(out, "benchmarks.page.visitors", ("locust",), load_before, fields)
    print(table(result["measures"]), f"server memory, MB: {memory}", f"written to {out}", sep="\n")


if __name__ == "__main__":
    main()
