"""A stand-in for the Hugging Face Hub on this machine: one data set, a few files, several revisions.

Speaks as much of the Hub's HTTP as its library asks: what a revision holds, a file's head, a file.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


@dataclass
class HubStandIn:
    """`revisions`: name or commit -> commit; `files`: commit -> path -> content. `asked` gathers requests."""

    name: str
    revisions: dict[str, str]
    files: Mapping[str, Mapping[str, bytes]]
    asked: list[str] = field(default_factory=list)
    endpoint: str = ""

    def info(self, revision: str) -> dict[str, object] | None:
        commit = self.revisions.get(revision, revision)
        if commit not in self.files:
            return None
        return {
            "id": self.name,
            "sha": commit,
            "siblings": [{"rfilename": path} for path in self.files[commit]],
        }


@contextmanager
def serving(hub: HubStandIn) -> Iterator[HubStandIn]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self.answer(body=False)

        def do_GET(self) -> None:
            self.answer(body=True)

        def answer(self, body: bool) -> None:
            path = unquote(self.path.partition("?")[0])
            hub.asked.append(f"{self.command} {path}")
            listing, files = f"/api/datasets/{hub.name}/revision/", f"/datasets/{hub.name}/resolve/"
            if path.startswith(listing):
                info = hub.info(path.removeprefix(listing))
                if info is None:
                    self.reply(404, b"", {"X-Error-Code": "RevisionNotFound"}, body)
                else:
                    self.reply(200, json.dumps(info).encode(), {"Content-Type": "application/json"}, body)
            elif path.startswith(files):
                revision, _, file = path.removeprefix(files).partition("/")
                commit = hub.revisions.get(revision, revision)
                content = hub.files[commit][file]
                etag = f'"{hashlib.sha256(content).hexdigest()}"'
                self.reply(200, content, {"ETag": etag, "X-Repo-Commit": commit}, body)
            else:
                self.reply(404, b"", {"X-Error-Code": "RepoNotFound"}, body)

        def reply(self, status: int, content: bytes, headers: Mapping[str, str], body: bool) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if body:
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hub.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
