"""What time it is in the sandbox: this machine's time, moved by as much as somebody asked for.

It is what `aws:CurrentTime`, `aws:EpochTime`, MFA codes and MFA age go by. Signatures, and the end of
temporary credentials, go by this machine's time as ever.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sandbox.repairs.seams import on_reset

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
