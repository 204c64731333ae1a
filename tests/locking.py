"""Declarations of a test, with their actions locked as a user would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typer.testing import CliRunner

from keywright.cli.main import app

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path


def lock(folder: Path, today: date) -> None:
    """Write the lock file of a folder, where its declarations can be read."""
    CliRunner().invoke(app, ["lock", str(folder), "--today", today.isoformat()])
