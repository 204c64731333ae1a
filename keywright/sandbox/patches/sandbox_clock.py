"""The sandbox's clock: this machine's time plus an offset that a test can set, and the reset of the whole sandbox.

`aws:CurrentTime`, `aws:EpochTime`, MFA codes and the age of MFA and passwords use this clock. Signatures and the
expiration of temporary credentials use this machine's time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from keywright.sandbox.client.control import ControlRefused
from keywright.sandbox.patches import hooks
from keywright.sandbox.patches.hooks import on_reset

_moved = timedelta()


def now() -> datetime:
    """Give the time in the sandbox."""
    return datetime.now(UTC) + _moved


def set_time(instant: datetime) -> None:
    """Set the sandbox's clock, which runs on from there."""
    global _moved  # noqa: PLW0603 - the one clock of the one account
    _moved = instant - datetime.now(UTC)


def unset() -> None:
    """Reset the clock to this machine's time."""
    set_time(datetime.now(UTC))


def register() -> None:
    """Reset the clock when the sandbox is reset."""
    on_reset(unset)


def answer_reset(_question: dict[str, Any]) -> dict[str, Any]:
    """Delete everything in every account."""
    hooks.reset()
    return {}


def answer_clock(question: dict[str, Any]) -> dict[str, Any]:
    """Give the time in the sandbox, after setting it (`now`: an instant) or unsetting it (`now`: null)."""
    if "now" in question:
        if question["now"] is None:
            unset()
        else:
            set_time(_instant(question["now"]))
    return {"now": now().isoformat()}


def _instant(value: str) -> datetime:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        instant = None
    # Without a time zone it would mean another instant on each machine.
    if instant is None or instant.tzinfo is None:
        raise ControlRefused("InvalidTime", f"an instant with its time zone is expected; found `{value}`")
    return instant
