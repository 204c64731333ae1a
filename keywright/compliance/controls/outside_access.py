"""1.19: Access Analyzer looks for access from outside; a template holds one region, the framework asks for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.templates.value import as_text
from keywright.compliance.answer import Answer, Enforcer
from keywright.compliance.controls.unused_access import ANALYZER
from keywright.reporting.finding import Finding

if TYPE_CHECKING:
    from keywright.assembly.templates.template import Resource
    from keywright.compliance.seen import Seen

_KINDS = frozenset({"ACCOUNT", "ORGANIZATION"})
_AT = ("account", "access_analyzer")
_WAY_ON = "`access_analyzer: {}` under `account`, or `{existing: true}` where the region has one"


def outside_access(seen: Seen) -> Answer:
    """Judge whether there is an analyzer for access from outside, and in which regions."""
    if seen.templates is None:
        made = _declared(seen)
    else:
        made = _existing(seen) + sum(map(_analyzer, seen.templates.assembly.of_type(ANALYZER)), Answer())
    if made.evidence:
        return made + Answer(limits=("every other region that is enabled needs its own",))
    return made if made.doubts or (seen.templates is None and seen.declarations is None) else _none(seen)


def _existing(seen: Seen) -> Answer:
    account = seen.declarations.account if seen.declarations else None
    if account is None or account.access_analyzer is None or not account.access_analyzer.existing:
        return Answer()
    return Answer(
        by=(Enforcer("`existing: true` of `access_analyzer`", seen.places.at(*_AT, "existing")),),
        evidence=(f"{account.region} has an analyzer already, as declared",),
        limits=(f"nothing here made the analyzer in {account.region}: only the account can show it",),
    )


def _declared(seen: Seen) -> Answer:
    account = seen.declarations.account if seen.declarations else None
    if account is None or account.access_analyzer is None:
        return Answer()
    own = () if account.access_analyzer.existing else (account.region,)
    regions = ", ".join((*own, *account.access_analyzer.regions))
    if not regions:
        return _existing(seen)
    by = Enforcer("`access_analyzer` of the account", seen.places.key(*_AT))
    made = Answer(by=(by,), evidence=(f"an analyzer is to look for access from outside in {regions}",))
    return _existing(seen) + made


def _none(seen: Seen) -> Answer:
    place = seen.places.at("account") if seen.declarations or not seen.templates else seen.templates.place
    message = "nothing looks for access from outside"
    return Answer(gaps=(Finding(place, message, f"no `{ANALYZER}`", _WAY_ON),))


def _analyzer(resource: Resource) -> Answer:
    kinds = {as_text(value).literal for value in resource.readings("Type")}
    if None in kinds:
        return Answer(doubts=(f"what `{resource.logical_id}` looks for is known only at the deployment",))
    if not kinds <= _KINDS:
        return Answer()
    region = resource.template.region or "the stack's region"
    return Answer(
        by=(Enforcer(f"`{resource.logical_id}`", resource.location),),
        evidence=(f"an analyzer looks for access from outside in {region}",),
    )
