"""The scripts of the GitLab example, run against a server on this machine that answers like GitLab."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from keywright.review.report.markdown import MARK
from tests.unit.github.server import listening

if TYPE_CHECKING:
    from collections.abc import Iterator

JOBS = yaml.safe_load((Path(__file__).parents[3] / "docs" / "review.gitlab-ci.yml").read_text())
PROJECT = "/api/v4/projects/42"
OWN = 5
TOKEN = "token-of-the-project"


def script(job: str) -> str:
    """Give the Python that a job runs."""
    (found,) = [each for each in JOBS[job]["script"] if "<<'PYTHON'" in each]
    return str(found.split("<<'PYTHON'\n")[1].split("PYTHON\n")[0])


class GitLab:
    """One merge request: its notes, and the artifact of its job."""

    def __init__(self) -> None:
        self.notes: list[dict[str, Any]] = []
        self.address = ""
        self.storage = ""
        self.seen: list[str | None] = []

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: dict[str, list[str]]) -> Any:
        path = path.removeprefix(PROJECT)
        if path.startswith("/merge_requests/7/notes"):
            if method == "GET":
                first = (int(query["page"][0]) - 1) * 100
                return self.notes[first : first + 100]
            number = path.rpartition("/")[2]
            text = {"body": body["body"][0]}
            if method == "PUT":
                next(each for each in self.notes if each["id"] == int(number)).update(text)
            else:
                self.notes.append({"id": 900, "author": {"id": OWN}} | text)
            return text
        answers = {
            "/api/v4/user": {"id": OWN},
            "/merge_requests/7": {"head_pipeline": {"id": 3}, "diff_refs": {"base_sha": "b" * 40}},
            "/pipelines/3/jobs": [{"id": 8, "name": "synth", "status": "success"}],
            "": {"http_url_to_repo": "https://gitlab.example/acme/access.git"},
        }
        return answers[path]


@pytest.fixture
def gitlab() -> Iterator[GitLab]:
    found = GitLab()

    class Api(BaseHTTPRequestHandler):
        def respond(self) -> None:
            parts = urlsplit(self.path)
            assert self.headers["PRIVATE-TOKEN"] == TOKEN
            if parts.path.endswith("/artifacts"):
                self.send_response(302)
                self.send_header("Location", f"{found.storage}/archive")
                self.end_headers()
                return
            body = parse_qs(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())
            self.send_response(200)
            self.end_headers()
            self.wfile.write(
                json.dumps(found.answer(self.command, parts.path, parse_qs(parts.query), body)).encode()
            )

        do_GET = do_POST = do_PUT = respond  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    class Storage(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.seen.append(self.headers.get("PRIVATE-TOKEN"))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"the archive")

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    with listening(Api) as found.address, listening(Storage) as found.storage:
        yield found


def run(job: str, gitlab: GitLab, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "CI_API_V4_URL": f"{gitlab.address}/api/v4",
        "REVIEWED": "42",
        "REQUEST": "7",
        "COMMENT_TOKEN": TOKEN,
        "READ_TOKEN": TOKEN,
        **more,
    }
    return subprocess.run(
        [sys.executable, "-c", script(job)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_comments_once(gitlab: GitLab, tmp_path: Path) -> None:
    gitlab.notes = [
        *({"id": each, "author": {"id": 1}, "body": "thanks"} for each in range(150)),
        {"id": 500, "author": {"id": 1}, "body": f"{MARK}\nwritten by a person"},
    ]
    (tmp_path / "review.md").write_text(f"{MARK}\nfirst & second=1 `$(touch pwned)`")
    for _ in range(2):
        done = run("comment", gitlab, tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
    assert [each["body"] for each in gitlab.notes[150:]] == [
        f"{MARK}\nwritten by a person",
        f"{MARK}\nfirst & second=1 `$(touch pwned)`",
    ]
    assert not (tmp_path / "pwned").exists()


def test_says_that_the_review_failed(gitlab: GitLab, tmp_path: Path) -> None:
    assert run("comment", gitlab, tmp_path).returncode == 0
    assert gitlab.notes[0]["body"] == f"{MARK}\n### Access review: **failed**; see the pipeline's log"
    assert JOBS["comment"]["rules"][0]["when"] == "always"


def test_fetches_the_artifact_and_the_base_as_gitlab_names_them(gitlab: GitLab, tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@x"]
    subprocess.run([*git, "init", "-q", str(origin)], check=True)
    subprocess.run([*git, "-C", str(origin), "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    instead = {  # git clones the folder where the script names the server
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{origin}.insteadOf",
        "GIT_CONFIG_VALUE_0": f"https://oauth2:{TOKEN}@gitlab.example/acme/access.git",
    }
    done = run("review", gitlab, tmp_path, **instead)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "head.zip").read_bytes() == b"the archive"
    assert (tmp_path / "base.commit").read_text() == "b" * 40
    assert TOKEN not in (tmp_path / "base" / ".git" / "config").read_text()
    assert gitlab.seen == [None], "the storage of artifacts does not see the token"
