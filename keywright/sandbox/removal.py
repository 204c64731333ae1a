"""Removes a sandbox: its processes and its folder, in whatever state they are."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from keywright.sandbox.account import STOP_SECONDS, Sandbox, SandboxError
from keywright.sandbox.processes import server_processes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def remove(state: Path, patience: float = STOP_SECONDS) -> Iterator[str]:
    """Stop the sandbox and remove its folder; yield what was done. After `patience` seconds it is killed.

    Raises:
        SandboxError: Its processes could not be ended, or its folder not removed. All the rest was done.
    """
    processes = server_processes(state)
    refused = None
    if processes:
        yield f"stopping the sandbox (process {', '.join(map(str, processes))})"
    try:
        if Sandbox(state, "", "").stop(patience):
            yield f"it did not end within {patience:g} seconds and was killed"
    except SandboxError as error:
        refused = error
    yield _removed(state, "" if processes else "no sandbox was running; ")
    if refused is not None:
        raise refused


def _removed(state: Path, before: str) -> str:
    if state.is_symlink():
        state.unlink()
    elif not state.exists():
        return f"{before}there is no {state}"
    else:
        _remove_folder(state)
    return f"{before}removed {state}"


def _remove_folder(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise SandboxError(
            f"{folder}: not all of it was removed; found {error.filename}: {(error.strerror or str(error)).lower()}; "
            "accepted: a folder that this user can delete"
        ) from error
