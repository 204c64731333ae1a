"""Long-term keys grow old, two of them are one too many after a while, and somebody has to read them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from keywright.model.fields.dates import NOTICE, has_passed
from keywright.model.people.access_keys import OVERLAP, KeyRules
from keywright.policy.matching.arn import partition_of
from keywright.reporting.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.account.settings import Account
    from keywright.model.draft import Draft
    from keywright.model.people.access_keys import AccessKey
    from keywright.model.people.users import Application, User
    from keywright.reporting.finding import Finding


_AHEAD = timedelta(days=1)
"""How far a day may lie ahead of ours and still be somebody's today."""


def check_access_keys(draft: Draft) -> Iterator[Finding]:
    """Warn of keys too old, of two active past their overlap, and of applications whose review is due."""
    for name, user in draft.declared.users.items():
        active = [(index, key) for index, key in enumerate(user.access_keys) if key.status == "active"]
        for index, key in active:
            yield from _age(draft, name, index, key, len(active))
        yield from _overlap(draft, name, active)
        if user.application is not None:
            yield from _review(draft, name, user.application)
            yield from _readers(draft, name, user, user.application)


def _age(draft: Draft, name: str, index: int, key: AccessKey, active: int) -> Iterator[Finding]:
    age = draft.today - key.issued
    limit = oldest(draft.account, draft.declared.users[name])
    left = limit - age.days
    path = ("users", name, "access_keys", index, "issued")
    accepted = f"at most {limit} days: `keywright rotate {name}`"
    if left < 0:
        message = f"key {key.serial} of user `{name}` is {age.days} days old"
        yield draft.finding(message, f"`{key.issued}`", accepted, at=path, severity=Severity.WARNING)
    elif left <= NOTICE.days and active == 1:
        message = f"key {key.serial} of user `{name}` is too old in {left + 1} days"
        yield draft.finding(message, f"`{key.issued}`", accepted, at=path, severity=Severity.ADVICE)
    elif -age > _AHEAD:
        message = f"key {key.serial} of user `{name}` is issued in the future"
        yield draft.finding(
            message, f"`{key.issued}`", "the day it is deployed", at=path, severity=Severity.WARNING
        )


def oldest(account: Account | None, user: User) -> int:
    """Give after how many days a user's keys must be replaced."""
    if user.application is not None and user.application.maximum_age is not None:
        return user.application.maximum_age.days
    return (account.access_keys if account is not None else KeyRules()).maximum_age


def _readers(draft: Draft, name: str, user: User, application: Application) -> Iterator[Finding]:
    if not user.access_keys or draft.account is None:
        return
    if application.readers is None and draft.account.handover is None:
        yield draft.finding(
            f"nobody who is declared may read the keys of application `{name}`",
            "no `readers`, and no `handover` of the account",
            "`readers` with a group or role, or `handover` with the group that hands keys over",
            at=("users", name, "application"),
            severity=Severity.WARNING,
        )
    ours = f"arn:{partition_of(draft.account.region)}:iam::{draft.account.id}:"
    for index, reader in enumerate(application.readers or ()):
        if reader.startswith("arn:") and not reader.startswith(ours):
            yield draft.finding(
                f"a reader of the keys of application `{name}` is of another account",
                f"`{reader}`",
                f"an ARN that begins with `{ours}`",
                at=("users", name, "application", "readers", index),
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


def check_self_service(draft: Draft) -> Iterator[Finding]:
    """Refuse software, and people who never sign in, in a group whose members make access keys of their own."""
    for name, user in draft.declared.users.items():
        for index, membership in enumerate(user.groups):
            group = draft.declared.groups.get(membership.name)
            if user.existing or group is None or group.self_service is None:
                continue
            what = f"group `{membership.name}`, whose members make access keys of their own"
            at = ("users", name, "groups", index, "name")
            if user.application is not None:
                yield draft.finding(
                    f"user `{name}` is an application in {what}",
                    f"`{membership.name}`",
                    "`access_keys` of the application, in another group",
                    at=at,
                )
            elif user.person is not None and not user.console:
                yield draft.finding(
                    f"user `{name}` never signs in, and is in {what}",
                    "no `console`",
                    "`console: true`, or another group",
                    at=at,
                )
