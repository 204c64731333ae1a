"""Controls 1.7 and 1.8: the minimum length of passwords, and their reuse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.assembly.templates.value import as_text
from keywright.compliance.report import Assessment, Enforcer
from keywright.reporting.finding import Finding

if TYPE_CHECKING:
    from keywright.assembly.templates.template import Resource
    from keywright.compliance.input import Input

SETTING = "Custom::PasswordPolicy"
"""The custom resource by which the identity keeper sets the policy: CloudFormation has no resource for it."""
LENGTH, REMEMBERED = 14, 24
_AT = ("account", "password_policy")
_REMEDY = "`password_policy: {}` under `account`, whose defaults meet this framework"


def password_length(source: Input) -> Assessment:
    """Assess the minimum length."""
    return _assess_setting(source, "minimum_length", "MinimumPasswordLength", LENGTH)


def password_reuse(source: Input) -> Assessment:
    """Assess how many passwords are remembered."""
    return _assess_setting(source, "remember", "PasswordReusePrevention", REMEMBERED)


def _assess_setting(source: Input, key: str, name: str, least: int) -> Assessment:
    declared = _declared(source, key, least)
    if source.templates is None:
        return declared
    settings = source.templates.assembly.of_type(SETTING)
    # AWS's default password policy meets neither control, so a missing one is a gap.
    if not settings:
        place = source.places.at("account") if source.declarations else source.templates.place
        return Assessment(gaps=(Finding(place, "no template sets the password policy", accepted=_REMEDY),))
    justified = _Justified(*_justified_value(source, key))
    return sum(
        (_assess_resource(each, name, least, justified) for each in settings),
        Assessment(enforced_by=declared.enforced_by),
    )


@dataclass(frozen=True)
class _Justified:
    """A weaker value for which the declarations give a reason."""

    value: int | None = None
    because: str = ""


def _justified_value(source: Input, key: str) -> tuple[int | None, str]:
    policy = source.declarations.account.password_policy if source.declarations else None
    return (getattr(policy, key), policy.because) if policy and policy.because else (None, "")


def _declared(source: Input, key: str, least: int) -> Assessment:
    if source.declarations is None:
        return Assessment()
    place, policy = source.places.at(*_AT, key), source.declarations.account.password_policy
    if policy is None:
        gap = Finding(place, "no password policy is declared", "no `password_policy`", _REMEDY)
        return Assessment(gaps=(gap,))
    enforced_by = Enforcer("`password_policy` of the account", place)
    value = getattr(policy, key)
    if value >= least:
        return Assessment(enforced_by=(enforced_by,), evidence=(f"`{key}` is {value}",))
    return Assessment(
        enforced_by=(enforced_by,),
        evidence=(f"`{key}` is {value}",),
        limits=(_weaker(least, policy.because),),
    )


def _weaker(least: int, because: str | None) -> str:
    return f"less than {least}, because: {because}"


def _assess_resource(setting: Resource, name: str, least: int, justified: _Justified) -> Assessment:
    read = (as_text(value).literal for value in setting.possible_values(name))
    return sum((_assess_value(setting, value, name, least, justified) for value in read), Assessment())


def _assess_value(
    setting: Resource, value: str | None, name: str, least: int, justified: _Justified
) -> Assessment:
    if value is None or not value.isdigit():
        return Assessment(undecided=(f"`{name}` of `{setting.logical_id}` is known only at deployment",))
    # Only the declared weaker value is justified; another one in the template is a gap.
    if int(value) < least and int(value) != justified.value:
        place = setting.locate("Properties", name)
        gap = Finding(place, "the password policy is too weak", f"`{name}` {value}", f"{least} or more")
        return Assessment(gaps=(gap,))
    enforced_by = Enforcer(f"`{setting.logical_id}`", setting.location)
    limits = (_weaker(least, justified.because),) if int(value) < least else ()
    return Assessment(enforced_by=(enforced_by,), evidence=(f"`{name}` is {value}",), limits=limits)
