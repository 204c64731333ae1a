"""Long-term keys grow old, and two of them are one too many after a while."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from keywright.finding import Finding, Severity
from keywright.model.access_key import OLDEST, OVERLAP
from keywright.model.day import NOTICE, has_passed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.access_key import AccessKey
    from keywright.model.draft import Draft
    from keywright.model.user import Application

_AHEAD = timedelta(days=1)
"""How far a day may lie ahead of ours and still be somebody's today."""


def check(draft: Draft) -> Iterator[Finding]:
    """Warn of keys too old, of two active past their overlap, and of applications whose review is due."""
    for name, user in draft.users.items():
        active = [(index, key) for index, key in enumerate(user.access_keys) if key.status == "active"]
        for index, key in active:
            yield from _age(draft, name, index, key)
        yield from _overlap(draft, name, active)
        if user.application is not None:
            yield from _review(draft, name, user.application)


def _age(draft: Draft, name: str, index: int, key: AccessKey) -> Iterator[Finding]:
    age = draft.today - key.issued
    path = ("users", name, "access_keys", index, "issued")
    if age > OLDEST:
        message = f"key {key.serial} of user `{name}` is {age.days} days old"
        accepted = f"at most {OLDEST.days} days: `keywright rotate {name}`"
        yield draft.finding(message, f"`{key.issued}`", accepted, at=path, severity=Severity.WARNING)
    elif -age > _AHEAD:
        message = f"key {key.serial} of user `{name}` is issued in the future"
        yield draft.finding(
            message, f"`{key.issued}`", "the day it is deployed", at=path, severity=Severity.WARNING
        )


def _overlap(draft: Draft, name: str, active: list[tuple[int, AccessKey]]) -> Iterator[Finding]:
    if len(active) < 2:  # noqa: PLR2004 - two keys are the fewest that overlap
        return
    (index, older), (_, newer) = sorted(active, key=lambda pair: pair[1].serial)
    end = newer.issued + OVERLAP
    if has_passed(end, draft.today):
        yield draft.finding(
            f"user `{name}` has two active keys for longer than {OVERLAP.days} days",
            f"key {older.serial} beside key {newer.serial} of {newer.issued}",
            f"`status: inactive` for key {older.serial} since {end + _AHEAD}",
            at=("users", name, "access_keys", index, "serial"),
            severity=Severity.WARNING,
        )


def _review(draft: Draft, name: str, application: Application) -> Iterator[Finding]:
    path = ("users", name, "application", "review")
    found = f"`{application.review}`"
    if has_passed(application.review, draft.today):
        yield draft.finding(
            f"the review of application `{name}` is past",
            found,
            "a later day, once it is clear that still no role will do",
            at=path,
            severity=Severity.WARNING,
        )
    elif application.review - draft.today <= NOTICE:
        message = (
            f"the review of application `{name}` is due in {(application.review - draft.today).days} days"
        )
        yield draft.finding(message, found, "the review until then", at=path, severity=Severity.ADVICE)
