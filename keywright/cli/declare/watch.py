"""Run something again whenever a folder of declarations changes, until it is interrupted."""

import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import typer

BEAT = 100
"""Milliseconds to the first judgement: it waits until watching has begun, or a change in between would be missed."""
INTERRUPTED = 130
"""What a shell gives for a command that was interrupted: 128 and the number of the signal."""
CLEAR = "\x1b[2J\x1b[H"


def watched(folder: Path, judge: Callable[[], int]) -> int:
    """Judge now and after each change of a file in the folder; give the last exit code when interrupted.

    Changes that come together are judged once. A folder that is not there can't be watched: it is judged once. Who
    interrupts before anything was judged gets what a shell gives for an interruption.
    """
    from watchfiles import watch

    if not folder.is_dir():
        return judge()
    code = None
    with suppress(KeyboardInterrupt):
        for changes in watch(folder, debounce=200, step=20, rust_timeout=BEAT, yield_on_timeout=True):
            if changes or code is None:
                _clear()
                code = judge()
                _announce(folder)
    return INTERRUPTED if code is None else code


def _clear() -> None:
    """A terminal is cleared before each judgement, anything else keeps what was said before."""
    if sys.stdout.isatty():
        sys.stdout.write(CLEAR)


def _announce(folder: Path) -> None:
    sys.stdout.flush()
    said = f"{datetime.now(UTC):%H:%M:%S} UTC; watching {folder.as_posix()}, Ctrl-C ends"
    typer.echo(typer.style(said, dim=True), err=True)
