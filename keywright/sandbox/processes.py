"""The processes of a sandbox, found by their command lines: a file with a process id can be lost, damaged or out of date."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

SERVER = "keywright.sandbox.server"
"""The module that the emulator's process runs; its first argument is the folder of the sandbox."""
_PROCESSES = Path("/proc")
_POLL_SECONDS = 0.02


def server_command(python: str, state: Path, *arguments: str) -> list[str]:
    """Give the command that starts the emulator of a sandbox."""
    return [python, "-m", SERVER, str(state.resolve()), *arguments]


def server_processes(state: Path) -> list[int]:
    """List the processes that run the emulator of the sandbox in a folder."""
    wanted = server_command("", state)[1:]
    return [process for process, words in _commands() if words[1 : 1 + len(wanted)] == wanted]


def _commands() -> list[tuple[int, list[str]]]:
    """List all processes with the words of their commands."""
    if not _PROCESSES.is_dir():
        return _commands_by_ps()
    found = []
    for folder in _PROCESSES.iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes().decode(errors="surrogateescape")
            except OSError:
                continue  # it has ended meanwhile
            found.append((int(folder.name), words.split("\0")))
    return found


def _commands_by_ps() -> list[tuple[int, list[str]]]:
    """List them where there is no /proc, as on macOS; a folder with spaces in its name is not recognized there."""
    done = subprocess.run(["ps", "-axww", "-o", "pid=,command="], capture_output=True, text=True, check=False)  # noqa: S607 - the system's own program
    lines = (line.split() for line in done.stdout.splitlines() if line.strip())
    return [(int(process), words) for process, *words in lines]


def end_server(state: Path, patience: float) -> list[int]:
    """End the emulator of a sandbox with the processes that it started; after `patience` seconds kill those that still run.

    Returns:
        The processes that had to be killed.

    Raises:
        PermissionError: They are another user's.
    """
    _signal_all(state, signal.SIGTERM)
    if has_ended(state, patience):
        return []
    killed = _signal_all(state, signal.SIGKILL)
    has_ended(state, patience)
    return killed


def _signal_all(state: Path, number: signal.Signals) -> list[int]:
    reached = []
    for process in server_processes(state):
        try:
            # It leads a group with the functions that it runs; while it is starting, it is still in the caller's group.
            if number is signal.SIGKILL and os.getpgid(process) == process:
                os.killpg(process, number)
            else:
                os.kill(process, number)
        except ProcessLookupError:
            continue
        reached.append(process)
    return reached


def has_ended(state: Path, seconds: float) -> bool:
    """Wait until no process runs the emulator of the sandbox in a folder; tell whether that is so."""
    deadline = time.monotonic() + seconds
    while server_processes(state):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
