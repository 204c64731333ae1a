"""Tell the sandbox what time it is, so that a test can let a time-bound membership end."""

from __future__ import annotations

from datetime import datetime, timedelta

from sandbox.client.control import ask


def now(endpoint: str) -> datetime:
    """Tell the time in the sandbox."""
    return datetime.fromisoformat(ask(endpoint, "clock")["now"])


def set_time(endpoint: str, instant: datetime) -> None:
    """Make it that time in the sandbox; it runs on from there. `instant` must carry its time zone."""
    ask(endpoint, "clock", now=instant.isoformat())


def advance(endpoint: str, by: timedelta) -> None:
    """Move the sandbox's time."""
    set_time(endpoint, now(endpoint) + by)


def unset(endpoint: str) -> None:
    """Let the sandbox go by this machine's time again."""
    ask(endpoint, "clock", now=None)
