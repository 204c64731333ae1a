"""What the sandbox answers beside AWS's own APIs, by the subject of the control request."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sandbox.control import ControlRefused
from sandbox.repairs import sandbox_time, seams


def reset(_question: dict[str, Any]) -> dict[str, Any]:
    """Forget everything in every account."""
    seams.reset()
    return {}


def clock(question: dict[str, Any]) -> dict[str, Any]:
    """Tell the time in the sandbox, after setting it (`now`: an instant) or unsetting it (`now`: null)."""
    if "now" in question:
        if question["now"] is None:
            sandbox_time.unset()
        else:
            sandbox_time.set_time(_instant(question["now"]))
    return {"now": sandbox_time.now().isoformat()}


def _instant(value: str) -> datetime:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise ControlRefused("InvalidTime", f"an instant with its time zone is expected; found `{value}`")
    return instant
