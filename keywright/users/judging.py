"""How risky a user is, how easily it is replaced, and by what; each with the facts that say so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from keywright.model.checks.advice import MENTIONS
from keywright.reasoning.escalation.paths import (
    Escalates,
    EscalationResult,
    IsAdministrator,
    UndecidedEscalation,
)
from keywright.reporting.text import counted, joined, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from keywright.account.entities import AccessKey, User
    from keywright.account.snapshot import AccountSnapshot

OLD = timedelta(days=90)
"""The age from which a key is old, and a credential without a use is unused: CIS asks for 90 and 45 days."""
_NAME_PARTS = re.compile(r"[._+=@/-]+|(?<=[a-z])(?=[A-Z])")


class Level(IntEnum):
    """How much; the higher the number the more."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2

    def __str__(self) -> str:
        """Write it in a report."""
        return self.name.lower()


class Effort(IntEnum):
    """How much work the replacement is."""

    EASY = 0
    SOME_WORK = 1
    HARD = 2

    def __str__(self) -> str:
        """Write it in a report."""
        return self.name.lower().replace("_", " ")


class Step(StrEnum):
    """What to do with a user."""

    REMOVE = "remove"
    IDENTITY_CENTER = "identity center"
    ROLE = "role"
    KEEP = "keep"


@dataclass(frozen=True)
class Risk:
    """How risky a user is: as far as known, and at most, where something is unknown."""

    level: Level
    at_most: Level
    reasons: tuple[str, ...]
    unknown: tuple[str, ...]

    def __str__(self) -> str:
        """Write it in a report."""
        return f"{self.level}, perhaps {self.at_most}" if self.at_most > self.level else str(self.level)


def risk_of(user: User, snapshot: AccountSnapshot, privilege: EscalationResult | None, today: date) -> Risk:
    """Judge a user by its privilege, its password without MFA, and its keys."""
    of = f"user/{user.name}"
    keys = [each for each in snapshot.access_keys_of(user.name) if each.is_active]
    ages = [(each, _age(each.created, today)) for each in keys]
    old = [(each, age) for each, age in ages if age is not None and age > OLD]
    knows_password, knows_mfa, knows_keys = (
        snapshot.has(each, of) for each in ("LoginProfiles", "MFADevices", "AccessKeys")
    )
    has_password = snapshot.login_profile_of(user.name) is not None
    without_mfa = not snapshot.mfa_devices_of(user.name)
    is_privileged, reasons = _privilege(privilege)
    unknown = [*_unknown_privilege(privilege)]
    if has_password and knows_mfa and without_mfa:
        reasons.append("console password without MFA")
    reasons += (_key_reason(each, age) for each, age in old)
    if is_privileged:
        reasons += ("an active access key" for each, _ in ages[:1] if not old)
    for is_known, what in (
        (knows_password, "whether it has a console password"),
        (knows_mfa or not (has_password or not knows_password), "whether it has an MFA device"),
        (knows_keys, "its access keys"),
        (all(age is not None for _, age in ages), "when its access key was created"),
    ):
        if not is_known:
            unknown.append(what)
    may_lack_mfa = (has_password or not knows_password) and (without_mfa or not knows_mfa)
    known = _level(
        is_privileged=is_privileged,
        without_mfa=has_password and knows_mfa and without_mfa,
        has_key=bool(keys),
        has_old_key=bool(old),
    )
    worst = _level(
        is_privileged=is_privileged or bool([*_unknown_privilege(privilege)]),
        without_mfa=may_lack_mfa,
        has_key=bool(keys) or not knows_keys,
        has_old_key=bool(old) or not knows_keys or any(age is None for _, age in ages),
    )
    return Risk(known, worst, tuple(reasons), tuple(unknown))


def _level(*, is_privileged: bool, without_mfa: bool, has_key: bool, has_old_key: bool) -> Level:
    if is_privileged and (without_mfa or has_key):
        return Level.HIGH
    return Level.MEDIUM if is_privileged or without_mfa or has_old_key else Level.LOW


def _privilege(result: EscalationResult | None) -> tuple[bool, list[str]]:
    """Tell whether a user is an administrator or can become one."""
    match result:
        case IsAdministrator():
            return True, ["administrator"]
        case Escalates(paths=paths):
            found = next((each for each in paths if each.reaches_administrator), None)
            path = found or paths[0]
            actions = joined(
                dict.fromkeys(action for step in path.steps for action in step.technique.actions),
                "and",
                most=4,
            )
            what = "become an administrator" if found else "escalate its privileges"
            return found is not None, [f"can {what} by {actions}"]
        case _:
            return False, []


def _unknown_privilege(result: EscalationResult | None) -> Iterator[str]:
    match result:
        case None:
            yield "whether it is an administrator"
        case UndecidedEscalation(because=because):
            yield f"whether it can become an administrator ({joined(because, most=1)})"
        case Escalates(unfinished=unfinished) if unfinished:
            yield f"what else it can become ({unfinished[0]})"


def _key_reason(key: AccessKey, age: timedelta) -> str:
    return f"access key {quoted(key.id)} is {counted(age.days, 'day')} old"


def _age(created: datetime | None, today: date) -> timedelta | None:
    return None if created is None else today - created.date()


def unused(user: User, snapshot: AccountSnapshot, today: date) -> str:
    """Say why nobody uses a user; "" if somebody may."""
    of = f"user/{user.name}"
    if not all(
        snapshot.has(part, of)
        for part in ("LoginProfiles", "PasswordLastUsed", "AccessKeys", "OtherCredentials")
    ):
        return ""
    if any(each.is_active for each in snapshot.other_credentials_of(user.name)):
        return ""
    password = snapshot.login_profile_of(user.name)
    keys = [each for each in snapshot.access_keys_of(user.name) if each.is_active]
    if password is None and not keys:
        return "it has no password and no active key: nothing can sign in"
    # Without a use, a credential counts from its creation; without a date, it may be new.
    moments = [each.last_used or each.created for each in keys]
    if password is not None:
        moments.append(snapshot.password_last_used(user.name) or password.created)
    dates = [each.date() for each in moments if each is not None]
    if len(dates) < len(moments) or today - max(dates) <= OLD:
        return ""
    return f"no use for {counted((today - max(dates)).days, 'day')}"


def platform_of(user: User) -> str:
    """Name the platform that an application runs on, if its name, path or tags say so; otherwise ""."""
    texts = (user.name, user.path, *user.tags.values())
    words = " ".join(" ".join(_NAME_PARTS.split(each)) for each in texts)
    return next((platform for platform, pattern in MENTIONS.items() if re.search(pattern, words)), "")


def kept_because(user: User, snapshot: AccountSnapshot) -> Iterator[str]:
    """Say what only an IAM user can have."""
    active = sorted({each.kind for each in snapshot.other_credentials_of(user.name) if each.is_active})
    if active:
        yield f"{joined(active, 'and')}: only an IAM user can have such a credential; replace it first"
