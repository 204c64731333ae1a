"""Findings on invariants: what violates one, at the place that grants it, and what prevents its proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.invariants.declaration import NO_LOCATION
from keywright.assembly.invariants.proof import known_names, prove_invariants, unknown_names
from keywright.guardrails.place import Place, listed
from keywright.model.fields.nearest import nearest
from keywright.reporting.finding import Finding, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.assembly.invariants.declaration import DeclaredInvariant, Evidence, InvariantResult
    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.policy.matching.context import Values
    from keywright.reasoning.witnesses.witness import Witness

_NARROW_ACCESS = "a narrower statement, a denial, or `except`"
_ALLOW_ACCESS = "a statement that allows it, and no denial of it"
_MOST_NAMED = 3
_UNINFORMATIVE_KEYS = frozenset(
    {"aws:securetransport", "aws:principalarn", "aws:principalaccount", "aws:username", "aws:currenttime"}
)
"""Context keys that a message does not show: they follow from the principal, or have the usual value."""


def invariant_findings(
    rule: str,
    assembly: Assembly,
    declared: Iterable[DeclaredInvariant],
    elsewhere: Mapping[str, str],
    boundaries: Iterable[Resource],
) -> Iterator[Finding]:
    """Yield what violates invariants, or prevents their proof; `boundaries` are policies used only as such."""
    for result in prove_invariants(assembly, declared, elsewhere, boundaries):
        for each in result.breaches:
            yield _fault(rule, result, each)
        for each in result.doubts:
            yield _undecided(rule, result, each)


def unknown_name_findings(
    assembly: Assembly, declared: Iterable[DeclaredInvariant], elsewhere: Mapping[str, str]
) -> Iterator[Finding]:
    """Report names that an assembly does not have, with the nearest names that it has."""
    unknown = unknown_names(assembly, declared, elsewhere)
    known = known_names(assembly) if unknown else []
    for each, name in unknown:
        near = listed(nearest(name, known)) or "an ARN"
        yield Finding(each.location, "no template has this name", f"`{name}`", near)


def _fault(rule: str, result: InvariantResult, shown: Evidence) -> Finding:
    declared = result.declared
    says = _refused(shown) if shown.is_refused else _allowed(shown)
    return _finding(
        rule,
        result,
        shown,
        f"{says}, which violates `{declared.label}`",
        accepted=_ALLOW_ACCESS if shown.is_refused else _NARROW_ACCESS,
        outcome=Outcome.FAULT,
    )


def _undecided(rule: str, result: InvariantResult, shown: Evidence) -> Finding:
    whose = f" for {_principals(shown)}" if shown.who else ""
    message = f"cannot tell whether `{result.declared.label}` holds{whose}: {shown.because}"
    accepted = "policies in the templates"
    return _finding(rule, result, shown, message, accepted=accepted, outcome=Outcome.UNDECIDED)


def _finding(
    rule: str, result: InvariantResult, shown: Evidence, message: str, *, accepted: str, outcome: Outcome
) -> Finding:
    place = Place(shown.resource) if shown.resource is not None else None
    return Finding(
        shown.location,
        message,
        found=_found(result, shown),
        accepted=accepted,
        rule=rule,
        outcome=outcome,
        resource=place.resource.logical_id if place else "",
        path=place.resource.construct_path if place else "",
        see=() if result.declared.location in {shown.location, NO_LOCATION} else (result.declared.location,),
    )


def _found(result: InvariantResult, shown: Evidence) -> str:
    who = f"{listed(shown.who, most=_MOST_NAMED)} against " if shown.who else ""
    return f"{who}`{result.declared.label}`"


def _allowed(shown: Evidence) -> str:
    through = f", as {' and then '.join(f'`{each}`' for each in shown.through)}," if shown.through else ""
    return f"{_principals(shown)} can{through} call {_request(shown.request)}"


def _refused(shown: Evidence) -> str:
    return f"{_principals(shown)} cannot call {_request(shown.request)}: {shown.because}"


def _principals(shown: Evidence) -> str:
    first, rest = shown.who[:_MOST_NAMED], len(shown.who) - _MOST_NAMED
    named = ", ".join(f"`{each}`" for each in first)
    return f"{named} and {rest} more" if rest > 0 else named


def _request(witness: Witness | None) -> str:
    if witness is None:
        return "it"
    return f"`{witness.action}` on `{witness.resource}`{_context(witness.context)}"


def _context(context: Mapping[str, Values]) -> str:
    shown_keys = [
        f"`{key}` {' and '.join(f'`{each}`' for each in values)}"
        for key, values in context.items()
        if key.lower() not in _UNINFORMATIVE_KEYS and values
    ]
    return f" with {', '.join(shown_keys)}" if shown_keys else ""
