"""1.19: Access Analyzer looks for access from outside; a template holds one region, the framework asks for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.value import as_text
from keywright.compliance.answer import Answer, Enforcer
from keywright.compliance.controls.unused_access import ANALYZER
from keywright.finding import Finding

if TYPE_CHECKING:
    from keywright.assembly.template import Resource
    from keywright.compliance.seen import Seen

_KINDS = frozenset({"ACCOUNT", "ORGANIZATION"})
_AT = ("account", "access_analyzer")
_WAY_ON = "`access_analyzer: {}` under `account`, or `{existing: true}` where the region has one"


def outside_access(seen: Seen) -> Answer:
    """Judge whether there is an analyzer for access from outside."""
    declared = seen.declarations.account.access_analyzer if seen.declarations else None
    if declared is not None and declared.existing:
        return Answer(
            by=(Enforcer("`existing: true` of `access_analyzer`", seen.places.at(*_AT, "existing")),),
            evidence=("the region has an analyzer already, as declared",),
            limits=("nothing here made it, so that only the account can show it, for each region",),
        )
    if seen.templates is None:
        return _declared(seen) if seen.declarations else Answer()
    made = sum(map(_analyzer, seen.templates.assembly.of_type(ANALYZER)), Answer())
    return made if made.evidence else _none(seen)


def _declared(seen: Seen) -> Answer:
    assert seen.declarations is not None
    account = seen.declarations.account
    if account.access_analyzer is None:
        return _none(seen)
    return Answer(
        by=(Enforcer("`access_analyzer` of the account", seen.places.key(*_AT)),),
        evidence=(f"an analyzer is to look for access from outside in {account.region}",),
        limits=("every other region needs its own",),
    )


def _none(seen: Seen) -> Answer:
    place = seen.places.at("account") if seen.declarations or not seen.templates else seen.templates.place
    message = "nothing looks for access from outside"
    return Answer(gaps=(Finding(place, message, f"no `{ANALYZER}`", _WAY_ON),))


def _analyzer(resource: Resource) -> Answer:
    kinds = {as_text(value).literal for value in resource.readings("Type")}
    if not kinds <= _KINDS:
        return Answer()
    region = resource.template.region or "the stack's region"
    return Answer(
        by=(Enforcer(f"`{resource.logical_id}`", resource.location),),
        evidence=(f"an analyzer looks for access from outside in {region}",),
        limits=("every other region needs its own",),
    )
