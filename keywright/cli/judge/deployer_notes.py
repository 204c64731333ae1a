"""What a review says of the roles that deploy: whether the last bootstrap still fits what is to be deployed."""

from collections.abc import Iterator
from pathlib import Path

from keywright.assembly.templates.reader import read_assembly
from keywright.assembly.templates.template import Assembly
from keywright.deployer.bootstrap.check import NotABootstrapError, differences
from keywright.deployer.bootstrap.plan import plan_of
from keywright.deployer.bootstrap.template import TooLongError
from keywright.reasoning.comparison.compare import Comparison, NewAccess, NoNewAccess, UndecidedComparison
from keywright.reporting.finding import Location, Outcome
from keywright.review.result import Note, quoted

FIRST = "bring the bootstrap up to date before this is deployed"


def deployer_notes(now: Assembly, bootstrap: Path) -> Iterator[Note]:
    """Yield a note for each role that lacks something, or allows more than anything needs.

    Raises:
        ValueError: The file is no bootstrap, or what is needed fits into none.
    """
    earlier = read_assembly(bootstrap)
    faults = [each for each in earlier.findings if each.outcome is Outcome.FAULT]
    if faults:
        raise ValueError("\n".join(map(str, faults)))
    try:
        found = differences(plan_of(now), earlier)
    except (NotABootstrapError, TooLongError) as error:
        raise ValueError(
            f"{bootstrap}: it can't be compared; found `{error}`; accepted: what `keywright deployer` wrote"
        ) from error
    for each in found:
        if not isinstance(each.lacks, NoNewAccess):
            yield Note("deployer", each.name, f"lacks {_seen(each.lacks)}: {FIRST}", Location(str(bootstrap)))
        if not isinstance(each.exceeds, NoNewAccess):
            says = f"allows {_seen(each.exceeds)}, which nothing needs any more"
            yield Note("deployer", each.name, says, Location(str(bootstrap)))


def _seen(comparison: Comparison) -> str:
    match comparison:
        case NewAccess(witness=witness):
            return f"{quoted(witness.action)} on {quoted(witness.resource)}, for instance"
        case UndecidedComparison(reason=reason):
            return f"perhaps something, which can't be told, {quoted(reason)}"
        case _:
            return "nothing"
