"""The command line in this process: as a shell would run it, without half a second for each start."""

from __future__ import annotations

from contextlib import chdir
from dataclasses import dataclass
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from keywright.cli.main import app

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Done:
    """What a command left with."""

    returncode: int
    stdout: bytes
    stderr: bytes
    output: bytes
    """Both, as a terminal shows them."""


def keywright(
    *words: str,
    data: bytes = b"",
    folder: object = ".",
    environment: Mapping[str, str | None] | None = None,
) -> Done:
    """Run a verb in a folder, and raise any unexpected exception."""
    with chdir(folder):
        done = CliRunner().invoke(app, list(words), input=data, env=environment)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Done(done.exit_code, done.stdout_bytes, done.stderr_bytes, done.output_bytes)
