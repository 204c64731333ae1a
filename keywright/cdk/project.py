"""A CDK project: the folder with `cdk.json`, the command of its app, and the context that the CDK passes to it."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def app_command(project: Path, installed: Path | None = None) -> str | None:
    """Give the app's command, or None without one.

    A program that is installed in the folder `installed`, as in its `.venv`, and not in the project is run from there.
    """
    command = _settings(project / "cdk.json").get("app")
    if not isinstance(command, str) or not command.strip():
        return None
    try:
        program, *_ = shlex.split(command)
    except ValueError:
        return command
    beside = (installed or project) / program
    if "/" in program and not (project / program).exists() and beside.exists():
        return command.replace(program, shlex.quote(str(beside)), 1)
    return command


def context_of(project: Path) -> dict[str, object]:
    """Give the context of `cdk.context.json` and `cdk.json`; the latter wins."""
    declared = _settings(project / "cdk.json").get("context")
    return {
        **_settings(project / "cdk.context.json"),
        **(declared if isinstance(declared, dict) else {}),
    }


def _settings(file: Path) -> Mapping[str, object]:
    """Read a JSON object; empty if there is none."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
