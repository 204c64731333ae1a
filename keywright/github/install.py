"""The mode `install`: Keywright in a virtual environment of its own, from the action's commit or a release.

From the commit, every byte is pinned by the digest that the caller wrote: the dependencies have hashes in the same commit.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from keywright.github.runner import InputError
from keywright.reporting.exit_codes import GOOD

if TYPE_CHECKING:
    from keywright.github.runner import Runner

REQUIREMENTS = Path(".github/action/requirements.txt")
_RELEASE = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){0,3}((a|b|rc)[0-9]{1,6})?")


def run(runner: Runner) -> int:
    """Create the environment and set the output `python`."""
    root = Path(__file__).resolve().parents[2]
    release = runner.given("version")
    if release and not _RELEASE.fullmatch(release):
        raise InputError(
            f"the input `version` is not a release; found `{release}`; accepted: a version such as `1.2.0`"
        )
    folder = runner.folder() / "environment"
    python = folder / "bin" / "python"
    pip = [
        str(python),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--quiet",
        "--no-input",
        "install",
        "--no-compile",
    ]
    commands = [[sys.executable, "-m", "venv", str(folder)]]
    if release:
        commands += [[*pip, f"keywright=={release}"]]
    else:
        commands += [
            [*pip, "--require-hashes", "--no-deps", "--requirement", str(root / REQUIREMENTS)],
            [*pip, "--no-build-isolation", "--no-deps", str(root)],
        ]
    for command in commands:
        done = subprocess.run(command, check=False)  # noqa: S603 - the words are arguments, no shell reads them
        if done.returncode:
            raise InputError(f"Keywright can't be installed; `{' '.join(command[1:4])}` failed")
    runner.output(python=python)
    return GOOD
