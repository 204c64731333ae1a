"""Notes of a review on what protects access besides policies: invariants, exceptions, quotas, the deployer's roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.sources.manifest import EXCEPTIONS
from keywright.cli.errors import CommandError
from keywright.guardrails.exceptions.acknowledgements import Record
from keywright.guardrails.invariants.invariants_file import invariants_at
from keywright.guardrails.subjects.quota_usage import QuotaUse, uses_near_quota
from keywright.reporting.finding import Location
from keywright.reporting.text import joined
from keywright.review.result import Note, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from keywright.assembly.invariants.declaration import InvariantResult
    from keywright.assembly.templates.changed_parts import ChangedParts
    from keywright.assembly.templates.template import Assembly
    from keywright.deployer.bootstrap.check import Difference
    from keywright.reasoning.comparison.compare import Comparison


def protection_notes(
    paths: tuple[Path, Path], sides: tuple[Assembly, Assembly], parts: ChangedParts
) -> tuple[Note, ...]:
    """Note what changes in invariants, exceptions and use of quotas."""
    near = [list(uses_near_quota(*each)) for each in zip(sides, (parts.base, parts.head), strict=True)]
    return (*_invariants(paths, sides), *_exceptions(*paths), *_quotas(*near))


# Invariants


def _invariants(paths: tuple[Path, Path], sides: tuple[Assembly, Assembly]) -> Iterator[Note]:
    was, now = map(invariants_at, paths)
    known, wanted = ({each.label for each in side.declared} for side in (was, now))
    # A removed invariant weakens the checks: no other one notices what it forbade.
    for each in was.declared:
        if each.label not in wanted:
            yield Note("invariant", each.label, "is no longer declared", each.location, weakens=True)
    if not now.declared:
        return
    from keywright.assembly.invariants.proof import prove_invariants

    # Proved on both sides, because an invariant that was broken before is not broken by this change.
    before = prove_invariants(sides[0], was.declared, was.elsewhere)
    broken = {each.declared.label for each in before if each.verdict == "broken"}
    for result in prove_invariants(sides[1], now.declared, now.elsewhere):
        label, place = result.declared.label, result.declared.location
        new = "" if label in known else "is new, and "
        if result.verdict == "broken" and label not in broken:
            yield Note("invariant", label, f"{new}is broken{_by(result)}", place, weakens=True)
        elif new or (label in broken and result.verdict != "broken"):
            yield Note("invariant", label, f"{new}is {result.verdict}", place)


def _by(result: InvariantResult) -> str:
    breach = result.breaches[0]
    by = f" by {joined(map(quoted, breach.who))}"
    if not breach.request:
        return by
    return f"{by}, for example {quoted(breach.request.action)} on {quoted(breach.request.resource)}"


# Exceptions


def _exceptions(base: Path, head: Path) -> Iterator[Note]:
    was, now = dict(_accepted(base)), dict(_accepted(head))
    for key, (says, place) in now.items():
        if key not in was:
            yield Note("exception", key, f"is newly accepted, {says}", place, weakens=True)
        elif was[key][0] != says:
            yield Note("exception", key, f"is still accepted, {says}; before, {was[key][0]}", place)
    for key, (_, place) in was.items():
        if key not in now:
            yield Note("exception", key, "is no longer accepted", place)


def _accepted(path: Path) -> Iterator[tuple[str, tuple[str, Location]]]:
    record = Record.read(path) if path.is_dir() else None
    for each in record.acknowledgements if record else ():
        says = f"until {quoted(each.until)}: {quoted(each.because)}"
        yield _key(each.rule, each.finding, each.on), (says, each.location)
    file = (path if path.is_dir() else path.parent) / EXCEPTIONS
    if not file.is_file():
        return
    from keywright.guardrails.exceptions.exceptions_file import read_exceptions

    for other in read_exceptions(file)[0]:
        says = f"until {quoted(other.until.isoformat())}: {quoted(other.because)}"
        yield _key(other.rule, other.finding, other.on), (says, other.location)


def _key(rule: str, finding: str, on: str) -> str:
    return f"{rule} {finding} on {on}" if finding else f"{rule} on {on}"


# Quotas


def _quotas(base: list[QuotaUse], head: list[QuotaUse]) -> Iterator[Note]:
    """Note what is near a quota and came nearer."""
    was = {(each.owner, each.what): each.used for each in base}
    for each in head:
        # A quota that was as close before is not an effect of this change.
        if each.used > was.get((each.owner, each.what), 0):
            yield Note("quota", each.owner, str(each), each.location)


# The roles of `keywright deployer`


def deployer_notes(now: Assembly, bootstrap: Path) -> tuple[Note, ...]:
    """Note which of the deployer's roles lacks a permission, or has one that nothing needs.

    Raises:
        CommandError: The file is not a template of `keywright deployer`, or the permissions fit into none.
    """
    from keywright.cli.reading import read_templates
    from keywright.deployer.bootstrap.check import NotABootstrapError, differences
    from keywright.deployer.bootstrap.plan import plan_of
    from keywright.deployer.bootstrap.template import TooLongError

    try:
        found = differences(plan_of(now), read_templates(bootstrap))
    except (NotABootstrapError, TooLongError) as error:
        raise CommandError(
            f"{bootstrap}: it can't be compared; found `{error}`; accepted: what `keywright deployer` wrote"
        ) from error
    return tuple(note for each in found for note in _misfits(each, Location(str(bootstrap))))


def _misfits(difference: Difference, place: Location) -> Iterator[Note]:
    from keywright.reasoning.comparison.compare import NoNewAccess

    if not isinstance(difference.lacks, NoNewAccess):
        says = f"lacks {_example(difference.lacks)}: update the deployer's template before this is deployed"
        yield Note("deployer", difference.name, says, place)
    if not isinstance(difference.exceeds, NoNewAccess):
        says = f"allows {_example(difference.exceeds)}, which nothing needs"
        yield Note("deployer", difference.name, says, place)


def _example(comparison: Comparison) -> str:
    from keywright.reasoning.comparison.compare import NewAccess, UndecidedComparison

    match comparison:
        case NewAccess(witness=witness):
            return f"{quoted(witness.action)} on {quoted(witness.resource)}, for example"
        case UndecidedComparison(reason=reason):
            return f"possibly something, which is undecided, {quoted(reason)}"
        case _:
            return "nothing"
