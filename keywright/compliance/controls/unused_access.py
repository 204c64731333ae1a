"""1.11: what nobody uses is found by an analyzer, where there is one; nothing in a template disables it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.templates.value import as_text
from keywright.compliance.answer import Answer, Enforcer

if TYPE_CHECKING:
    from keywright.assembly.templates.template import Resource
    from keywright.compliance.seen import Seen

ANALYZER = "AWS::AccessAnalyzer::Analyzer"
DAYS = 45
_LIMIT = "it finds what is unused; whoever reads the finding disables it"


def unused_access(seen: Seen) -> Answer:
    """Judge whether an analyzer looks for access that nobody has used for that long."""
    if seen.templates is not None:
        return sum(map(_found_by, seen.templates.assembly.of_type(ANALYZER)), Answer())
    declared = seen.declarations.account.access_analyzer if seen.declarations else None
    if declared is None or declared.unused_days is None or declared.unused_days > DAYS:
        return Answer()
    place = seen.places.at("account", "access_analyzer", "unused_days")
    return Answer(
        by=(Enforcer("`access_analyzer` of the account", place),),
        evidence=(f"`unused_days` is {declared.unused_days}",),
        limits=(_LIMIT,),
    )


def _found_by(analyzer: Resource) -> Answer:
    path = ("AnalyzerConfiguration", "UnusedAccessConfiguration", "UnusedAccessAge")
    days = [as_text(value).literal for value in analyzer.readings(*path)]
    if not all(each and each.isdigit() and int(each) <= DAYS for each in days):
        return Answer()
    return Answer(
        by=(Enforcer(f"`{analyzer.logical_id}`", analyzer.location),),
        evidence=(f"an analyzer looks for what was unused for {days[0]} days",),
        limits=(_LIMIT,),
    )
