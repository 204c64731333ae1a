"""A step of the action: its environment, what it sets, and GitHub beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from keywright.github.__main__ import main
from tests.unit.github.server import COMMIT, REPOSITORY, TOKEN, GitHub, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def workflow_run(**more: Any) -> dict[str, Any]:
    run = {
        "id": 4711,
        "event": "pull_request",
        "conclusion": "success",
        "head_sha": COMMIT,
        "head_branch": "change",
        "head_repository": {"id": 99, "owner": {"login": "mallory"}},
    }
    return {"workflow_run": run | more}


@dataclass
class Step:
    """One step: its inputs and its event; afterwards its outputs, its summary and its log."""

    folder: Path
    github: GitHub
    monkeypatch: pytest.MonkeyPatch
    capfd: pytest.CaptureFixture[str]
    event: dict[str, Any] = field(default_factory=workflow_run)
    event_name: str = "workflow_run"
    log: str = ""

    def run(self, mode: str, **inputs: object) -> int:
        """Run a mode in this process, as the action does in its own."""
        for name, value in self.environment(**inputs).items():
            self.monkeypatch.setenv(name, value)
        code = main([mode])
        self.log = self.capfd.readouterr().out
        return code

    def environment(self, **inputs: object) -> dict[str, str]:
        (self.folder / "event.json").write_text(json.dumps(self.event))
        return {
            "GITHUB_API_URL": self.github.address,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_EVENT_NAME": self.event_name,
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "RUNNER_TEMP": str(self.folder),
        } | {f"KEYWRIGHT_{name.upper()}": str(value) for name, value in inputs.items()}

    @property
    def outputs(self) -> dict[str, str]:
        file = self.folder / "output"
        lines = file.read_text().splitlines() if file.exists() else []
        return dict(line.split("=", 1) for line in lines)

    @property
    def summary(self) -> str:
        return (self.folder / "summary").read_text()

    def leave(self, name: str, content: str) -> None:
        """Leave a file as the job of the review does."""
        (self.folder / "keywright").mkdir(exist_ok=True)
        (self.folder / "keywright" / name).write_text(content)


@pytest.fixture
def github() -> Iterator[GitHub]:
    """Give GitHub with one open pull request, and nothing else."""
    with serving(GitHub()) as github:
        yield github


@pytest.fixture
def step(
    tmp_path: Path, github: GitHub, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Step:
    return Step(tmp_path, github, monkeypatch, capfd)
