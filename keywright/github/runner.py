"""The runner of a workflow: inputs, outputs, the job summary, the log, and programs without the job's secrets.

Source: "Workflow commands for GitHub Actions" and "Store information in variables", GitHub's documentation.
"""

from __future__ import annotations

import json
import re
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keywright.reporting.exit_codes import FINDINGS, GOOD, UNDECIDED, UNUSABLE
from keywright.reporting.text import on_one_line, printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SECONDS = 300
"""How long a command may read what a pull request made."""
_LARGEST_SUMMARY = 900_000
"""Bytes of a summary; GitHub refuses more than a mebibyte for each step."""
_LARGEST_EVENT = 32 * 1024 * 1024
_PREFIX = "KEYWRIGHT_"
_SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|CREDENTIAL|^(ACTIONS|GITHUB|INPUT|AWS|KEYWRIGHT)_|^PYTHONPATH$")
_BACKTICKS = re.compile("`+")


class InputError(Exception):
    """An input that the caller of the action gave can't be used."""


@dataclass(frozen=True)
class Completed:
    """What a command of Keywright left."""

    code: int
    output: str
    errors: str


@dataclass(frozen=True)
class Runner:
    """The environment of one step."""

    environment: Mapping[str, str]

    # Inputs

    def given(self, name: str, default: str = "") -> str:
        """Give an input of the action, without spaces around it."""
        return self.environment.get(_PREFIX + name.upper().replace("-", "_"), "").strip() or default

    def is_set(self, name: str) -> bool:
        """Give an input that is `true` or `false`."""
        value = self.given(name, "false")
        if value not in {"true", "false"}:
            raise InputError(
                f"the input `{name}` is neither true nor false; found `{value}`; accepted: `true`, `false`"
            )
        return value == "true"

    def lines(self, name: str) -> list[str]:
        """Give an input that has a value on each line."""
        return [line.strip() for line in self.given(name).splitlines() if line.strip()]

    def folder(self) -> Path:
        """Give the folder for the files of the action, outside of the checkout."""
        folder = Path(self.variable("RUNNER_TEMP")) / "keywright"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def event_name(self) -> str:
        """The event that started the workflow, such as `pull_request`."""
        return self.variable("GITHUB_EVENT_NAME")

    def event(self) -> dict[str, Any]:
        """Read the event that started the workflow, as GitHub describes it."""
        file = Path(self.variable("GITHUB_EVENT_PATH"))
        with file.open("rb") as stream:
            event = json.loads(stream.read(_LARGEST_EVENT))
        return event if isinstance(event, dict) else {}

    def variable(self, name: str) -> str:
        """Give a variable that GitHub sets."""
        value = self.environment.get(name, "")
        if not value:
            raise InputError(f"the variable `{name}` is not set; accepted: a step of a GitHub workflow")
        return value

    # Outputs

    def output(self, **values: object) -> None:
        """Set outputs of the step."""
        lines = []
        for name, value in values.items():
            text = str(value)
            if not text.isprintable():  # a line end would set another output
                raise InputError(f"the output `{name}` has a control character; found `{printable(text)}`")
            lines.append(f"{name.replace('_', '-')}={text}\n")
        self._append("GITHUB_OUTPUT", "".join(lines))

    def summary(self, markdown: str) -> None:
        """Add to the summary of the job."""
        text = markdown.encode()[:_LARGEST_SUMMARY].decode(errors="ignore")
        self._append("GITHUB_STEP_SUMMARY", f"{text}\n")

    def _append(self, variable: str, text: str) -> None:
        file = self.environment.get(variable, "")
        if file:
            with Path(file).open("a", encoding="utf-8") as stream:
                stream.write(text)

    # The log

    def notice(self, message: str) -> None:
        """Annotate the run with a notice."""
        self._annotate("notice", message)

    def error(self, message: str) -> None:
        """Annotate the run with an error."""
        self._annotate("error", message)

    def _annotate(self, command: str, message: str) -> None:
        print(f"::{command}::{on_one_line(message).replace('%', '%25')}", flush=True)

    def log(self, text: str) -> None:
        """Write text of others to the log, where the runner takes no command from it."""
        if text.strip():
            # The runner obeys `::command::` at the start of any line until it is told a word that ends the pause.
            word = secrets.token_hex(16)
            print(f"::stop-commands::{word}\n{printable(text.rstrip())}\n::{word}::", flush=True)

    # Commands

    def keywright(self, *words: str) -> Completed:
        """Run a command of Keywright in this folder, without the secrets of the job."""
        kept = {name: value for name, value in self.environment.items() if not _SECRET.search(name)}
        command: Sequence[str] = (sys.executable, "-P", "-m", "keywright", *words)
        try:
            done = subprocess.run(  # noqa: S603 - the words are arguments, no shell reads them
                command, env=kept, capture_output=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            return Completed(UNUSABLE, "", f"stopped after {SECONDS} seconds")
        known = {GOOD, FINDINGS, UNUSABLE, UNDECIDED}  # all others are a failure, such as a signal
        return Completed(
            done.returncode if done.returncode in known else UNUSABLE,
            done.stdout.decode(errors="replace"),
            done.stderr.decode(errors="replace"),
        )


def verdict_of(code: int, findings: str, good: str) -> str:
    """Name an exit code."""
    return {GOOD: good, FINDINGS: findings, UNDECIDED: "undecided"}.get(code, "unusable")


def fenced(text: str) -> str:
    """Write text of others as a block of code that it can't end."""
    longest = max((len(each) for each in _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{printable(text.rstrip())}\n{fence}"
