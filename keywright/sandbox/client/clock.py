"""Sets the sandbox's clock, so that a test can let a time-bound membership end."""

from __future__ import annotations

from datetime import datetime, timedelta

from keywright.sandbox.client.control import ask


def now(endpoint: str) -> datetime:
    """Give the sandbox's time."""
    return datetime.fromisoformat(ask(endpoint, "clock")["now"])


def set_time(endpoint: str, instant: datetime) -> None:
    """Set the sandbox's clock, which runs on from there; `instant` must have a time zone."""
    ask(endpoint, "clock", now=instant.isoformat())


def advance(endpoint: str, by: timedelta) -> None:
    """Advance the sandbox's clock."""
    set_time(endpoint, now(endpoint) + by)


def unset(endpoint: str) -> None:
    """Reset the sandbox's clock to this machine's time."""
    ask(endpoint, "clock", now=None)
