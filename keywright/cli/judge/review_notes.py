"""What holds access in check beside the templates' policies: invariants, exceptions, quotas; how a change treats them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.sources.manifest import EXCEPTIONS
from keywright.guardrails.exceptions.acknowledgements import Record
from keywright.guardrails.invariants.invariants_file import invariants_at
from keywright.guardrails.subjects.quota_usage import QuotaUse, uses_near_quota
from keywright.review.result import Note, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from keywright.assembly.invariants.declaration import InvariantResult
    from keywright.assembly.templates.changed_parts import ChangedParts
    from keywright.assembly.templates.template import Assembly
    from keywright.guardrails.invariants.record import Invariants
    from keywright.reporting.finding import Location


def protection_notes(
    paths: tuple[Path, Path], sides: tuple[Assembly, Assembly], parts: ChangedParts
) -> tuple[Note, ...]:
    """Tell what changes of them from one side to the other."""
    near = [list(uses_near_quota(*each)) for each in zip(sides, (parts.base, parts.head), strict=True)]
    return (*_invariants(paths, sides), *_exceptions(*paths), *_headroom(*near))


# Invariants


def _invariants(paths: tuple[Path, Path], sides: tuple[Assembly, Assembly]) -> Iterator[Note]:
    was, now = map(invariants_at, paths)
    known, wanted = ({each.label for each in side.declared} for side in (was, now))
    for each in was.declared:
        if each.label not in wanted:
            yield Note("invariant", each.label, "is asked no more", each.location, weakens=True)
    if not now.declared:
        return
    from keywright.assembly.invariants.proof import prove_invariants

    held = _broken(was, sides[0])
    for result in prove_invariants(sides[1], now.declared, now.elsewhere):
        label, place = result.declared.label, result.declared.location
        is_new = label not in known
        if result.verdict == "broken" and label not in held:
            yield Note(
                "invariant", label, f"{_new(is_new=is_new)}is broken{_by(result)}", place, weakens=True
            )
        elif is_new or (label in held and result.verdict != "broken"):
            yield Note("invariant", label, f"{_new(is_new=is_new)}{_stands(result)}", place)


def _broken(was: Invariants, assembly: Assembly) -> set[str]:
    from keywright.assembly.invariants.proof import prove_invariants

    results = prove_invariants(assembly, was.declared, was.elsewhere)
    return {each.declared.label for each in results if each.verdict == "broken"}


def _new(*, is_new: bool) -> str:
    return "is new, and " if is_new else ""


def _stands(result: InvariantResult) -> str:
    return "is proved" if result.verdict == "proved" else f"is {result.verdict}"


def _by(result: InvariantResult) -> str:
    breach = result.breaches[0]
    request = (
        f", for instance {quoted(breach.request.action)} on {quoted(breach.request.resource)}"
        if breach.request
        else ""
    )
    return f" by {', '.join(map(quoted, breach.who))}{request}"


# Exceptions


def _exceptions(base: Path, head: Path) -> Iterator[Note]:
    was, now = dict(_excepted(base)), dict(_excepted(head))
    for key, (says, place) in now.items():
        if key not in was:
            yield Note("exception", key, f"is accepted from now on, {says}", place, weakens=True)
        elif was[key][0] != says:
            yield Note("exception", key, f"is accepted still, {says}; before, {was[key][0]}", place)
    for key, (_, place) in was.items():
        if key not in now:
            yield Note("exception", key, "is accepted no more", place)


def _excepted(path: Path) -> Iterator[tuple[str, tuple[str, Location]]]:
    record = Record.read(path) if path.is_dir() else None
    for each in record.acknowledgements if record else ():
        yield (
            _exception(each.rule, each.finding, each.on),
            (f"until {quoted(each.until)}: {quoted(each.because)}", each.location),
        )
    file = (path if path.is_dir() else path.parent) / EXCEPTIONS
    if not file.is_file():
        return
    from keywright.guardrails.exceptions.exceptions_file import read_exceptions

    for other in read_exceptions(file)[0]:
        says = f"until {quoted(other.until.isoformat())}: {quoted(other.because)}"
        yield _exception(other.rule, other.finding, other.on), (says, other.location)


def _exception(rule: str, finding: str, on: str) -> str:
    return f"{rule} {finding} on {on}" if finding else f"{rule} on {on}"


# Quotas


def _headroom(base: list[QuotaUse], head: list[QuotaUse]) -> Iterator[Note]:
    """Tell where little is left, if less is than was."""
    was = {(each.owner, each.what): each.used for each in base}
    for each in head:
        if each.used > was.get((each.owner, each.what), 0):
            yield Note("quota", each.owner, str(each), each.location)
