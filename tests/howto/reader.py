"""Somebody who reads a page at a shell: one session, in a copy of the checkout, everything written down."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

from tests.howto.page import Edit, Run, Write

COPIED = ("access", "examples")
SKIPPED = (".git", ".sandbox", "cdk.out", *COPIED)
PATIENCE = 600
"""Seconds after which a page counts as hanging."""


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
    """Do the steps in one shell session, each whatever came of the one before, and tell what was seen of each."""
    mark = uuid.uuid4().hex
    script = ["exec 2>&1", *(f"{_words(step, mark)}\nprintf '\\n{mark} %s\\n' $?" for step in steps)]
    done = subprocess.run(
        ["bash"],
        input="\n".join(script) + "\n",
        cwd=folder,
        env=_environment(root, folder, environment),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    seen, rest = [], done.stdout
    for _ in steps:
        printed, found, rest = rest.partition(f"\n{mark} ")
        code, _, rest = rest.partition("\n")
        seen.append(Seen(printed, int(code) if found else -1))
    return seen


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
