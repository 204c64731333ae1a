"""The line of the declaration behind each change, where a synthesis of ours left word of it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from keywright.assembly.sources.declared_places import assigned
from keywright.review.change import Subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keywright.assembly.sources.declared_places import DeclaredPlaces
    from keywright.reporting.finding import Location
    from keywright.review.change import Change, Fact, Replaced, Review, Step

_QUOTED = re.compile(r"`([^`]*)`")


def with_declared(review: Review, base: DeclaredPlaces, head: DeclaredPlaces) -> Review:
    """Add the lines: of what is new where it is declared now, of what is gone where it was."""
    if not (base.names or head.names):
        return review
    return replace(
        review,
        changes=tuple(_change(each, base, head) for each in review.changes),
        facts=tuple(_fact(each, base, head) for each in review.facts),
        replaced=tuple(_replaced(each, base, head) for each in review.replaced),
    )


def _change(change: Change, base: DeclaredPlaces, head: DeclaredPlaces) -> Change:
    gains, losses = (
        tuple(replace(each, declared=_line(change, each, places)) for each in steps)
        for steps, places in ((change.gains, head), (change.losses, base))
    )
    return replace(change, gains=gains, losses=losses)


def _line(change: Change, step: Step, places: DeclaredPlaces) -> Location | None:
    if change.subject is Subject.TRUST:
        return places.of_trust(change.name)
    holder = f"group/{step.through.rpartition('/')[2]}" if step.through else change.name
    return places.of_grant(holder, _actions(step)) or places.of(change.name)


def _actions(step: Step) -> Sequence[str]:
    written = step.statement.get("Action", ())
    return [written] if isinstance(written, str) else list(written)


def _fact(fact: Fact, base: DeclaredPlaces, head: DeclaredPlaces) -> Fact:
    first, second = (base, head) if fact.narrows else (head, base)
    name = _assigned(fact) if fact.about == "assignment" else fact.name
    return replace(fact, declared=first.of(name) or second.of(name))


def _assigned(fact: Fact) -> str:
    """Name the assignment by what is said of it in quotes: the permission set and the account."""
    what, account, *_ = (*_QUOTED.findall(fact.says), "", "")
    return assigned(fact.name, what, account)


def _replaced(replaced: Replaced, base: DeclaredPlaces, head: DeclaredPlaces) -> Replaced:
    return replace(replaced, declared=head.of(replaced.name) or base.of(replaced.name))
