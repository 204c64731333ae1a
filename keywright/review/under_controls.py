"""Who may more, or less, as control policies are said to be now: one principal after the other, each shown by a request.

By these nothing is taken from what a review tells otherwise; see `control_policies`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from keywright.policy.parsing.control_policies import Control
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.comparison.compare import NewAccess, UndecidedComparison, compare_access
from keywright.reasoning.evaluation.policies import Policies
from keywright.review.change import Fact, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.sources.organization import Organization
    from keywright.policy.statement import Document
    from keywright.reasoning.comparison.compare import Comparison
    from keywright.reasoning.evaluation.policies import Levels
    from keywright.reasoning.witnesses.witness import Witness
    from keywright.review.side import Bearer, Side

MOST_COMPARED = 200
"""Principals that are compared; in larger accounts the rest is counted."""
MOST_TOLD = 20
_OF_THE_ORGANIZATION = frozenset({"aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount"})
"""Keys of who asks that are the same for all of the account: what asks for one is about those outside, and left aside here."""


def principals_under(
    control: Control, was: Organization, now: Organization, base: Side, head: Side
) -> Iterator[Fact]:
    """Tell of those who stand on both sides, or are new: what they gain by it; and what who was there loses."""
    yield from _told(_changed(control, was, now, head), "may more", widens=True)
    yield from _told(_changed(control, now, was, base), "may less", widens=False)


def _changed(
    control: Control, before: Organization, after: Organization, side: Side
) -> Iterator[tuple[Bearer, Comparison | None]]:
    """Compare each principal with itself; none where it was one too many."""
    people = [each for each in side.bearers.values() if _is_limited(each, after, before)]
    for number, each in enumerate(people):
        yield each, _compared(control, before, after, each) if number < MOST_COMPARED else None


def _is_limited(bearer: Bearer, *sides: Organization) -> bool:
    account = bearer.actor.account if bearer.actor else ""
    return bearer.kind in {ActorKind.USER, ActorKind.ROLE} and (
        not account.isdigit() or account in {each.account for each in sides}
    )


def _compared(control: Control, before: Organization, after: Organization, bearer: Bearer) -> Comparison:
    own = Policies(
        identity=tuple(each.most for each in bearer.grants),
        boundary=bearer.boundary.most if bearer.boundary else None,
    )
    was, now = (_under(control, own, each) for each in (before, after))
    return compare_access(was, now, bearer.arn)


def _under(control: Control, own: Policies, organization: Organization) -> Policies:
    if control is Control.SERVICE:
        return replace(own, service_control=_about_us(organization.service_control))
    return replace(own, resource_control=_about_us(organization.resource_control))


def _about_us(levels: Levels) -> Levels:
    return tuple(tuple(_without_outsiders(each) for each in level) for level in levels)


def _without_outsiders(document: Document) -> Document:
    kept = tuple(
        each
        for each in document.statements
        if not any(test.key.lower() in _OF_THE_ORGANIZATION for test in each.condition_tests)
    )
    return replace(document, statements=kept)


def _told(changed: Iterator[tuple[Bearer, Comparison | None]], what: str, *, widens: bool) -> Iterator[Fact]:
    told = left = unseen = 0
    for bearer, found in changed:
        unseen += found is None
        says = _says(found, what)
        if not says:
            continue
        told += 1
        left += told > MOST_TOLD
        if told <= MOST_TOLD:
            is_open = widens and isinstance(found, UndecidedComparison)
            yield Fact(
                "organization", bearer.name, says, widens=widens, narrows=not widens, undecided=is_open
            )
    if left or unseen:
        yield _rest(left, unseen, what, widens=widens)


def _says(found: Comparison | None, what: str) -> str:
    if isinstance(found, NewAccess):
        return f"{what} as control policies are said to be now, for instance {shown(found.witness)}"
    if isinstance(found, UndecidedComparison):
        return f"perhaps {what} as control policies are said to be now: {found.reason}"
    return ""


def shown(witness: Witness) -> str:
    """Show a request, with what it has to hold."""
    context = (f"{key}={value}" for key, values in witness.context.items() for value in islice(values, 3))
    with_these = " with " + ", ".join(quoted(each) for each in context) if witness.context else ""
    return f"{quoted(witness.action)} on {quoted(witness.resource)}{with_these}"


def _rest(left: int, unseen: int, what: str, *, widens: bool) -> Fact:
    parts = [f"{left} more {what}"] if left else []
    parts += [f"{unseen} more were not compared"] if unseen else []
    says = f"{' and '.join(parts)} as control policies are said to be now"
    return Fact("organization", "other principals", says, widens=widens, narrows=not widens)
