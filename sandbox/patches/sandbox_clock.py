"""The sandbox's clock: this machine's time plus an offset that a test can set, and the reset of the whole sandbox.

`aws:CurrentTime`, `aws:EpochTime`, MFA codes and the age of MFA and passwords use this clock. Signatures and the
expiration of temporary credentials use this machine's time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.client.control import ControlRefused
from sandbox.patches import hooks
from sandbox.patches.hooks import on_reset

_moved = timedelta()


def now() -> datetime:
    """Tell the time in the sandbox."""
    return datetime.now(UTC) + _moved


def set_time(instant: datetime) -> None:
    """Make it that time in the sandbox; it runs on from there."""
    global _moved  # noqa: PLW0603 - the one clock of the one account
    _moved = instant - datetime.now(UTC)


def unset() -> None:
    """Go by this machine's time again."""
    set_time(datetime.now(UTC))


def register() -> None:
    """Have a reset of the sandbox reset its clock."""
    on_reset(unset)


def answer_reset(_question: dict[str, Any]) -> dict[str, Any]:
    """Forget everything in every account."""
    hooks.reset()
    return {}


def answer_clock(question: dict[str, Any]) -> dict[str, Any]:
    """Tell the time in the sandbox, after setting it (`now`: an instant) or unsetting it (`now`: null)."""
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
