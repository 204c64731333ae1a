"""What limits an identity beside its policies: its permissions boundary, and how long its sessions last.

A boundary that goes or lets more through is a widening even where nobody may more by it yet: it is what holds back
grants that come later, or from outside of the templates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.templates.value import Text
from keywright.reasoning.comparison.compare import NewAccess
from keywright.reasoning.evaluation.policies import Policies
from keywright.review.change import Fact, quoted
from keywright.review.conditions_in_words import span
from keywright.review.weighing import Sides

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.review.side import Bearer, Held, Side

_USUAL = 3600
"""Seconds that a session of a role may last where nothing else is said ("MaxSessionDuration", AWS::IAM::Role)."""
_SHOWN = 5


def limits(base: Side, head: Side) -> Iterator[Fact]:
    """Tell of both."""
    yield from _boundaries(base, head)
    yield from _edges(base, head)
    yield from _sessions(base, head)


def _boundaries(base: Side, head: Side) -> Iterator[Fact]:
    """Tell whose boundary is another one."""
    for arn, now in head.bearers.items():
        was = base.bearers.get(arn)
        if was is None or was.boundary_arn == now.boundary_arn:
            continue
        place = now.resource.locate("Properties", "PermissionsBoundary") if now.resource else None
        if not now.boundary_arn:
            says = f"has no permissions boundary any more; it was {quoted(was.boundary_arn)}"
            yield Fact("boundary", now.name, says, place, widens=True)
            continue
        more = _more(was.boundary, now.boundary) if was.boundary_arn else ""
        says = f"has the permissions boundary {quoted(now.boundary_arn)}; it was {quoted(was.boundary_arn) if was.boundary_arn else 'none'}"
        yield Fact("boundary", now.name, f"{says}{more}", place, widens=bool(more))


def _edges(base: Side, head: Side) -> Iterator[Fact]:
    """Tell which boundaries let more through than they did, and whom they limit."""
    was, now = _by_arn(base), _by_arn(head)
    for arn, (edge, limited) in now.items():
        before = was.get(arn)
        if before is None or before[0].mark == edge.mark:
            continue
        more = _more(before[0], edge)
        if more:
            place = edge.policy.location if edge.policy else None
            yield Fact("boundary", f"policy {arn}", f"bounds {_several(limited)}{more}", place, widens=True)


def _by_arn(side: Side) -> dict[str, tuple[Held, list[str]]]:
    found: dict[str, tuple[Held, list[str]]] = {}
    for each in side.bearers.values():
        if each.boundary is not None:
            found.setdefault(each.boundary_arn, (each.boundary, []))[1].append(each.name)
    return found


def _more(was: Held | None, now: Held | None) -> str:
    """Say by an example what a boundary lets through that another did not; empty where nothing shows it."""
    if was is None or now is None:
        return ""
    found = Sides(Policies(identity=(was.most,)), Policies(identity=(now.least,))).compare()
    if not isinstance(found, NewAccess):
        return ""
    return f", and lets more through, for instance {quoted(found.witness.action)} on {quoted(found.witness.resource)}"


def _several(names: Iterable[str]) -> str:
    shown = list(names)
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return f"{', '.join(map(quoted, shown[:_SHOWN]))}{more}"


# Sessions


def _sessions(base: Side, head: Side) -> Iterator[Fact]:
    for arn, now in head.bearers.items():
        was = base.bearers.get(arn)
        before, after = (_longest(each) for each in (was, now))
        if before is None or after is None or before == after or now.resource is None:
            continue
        says = f"has sessions of up to {span(after)}, before {span(before)}"
        place = now.resource.locate("Properties", "MaxSessionDuration")
        yield Fact("session", now.name, says, place, widens=after > before, narrows=after < before)


def _longest(bearer: Bearer | None) -> int | None:
    """Give the seconds of a role's longest session; None for others, and where only the deployment knows."""
    if bearer is None or bearer.resource is None or bearer.resource.type != "AWS::IAM::Role":
        return None
    (reading, *others) = bearer.resource.readings("MaxSessionDuration")
    if others:
        return None
    literal = reading.literal if isinstance(reading, Text) else str(_USUAL)
    return int(literal) if literal and literal.isdecimal() else None
