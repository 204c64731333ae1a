"""1.7 and 1.8: how long a password is, and how many earlier ones may not come back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.assembly.templates.value import as_text
from keywright.compliance.answer import Answer, Enforcer
from keywright.reporting.finding import Finding

if TYPE_CHECKING:
    from keywright.assembly.templates.template import Resource
    from keywright.compliance.seen import Seen

SETTING = "Custom::PasswordPolicy"
"""How our identity keeper sets the policy: CloudFormation has no resource of its own for it."""
LENGTH, REMEMBERED = 14, 24
_AT = ("account", "password_policy")
_WAY_ON = "`password_policy: {}` under `account`, whose defaults are this framework's"


def length(seen: Seen) -> Answer:
    """Judge the fewest characters."""
    return _judged(seen, "minimum_length", "MinimumPasswordLength", LENGTH)


def reuse(seen: Seen) -> Answer:
    """Judge how many passwords are remembered."""
    return _judged(seen, "remember", "PasswordReusePrevention", REMEMBERED)


def _judged(seen: Seen, key: str, name: str, least: int) -> Answer:
    declared = _declared(seen, key, least)
    if seen.templates is None:
        return declared
    settings = seen.templates.assembly.of_type(SETTING)
    if not settings:
        place = seen.places.at("account") if seen.declarations else seen.templates.place
        return Answer(gaps=(Finding(place, "nothing sets the password policy", accepted=_WAY_ON),))
    argued = _Argued(*_argued(seen, key))
    return sum((_set(each, name, least, argued) for each in settings), Answer(by=declared.by))


@dataclass(frozen=True)
class _Argued:
    """A weaker value that the declarations give a reason for."""

    value: int | None = None
    because: str = ""


def _argued(seen: Seen, key: str) -> tuple[int | None, str]:
    policy = seen.declarations.account.password_policy if seen.declarations else None
    return (getattr(policy, key), policy.because) if policy and policy.because else (None, "")


def _declared(seen: Seen, key: str, least: int) -> Answer:
    if seen.declarations is None:
        return Answer()
    place, policy = seen.places.at(*_AT, key), seen.declarations.account.password_policy
    if policy is None:
        gap = Finding(place, "no password policy is declared", "no `password_policy`", _WAY_ON)
        return Answer(gaps=(gap,))
    by = Enforcer("`password_policy` of the account", place)
    value = getattr(policy, key)
    if value >= least:
        return Answer(by=(by,), evidence=(f"`{key}` is {value}",))
    return Answer(by=(by,), evidence=(f"`{key}` is {value}",), limits=(_weaker(least, policy.because),))


def _weaker(least: int, because: str | None) -> str:
    return f"fewer than {least}, for a reason: {because}"


def _set(setting: Resource, name: str, least: int, argued: _Argued) -> Answer:
    read = (as_text(value).literal for value in setting.readings(name))
    return sum((_reading(setting, value, name, least, argued) for value in read), Answer())


def _reading(setting: Resource, value: str | None, name: str, least: int, argued: _Argued) -> Answer:
    if value is None or not value.isdigit():
        return Answer(doubts=(f"`{name}` of `{setting.logical_id}` is known only at the deployment",))
    if int(value) < least and int(value) != argued.value:
        place = setting.locate("Properties", name)
        gap = Finding(place, "the password policy is too weak", f"`{name}` {value}", f"{least} or more")
        return Answer(gaps=(gap,))
    by = Enforcer(f"`{setting.logical_id}`", setting.location)
    limits = (_weaker(least, argued.because),) if int(value) < least else ()
    return Answer(by=(by,), evidence=(f"`{name}` is {value}",), limits=limits)
