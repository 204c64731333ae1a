"""The states of a rotation: a new key beside the old one, then the old one asleep, then the old one gone.

One step is one deployment, so that there are never three keys, and never a moment in which the only key that an
application knows is taken away ("Update access keys", AWS Identity and Access Management User Guide).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from keywright.model.access_key import AccessKey


@dataclass(frozen=True, slots=True)
class Add:
    """A new key is due, beside the one that stands at `beside`."""

    serial: int
    issued: date
    beside: int


@dataclass(frozen=True, slots=True)
class Sleep:
    """The older key, which stands at `index`, is to be inactive; it can still be woken."""

    serial: int
    index: int


@dataclass(frozen=True, slots=True)
class Remove:
    """The older key, which stands at `index`, has slept and is to go."""

    serial: int
    index: int


@dataclass(frozen=True, slots=True)
class Stuck:
    """No next step is safe: why, what was found, and what would be accepted."""

    message: str
    found: str
    accepted: str


Step = Add | Sleep | Remove


def next_step(user: str, keys: Sequence[AccessKey], today: date, *, same_day: bool = False) -> Step | Stuck:
    """Tell the next step for a user's keys, at most two, in any order.

    A new key must be deployed and handed over before the old one sleeps; that takes a later day than the one it was
    issued on, unless `same_day` says that it has happened.
    """
    if not keys:
        return Stuck(f"user `{user}` has no key to rotate", "no `access_keys`", "an application with a key")
    order = sorted(range(len(keys)), key=lambda index: keys[index].serial)
    older, newer = keys[order[0]], keys[order[-1]]
    if newer.status == "inactive":
        woken = f"`status: active` for key {newer.serial}"
        more = ", or the key taken away by hand" if older.status == "active" else ""
        return Stuck(f"the newest key of user `{user}` is inactive", f"key {newer.serial}", woken + more)
    if len(keys) == 1:
        return Add(newer.serial + 1, today, order[0])
    if older.status == "inactive":
        return Remove(older.serial, order[0])
    if newer.issued >= today and not same_day:
        return Stuck(
            f"key {newer.serial} of user `{user}` is too new for key {older.serial} to sleep",
            f"`issued: {newer.issued}`",
            "a later day, when the new key is deployed and in use; or `--same-day` if it is already",
        )
    return Sleep(older.serial, order[0])
