"""A server on this machine that answers like GitHub's REST API, as far as the action asks it."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "token-of-the-job"
REPOSITORY = "acme/access"
COMMIT, BASE = "c" * 40, "b" * 40


def pull_request(
    number: int = 7, head: str = COMMIT, repository: int = 99, base: str = BASE
) -> dict[str, Any]:
    return {
        "number": number,
        "base": {"sha": base},
        "head": {"sha": head, "repo": {"id": repository}},
    }


def comment(number: int, body: str, kind: str = "Bot") -> dict[str, Any]:
    return {"id": number, "body": body, "user": {"type": kind, "login": "github-actions[bot]"}}


@dataclass
class GitHub:
    """What the repository has, and what was asked."""

    pull_requests: list[dict[str, Any]] = field(default_factory=lambda: [pull_request()])
    comments: list[dict[str, Any]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    archive: bytes = b""
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    refused: tuple[str, int] | None = None
    """A method that is refused, and with which code."""
    asked: list[str] = field(default_factory=list)
    queries: list[dict[str, list[str]]] = field(default_factory=list)
    tokens_at_the_storage: list[str | None] = field(default_factory=list)
    address: str = ""
    storage: str = ""

    @property
    def written(self) -> list[str]:
        """The requests that change something."""
        return [each for each in self.asked if not each.startswith("GET ")]

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        prefix = f"/repos/{REPOSITORY}/"
        assert path.startswith(prefix), path
        path = path.removeprefix(prefix)
        self.asked.append(f"{method} {path}")
        self.queries.append(query)
        if self.refused and self.refused[0] == method:
            return self.refused[1], {"message": "Resource not accessible by integration"}
        return self._route(method, path, query, body)

    def _route(  # noqa: PLR0911 - one return for each path
        self, method: str, path: str, query: dict[str, list[str]], body: Any
    ) -> tuple[int, Any]:
        first = (int(query.get("page", ["1"])[0]) - 1) * int(query.get("per_page", ["30"])[0])
        size = int(query.get("per_page", ["30"])[0])
        if (method, path) == ("GET", "pulls"):
            return 200, self.pull_requests[first : first + size]
        if re.fullmatch(r"actions/runs/\d+/artifacts", path):
            return 200, {"artifacts": self.artifacts}
        if found := re.fullmatch(r"issues/comments/(\d+)", path):
            (changed,) = [each for each in self.comments if each["id"] == int(found[1])]
            changed["body"] = body["body"]
            return 200, changed
        if re.fullmatch(r"issues/\d+/comments", path):
            if method == "GET":
                return 200, self.comments[first : first + size]
            self.comments.append(comment(1_000 + len(self.comments), body["body"]))
            return 201, self.comments[-1]
        if re.fullmatch(r"issues/\d+/labels", path):
            if method == "GET":
                return 200, [{"name": each} for each in self.labels[first : first + size]]
            self.labels += body["labels"]
            return 200, []
        if found := re.fullmatch(r"issues/\d+/labels/(.+)", path):
            if unquote(found[1]) not in self.labels:
                return 404, {"message": "Label does not exist"}
            self.labels.remove(unquote(found[1]))
            return 200, []
        return 404, {"message": "Not Found"}


def _handler(github: GitHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            if re.search(r"/actions/artifacts/\d+/zip$", parts.path):
                github.asked.append(f"GET {parts.path.rpartition('/actions/')[2]}")
                self.send_response(302)
                self.send_header("Location", f"{github.storage}/archive")
                self.end_headers()
                return
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                status, content = 401, {"message": "Bad credentials"}
            else:
                status, content = github.answer(self.command, parts.path, parse_qs(parts.query), body)
            self._send(status, json.dumps(content).encode())

        def _send(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = respond  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    return Handler


def _storage(github: GitHub) -> type[BaseHTTPRequestHandler]:
    class Storage(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            github.tokens_at_the_storage.append(self.headers.get("Authorization"))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(github.archive)

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    return Storage


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def serving(github: GitHub) -> Iterator[GitHub]:
    """Serve the API, and on another port the storage of artifacts."""
    with listening(_handler(github)) as github.address, listening(_storage(github)) as github.storage:
        yield github
