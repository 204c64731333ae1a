"""Run the commands of a page in one shell session, in a copy of the checkout, and record everything.

`keywright` with plain words runs in this process, where all that it loads is loaded already, and so does a synthesis of whose
words the page shows none; whatever a shell or an account has a part in, the shell runs.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import uuid
from contextlib import chdir, suppress
from dataclasses import dataclass
from pathlib import Path

from access_stacks import app
from tests.howto.page import Edit, Run, Write
from tests.unit.cli.in_process import keywright

COPIED = (".github", "access", "examples")
SKIPPED = (".git", ".sandbox", "cdk.out", *COPIED)
_SYNTHESIS = re.compile(
    r"CDK_OUTDIR=cdk\.out \.venv/bin/python app\.py"
    r"|(?P<cli>\.venv/bin/cdk synth --quiet)( --no-notices)?( --context access=(?P<access>\S+))?( --output (?P<output>\S+))?"
)
OPERATING = ("verify", "deploy", "up", "down", "snapshot")
"""Commands of `keywright` that start programs or talk to an account."""
PATIENCE = 600
"""Seconds after which the session of a page times out."""


@dataclass(frozen=True)
class Seen:
    """What a step printed, and its exit code; -1 where the session ended before it did."""

    printed: str
    code: int


def checkout(root, folder):
    """Make a folder that looks like the checkout: what a reader edits is a copy, all else a link."""
    for entry in root.iterdir():
        if entry.name in COPIED:
            ignored = shutil.ignore_patterns("cdk.out", "__pycache__")
            shutil.copytree(entry, folder / entry.name, ignore=ignored)
        elif entry.name not in SKIPPED:
            (folder / entry.name).symlink_to(entry)
    return folder


def follow(steps, *, root, folder, environment):
    """Run the steps in one shell session, each whatever the result of the one before, and return each result."""
    with Session(folder, _environment(root, folder, environment)) as session:
        return [_done(step, session, folder, has_account=bool(environment)) for step in steps]


def _done(step, session, folder, *, has_account):
    is_here = isinstance(step, Run) and not has_account and not session.moved
    variables = synthesis(step, folder) if is_here else {}
    if variables:
        with chdir(folder):
            return Seen("", app.run(variables))
    words = plain_words(step)
    if not words or session.moved:
        return session.run(_words(step, session.mark))
    done = keywright(*words, folder=folder)
    return Seen(done.output.decode(), done.returncode)


def plain_words(step):
    """Return the arguments of `keywright`, or nothing where the command needs a shell or an account."""
    if not isinstance(step, Run) or set(step.command) & set("|&;<>()$`*?[#~={}!\\\n"):
        return []
    command, *words = shlex.split(step.command)
    return words if command in {"keywright", ".venv/bin/keywright"} and words[0] not in OPERATING else []


def synthesis(step, folder):
    """Return the environment of `app.py`, or nothing where the command is no synthesis, or its output is shown."""
    found = _SYNTHESIS.fullmatch(step.command)
    if not found or step.expected not in ([], ["…"]):
        return {}
    context = {"access": found["access"] or "access"}
    if found["cli"]:
        context |= json.loads((folder / "cdk.json").read_text(encoding="utf-8"))["context"]
    return {
        "CDK_OUTDIR": str(folder / (found["output"] or "cdk.out")),
        "CDK_CONTEXT_JSON": json.dumps(context),
    }


class Session:
    """One shell, which does one thing after the other."""

    def __init__(self, folder, environment):
        self.mark = uuid.uuid4().hex
        self.moved = False
        self._shell = subprocess.Popen(
            ["bash"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._hanging = threading.Timer(PATIENCE, self._shell.kill)

    def __enter__(self):
        self._hanging.start()
        return self

    def __exit__(self, *_):
        self._hanging.cancel()
        with suppress(BrokenPipeError):  # the page ended the session itself
            self._shell.stdin.close()
        self._shell.wait()
        self._shell.stdout.close()

    def run(self, words):
        """Run it, and return what it printed."""
        self.moved |= words.startswith("cd ")
        printed = ""
        try:
            self._shell.stdin.write(f"{words}\nprintf '\\n{self.mark} %s\\n' $?\n")
            self._shell.stdin.flush()
        except BrokenPipeError:
            return Seen("", -1)
        for line in self._shell.stdout:
            if line.startswith(f"{self.mark} "):
                return Seen(printed.removesuffix("\n"), int(line.split()[1]))
            printed += line
        return Seen(printed, -1)


def _words(step, mark):
    match step:
        case Run():
            return step.command
        case Write():
            return (
                f"mkdir -p \"$(dirname '{step.path}')\" && cat > '{step.path}' <<'{mark}'\n{step.text}{mark}"
            )
        case Edit():
            return f"'{sys.executable}' -m tests.howto.edit '{step.path}' <<'{mark}'\n{step.text}{mark}"


def _environment(root, folder, more):
    home = folder / ".reader"
    home.mkdir()
    command = home / "aws"
    command.write_text(
        f"#!/bin/sh\nexec '{sys.executable}' -m tests.howto.aws_command \"$@\"\n", encoding="utf-8"
    )
    command.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    return kept | {
        "PATH": os.pathsep.join((str(home), str(root / ".venv" / "bin"), os.environ["PATH"])),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "CDK_HOME": str(home / "cdk"),
        "CDK_VALIDATION": "false",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "NO_COLOR": "1",
        **more,
    }
