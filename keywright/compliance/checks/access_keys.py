"""Controls 1.10, 1.12 and 1.13: access keys of people, active keys, and their age."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.compliance.report import Assessment, Enforcer
from keywright.model.people.access_keys import OLDEST
from keywright.model.queries import makes_own_keys, reason_of_own_keys
from keywright.reporting.finding import Finding
from keywright.reporting.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.compliance.input import CheckedTemplates, Input
    from keywright.model.people.access_keys import AccessKey, LongerAge
    from keywright.model.people.users import Application

KEY = "AWS::IAM::AccessKey"


def keys_of_people(source: Input) -> Assessment:
    """Assess whether a user who signs in has an access key."""
    if source.templates is None:
        return Assessment(evidence=_declared_people(source))
    people = [user for user in source.templates.users if user.signs_in]
    return source.templates.by_rule("USR004") + Assessment(
        evidence=(f"checked the keys of {counted(len(people), 'user')} who sign in",)
    )


def _declared_people(source: Input) -> tuple[str, ...]:
    if source.declarations is None:
        return ()
    return ("the declarations do not accept a person with `access_keys`",)


def active_keys(source: Input) -> Assessment:
    """Assess whether a user has two active keys."""
    own = Assessment(limits=tuple(_keys_made_by_people(source, "whether two of them are active")))
    if source.templates is not None:
        count = counted(len(source.templates.assembly.of_type(KEY)), "access key")
        looked = Assessment(evidence=(f"checked {count}",))
        return source.templates.by_rule("USR005") + looked + own
    assessment = own + Assessment(
        evidence=("checked the declared access keys",) if source.declarations else ()
    )
    for name, keys in _declared_active_keys(source).items():
        # Validation accepts two active keys only while one replaces the other, so this is a limit and no gap.
        if len(keys) > 1:
            assessment += Assessment(
                limits=(f"user `{name}` has {len(keys)} active keys, while one replaces the other",)
            )
    return assessment


def age_of_keys(source: Input) -> Assessment:
    """Assess the age of keys by their declared days of issue; IAM has the actual ones."""
    declared = [(name, key) for name, keys in _declared_active_keys(source).items() for key in keys]
    assessment = sum((_assess_age(source, name, key) for name, key in declared), Assessment())
    assessment += Assessment(limits=tuple(_keys_made_by_people(source, "how old they are")))
    if source.templates is not None:
        unknown = list(_of_unknown_age(source.templates, {name for name, _ in declared}))
        assessment += Assessment(limits=tuple(unknown))
        if not source.templates.assembly.of_type(KEY):
            assessment += Assessment(evidence=("these templates create no access key",))
    elif source.declarations is not None and not declared:
        assessment += Assessment(evidence=("no active access key is declared",))
    if declared:
        assessment += Assessment(
            limits=("the age is by the declared days of issue; the actual ones are in IAM",)
        )
    return assessment


def _keys_made_by_people(source: Input, what: str) -> Iterator[str]:
    """Report users who create access keys themselves, for a declared reason."""
    declared = source.declarations
    for name, user in declared.users.items() if declared else ():
        if declared and makes_own_keys(user, declared.groups):
            because = reason_of_own_keys(user, declared.groups)
            yield f"`{name}` can create access keys itself, because: {because}; `keywright verify` reports {what}"


def _declared_active_keys(source: Input) -> dict[str, list[AccessKey]]:
    users = source.declarations.users.items() if source.declarations else ()
    found = {name: [key for key in user.access_keys if key.status == "active"] for name, user in users}
    return {name: keys for name, keys in found.items() if keys}


def _assess_age(source: Input, name: str, key: AccessKey) -> Assessment:
    days = (source.today - key.issued).days
    assert source.declarations is not None
    index = source.declarations.users[name].access_keys.index(key)
    place = source.places.at("users", name, "access_keys", index, "issued")
    what = f"key {key.serial} of `{name}` is {days} days old"
    enforced_by = (Enforcer(f"`issued` of key {key.serial}, checked by `keywright validate`", place),)
    longer = _longer_age(source.declarations.users[name].application)
    if longer is not None and OLDEST < days <= longer.days:
        return Assessment(
            enforced_by=enforced_by,
            evidence=(what,),
            limits=(f"up to {longer.days} days for `{name}`: {longer.because}",),
        )
    if days > OLDEST:
        gap = Finding(place, what, f"`{key.issued}`", f"at most {OLDEST} days: `keywright rotate {name}`")
        return Assessment(enforced_by=enforced_by, evidence=(what,), gaps=(gap,))
    return Assessment(enforced_by=enforced_by, evidence=(what,))


def _longer_age(application: Application | None) -> LongerAge | None:
    return application.maximum_age if application is not None else None


def _of_unknown_age(templates: CheckedTemplates, known: set[str]) -> Iterator[str]:
    for user in templates.users:
        # A template shows no creation date, so the age of such a key is a limit of the report.
        if user.keys and user.identity.label not in known:
            yield f"no declaration has the age of the access key of user `{user.identity.label}`"
