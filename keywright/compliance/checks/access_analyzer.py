"""Controls 1.11 and 1.19: IAM Access Analyzer for unused and external access.

A stack is in one region, and the framework requires an analyzer in each: the others have to be verified in the account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.templates.value import as_text
from keywright.compliance.report import Assessment, Enforcer
from keywright.reporting.finding import Finding

if TYPE_CHECKING:
    from keywright.assembly.templates.template import Resource
    from keywright.compliance.input import Input


ANALYZER = "AWS::AccessAnalyzer::Analyzer"
DAYS = 45
_LIMIT = "the analyzer only reports unused credentials; a person has to disable them"


def unused_access(source: Input) -> Assessment:
    """Assess whether an analyzer reports access that is unused for that long."""
    if source.templates is not None:
        return sum(map(_found_by, source.templates.assembly.of_type(ANALYZER)), Assessment())
    declared = source.declarations.account.access_analyzer if source.declarations else None
    if declared is None or declared.unused_days is None or declared.unused_days > DAYS:
        return Assessment()
    place = source.places.at("account", "access_analyzer", "unused_days")
    return Assessment(
        enforced_by=(Enforcer("`access_analyzer` of the account", place),),
        evidence=(f"`unused_days` is {declared.unused_days}",),
        limits=(_LIMIT,),
    )


def _found_by(analyzer: Resource) -> Assessment:
    path = ("AnalyzerConfiguration", "UnusedAccessConfiguration", "UnusedAccessAge")
    days = [as_text(value).literal for value in analyzer.possible_values(*path)]
    # A number of days that is known only at deployment may be larger, so it is no evidence.
    if not all(each and each.isdigit() and int(each) <= DAYS for each in days):
        return Assessment()
    return Assessment(
        enforced_by=(Enforcer(f"`{analyzer.logical_id}`", analyzer.location),),
        evidence=(f"an analyzer reports access unused for {days[0]} days",),
        limits=(_LIMIT,),
    )


_KINDS = frozenset({"ACCOUNT", "ORGANIZATION"})
_AT = ("account", "access_analyzer")
_REMEDY = "`access_analyzer: {}` under `account`, or `{existing: true}` where the region has one"


def outside_access(source: Input) -> Assessment:
    """Assess whether an analyzer for external access exists, and in which regions."""
    if source.templates is None:
        assessment = _declared(source)
    else:
        assessment = _existing(source) + sum(
            map(_analyzer, source.templates.assembly.of_type(ANALYZER)), Assessment()
        )
    if assessment.evidence:
        return assessment + Assessment(limits=("every other enabled region needs its own analyzer",))
    return (
        assessment
        if assessment.undecided or (source.templates is None and source.declarations is None)
        else _none(source)
    )


def _existing(source: Input) -> Assessment:
    account = source.declarations.account if source.declarations else None
    if account is None or account.access_analyzer is None or not account.access_analyzer.existing:
        return Assessment()
    return Assessment(
        enforced_by=(Enforcer("`existing: true` of `access_analyzer`", source.places.at(*_AT, "existing")),),
        evidence=(f"an analyzer exists in {account.region}, as declared",),
        limits=(f"the analyzer in {account.region} is not created here: only the account shows it",),
    )


def _declared(source: Input) -> Assessment:
    account = source.declarations.account if source.declarations else None
    if account is None or account.access_analyzer is None:
        return Assessment()
    # An existing analyzer is reported by `_existing`, with what is left to verify.
    own = () if account.access_analyzer.existing else (account.region,)
    regions = ", ".join((*own, *account.access_analyzer.regions))
    if not regions:
        return _existing(source)
    enforced_by = Enforcer("`access_analyzer` of the account", source.places.key(*_AT))
    assessment = Assessment(
        enforced_by=(enforced_by,), evidence=(f"an analyzer for external access is declared in {regions}",)
    )
    return _existing(source) + assessment


def _none(source: Input) -> Assessment:
    place = (
        source.places.at("account") if source.declarations or not source.templates else source.templates.place
    )
    message = "no analyzer checks external access"
    return Assessment(gaps=(Finding(place, message, f"no `{ANALYZER}`", _REMEDY),))


def _analyzer(resource: Resource) -> Assessment:
    kinds = {as_text(value).literal for value in resource.possible_values("Type")}
    # An analyzer for unused access has another type, so an unknown type may check external access or not.
    if None in kinds:
        return Assessment(undecided=(f"the type of `{resource.logical_id}` is known only at deployment",))
    if not kinds <= _KINDS:
        return Assessment()
    region = resource.template.region or "the stack's region"
    return Assessment(
        enforced_by=(Enforcer(f"`{resource.logical_id}`", resource.location),),
        evidence=(f"an analyzer checks external access in {region}",),
    )
