"""Runs programs so that an interrupted command leaves none of them behind."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_PATIENCE = 10
"""Seconds that an interrupted program has to end."""


@contextmanager
def started(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], *, apart: bool, **options: Any
) -> Iterator[subprocess.Popen[str]]:
    """Run a program until it ends; if the block is left by an exception, such as Ctrl-C, end the program first.

    Programs that it starts end too if it is `apart`, in a process group of its own. Such a program cannot read from the
    terminal.
    """
    with subprocess.Popen(  # noqa: S603 - the callers' commands are programs of the project
        command,
        cwd=folder,
        env=dict(environment),
        text=True,
        process_group=0 if apart else None,
        **options,
    ) as process:
        try:
            yield process
            process.wait()
        except BaseException:
            _end(process, apart=apart)
            raise


def _end(process: subprocess.Popen[str], *, apart: bool) -> None:
    """Interrupt a program as Ctrl-C does; kill it if it does not end in time, or at a second Ctrl-C."""
    try:
        # Apart, it may have started Python, which prints a traceback when it is interrupted.
        _send(process, signal.SIGTERM if apart else signal.SIGINT, apart=apart)
        process.wait(_PATIENCE)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        _send(process, signal.SIGKILL, apart=apart)
        process.wait()


def _send(process: subprocess.Popen[str], number: signal.Signals, *, apart: bool) -> None:
    if apart:
        with suppress(ProcessLookupError):  # all of them have ended
            os.killpg(process.pid, number)
    else:
        process.send_signal(number)
