"""Long-term access keys: their age, the overlap of two, who can read them, and who makes their own."""

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
"""A date one day ahead may be today in another time zone."""


def check_access_keys(draft: Draft) -> Iterator[Finding]:
    """Warn of keys that are too old, of two active keys after their overlap, and of reviews that are due."""
    for name, user in draft.declared.users.items():
        active = [(index, key) for index, key in enumerate(user.access_keys) if key.status == "active"]
        for index, key in enumerate(user.access_keys):
            yield from _future(draft, name, index, key)
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
    # Only a warning, because a date must not block a deployment.
    if left < 0:
        message = f"key {key.serial} of user `{name}` is {age.days} days old"
        yield draft.finding(message, f"`{key.issued}`", accepted, at=path, severity=Severity.WARNING)
    # With two active keys, a rotation is under way already.
    elif left <= NOTICE.days and active == 1:
        message = f"key {key.serial} of user `{name}` will be too old in {left + 1} days"
        yield draft.finding(message, f"`{key.issued}`", accepted, at=path, severity=Severity.ADVICE)


def _future(draft: Draft, name: str, index: int, key: AccessKey) -> Iterator[Finding]:
    """Report a day in the future, from which the age of a key would count."""
    if key.issued - draft.today > _AHEAD:
        yield draft.finding(
            f"key {key.serial} of user `{name}` has an issue date in the future",
            f"`{key.issued}`, today is {draft.today}",
            "the day of its deployment",
            at=("users", name, "access_keys", index, "issued"),
            severity=draft.dates,
        )


def oldest(account: Account | None, user: User) -> int:
    """Give after how many days a user's keys must be replaced."""
    if user.application is not None and user.application.maximum_age is not None:
        return user.application.maximum_age.days
    return (account.access_keys if account is not None else KeyRules()).maximum_age


def _readers(draft: Draft, name: str, user: User, application: Application) -> Iterator[Finding]:
    if not user.access_keys or draft.account is None:
        return
    # Only a warning: the break-glass role and the root user can read the keys in any case.
    if application.readers is None and draft.account.handover is None:
        yield draft.finding(
            f"nobody can read the keys of application `{name}`",
            "no `readers`, and no `handover` in the account",
            "`readers` with a group or role, or `handover` with a group",
            at=("users", name, "application"),
            severity=Severity.WARNING,
        )
    ours = f"arn:{partition_of(draft.account.region)}:iam::{draft.account.id}:"
    for index, reader in enumerate(application.readers or ()):
        if reader.startswith("arn:") and not reader.startswith(ours):
            yield draft.finding(
                f"a reader of the keys of application `{name}` is in another account",
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
            f"key {older.serial}, and key {newer.serial} issued {newer.issued}",
            f"`status: inactive` for key {older.serial} as of {end + _AHEAD}",
            at=("users", name, "access_keys", index, "serial"),
            severity=Severity.WARNING,
        )


def _review(draft: Draft, name: str, application: Application) -> Iterator[Finding]:
    path = ("users", name, "application", "review")
    found = f"`{application.review}`"
    if has_passed(application.review, draft.today):
        yield draft.finding(
            f"the review of application `{name}` is overdue",
            found,
            "a later date, after checking that a role still can't replace the user",
            at=path,
            severity=Severity.WARNING,
        )
    elif application.review - draft.today <= NOTICE:
        message = (
            f"the review of application `{name}` is due in {(application.review - draft.today).days} days"
        )
        yield draft.finding(message, found, "the review by that day", at=path, severity=Severity.ADVICE)


def check_self_service(draft: Draft) -> Iterator[Finding]:
    """Refuse applications, and people without console access, in a group whose members create their own keys."""
    for name, user in draft.declared.users.items():
        for index, membership in enumerate(user.groups):
            group = draft.declared.groups.get(membership.name)
            if user.existing or group is None or group.self_service is None:
                continue
            what = f"group `{membership.name}`, whose members create their own access keys"
            at = ("users", name, "groups", index, "name")
            if user.application is not None:
                yield draft.finding(
                    f"application `{name}` is in {what}",
                    f"`{membership.name}`",
                    "`access_keys` of the application, in another group",
                    at=at,
                )
            # Creating a key requires a session with MFA, which begins with the console sign-in.
            elif user.person is not None and not user.console:
                yield draft.finding(
                    f"user `{name}` has no console access and is in {what}",
                    "no `console`",
                    "`console: true`, or another group",
                    at=at,
                )
