"""1.10, 1.12 and 1.13: no key for people, one active key for software, and none that is old."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.compliance.answer import Answer, Enforcer
from keywright.model.people.access_keys import OLDEST, makes_own_keys, reason_of_own_keys
from keywright.reporting.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.compliance.seen import Seen, Templates
    from keywright.model.people.access_keys import AccessKey, LongerAge
    from keywright.model.people.users import Application

KEY = "AWS::IAM::AccessKey"


def of_people(seen: Seen) -> Answer:
    """Judge whether somebody who signs in is given a key."""
    if seen.templates is None:
        return Answer(evidence=_declared_people(seen))
    people = [user for user in seen.templates.users if user.signs_in]
    count = f"{len(people)} user{'' if len(people) == 1 else 's'} of these templates"
    return seen.templates.of_rule("USR004") + Answer(evidence=(f"looked at the keys of {count} who sign in",))


def _declared_people(seen: Seen) -> tuple[str, ...]:
    if seen.declarations is None:
        return ()
    return ("a person with `access_keys` is refused when the declarations are read",)


def active(seen: Seen) -> Answer:
    """Judge whether a user has two active keys."""
    own = Answer(limits=tuple(_made_by_people(seen, "whether two of them are active")))
    if seen.templates is not None:
        count = len(seen.templates.assembly.of_type(KEY))
        looked = Answer(evidence=(f"looked at {count} access key{'' if count == 1 else 's'}",))
        return seen.templates.of_rule("USR005") + looked + own
    made = own + Answer(evidence=("looked at the declared access keys",) if seen.declarations else ())
    for name, keys in _active_keys(seen).items():
        if len(keys) > 1:
            made += Answer(
                limits=(f"user `{name}` has {len(keys)} active keys, while one replaces the other",)
            )
    return made


def age(seen: Seen) -> Answer:
    """Judge by the declared days of issue; what IAM says of the keys themselves stays to be looked at."""
    declared = [(name, key) for name, keys in _active_keys(seen).items() for key in keys]
    made = sum((_aged(seen, name, key) for name, key in declared), Answer())
    made += Answer(limits=tuple(_made_by_people(seen, "how old they are")))
    if seen.templates is not None:
        unknown = list(_of_unknown_age(seen.templates, {name for name, _ in declared}))
        made += Answer(limits=tuple(unknown))
        if not seen.templates.assembly.of_type(KEY):
            made += Answer(evidence=("no access key is made by these templates",))
    elif seen.declarations is not None and not declared:
        made += Answer(evidence=("no active access key is declared",))
    if declared:
        made += Answer(limits=("the days of issue are those of the declarations; IAM has its own",))
    return made


def _made_by_people(seen: Seen, what: str) -> Iterator[str]:
    """Say whose keys stand in no declaration: they make them themselves, for a reason that is declared."""
    declared = seen.declarations
    for name, user in declared.users.items() if declared else ():
        if declared and makes_own_keys(user, declared.groups):
            because = reason_of_own_keys(user, declared.groups)
            yield f"`{name}` may make access keys of its own, because: {because}; {what} tells `keywright verify`"


def _active_keys(seen: Seen) -> dict[str, list[AccessKey]]:
    users = seen.declarations.users.items() if seen.declarations else ()
    found = {name: [key for key in user.access_keys if key.status == "active"] for name, user in users}
    return {name: keys for name, keys in found.items() if keys}


def _aged(seen: Seen, name: str, key: AccessKey) -> Answer:
    days = (seen.today - key.issued).days
    assert seen.declarations is not None
    index = seen.declarations.users[name].access_keys.index(key)
    place = seen.places.at("users", name, "access_keys", index, "issued")
    what = f"key {key.serial} of `{name}` is {days} days old"
    by = (Enforcer(f"`issued` of key {key.serial}, warned of by `keywright validate`", place),)
    longer = _longer(seen.declarations.users[name].application)
    if longer is not None and OLDEST < days <= longer.days:
        return Answer(
            by=by, evidence=(what,), limits=(f"up to {longer.days} days for `{name}`: {longer.because}",)
        )
    if days > OLDEST:
        gap = Finding(place, what, f"`{key.issued}`", f"at most {OLDEST} days: `keywright rotate {name}`")
        return Answer(by=by, evidence=(what,), gaps=(gap,))
    return Answer(by=by, evidence=(what,))


def _longer(application: Application | None) -> LongerAge | None:
    return application.maximum_age if application is not None else None


def _of_unknown_age(templates: Templates, known: set[str]) -> Iterator[str]:
    for user in templates.users:
        if user.keys and user.identity.label not in known:
            yield f"how old the access key of user `{user.identity.label}` is stands in no declaration"
