"""What an organization's control policies are said to let through, before and after.

They limit and never grant, and no template enforces them: a review takes nothing away by them, so that no claim of a pull
request hides what somebody gains. What they let through beyond what they did is told as a widening.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.parsing.control_policies import Control, full_access
from keywright.reasoning.comparison.compare import NewAccess, NoNewAccess, compare_access
from keywright.reasoning.evaluation.policies import Policies
from keywright.review.change import Fact, quoted
from keywright.review.under_controls import principals_under, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.sources.organization import Organization
    from keywright.assembly.templates.template import Assembly
    from keywright.reasoning.comparison.compare import Comparison
    from keywright.review.side import Side

_ABOUT = "organization"


def control_changes(base: Side, head: Side, wholes: tuple[Assembly, Assembly]) -> Iterator[Fact]:
    """Tell of both kinds; they limit everybody of the `wholes`, also who changed nothing and was left out of the sides."""
    several = base.assembly.organizations, head.assembly.organizations
    if several[0] != several[1] and max(map(len, several)) > 1:
        says = "of several accounts change; what that lets through, the review of each account tells"
        yield Fact(_ABOUT, "control policies", says, undecided=True)
    was, now = base.assembly.organization, head.assembly.organization
    if was == now:
        return
    if was.levels and now.levels and was.account != now.account:
        says = f"are said of account {quoted(now.account)}, before of {quoted(was.account)}"
        yield Fact(_ABOUT, "control policies", says, widens=True)
    for control in Control:
        yield from _told(control, was, now)
        if _levels(control, was) != _levels(control, now):
            sides = (side.of_whole(whole) for side, whole in zip((base, head), wholes, strict=True))
            yield from principals_under(control, was, now, *sides)


def _told(control: Control, was: Organization, now: Organization) -> Iterator[Fact]:
    between = _by_service if control is Control.SERVICE else _by_resource
    wider, narrower = between(was, now), between(now, was)
    name = str(control).replace("policy", "policies")
    if isinstance(wider, NewAccess):
        yield Fact(_ABOUT, name, f"let more through: for instance {shown(wider.witness)}", widens=True)
    elif not isinstance(wider, NoNewAccess):
        says = f"may let more through: {wider.reason}"
        yield Fact(_ABOUT, name, says, widens=True, undecided=True)
    if not isinstance(narrower, NoNewAccess):
        says = "are said to let less through; what that takes away is not counted here, for no template enforces it"
        yield Fact(_ABOUT, name, says, narrows=True)


def _levels(control: Control, organization: Organization) -> object:
    return organization.service_control if control is Control.SERVICE else organization.resource_control


def _by_service(was: Organization, now: Organization) -> Comparison:
    """Compare what somebody who is granted everything may."""
    everything = (full_access(Control.SERVICE),)
    before, after = (
        Policies(identity=everything, service_control=each.service_control) for each in (was, now)
    )
    return compare_access(before, after)


def _by_resource(was: Organization, now: Organization) -> Comparison:
    """Compare what a resource that lets everybody in lets in."""
    open_to_all = full_access(Control.RESOURCE)
    before, after = (
        Policies(resource=open_to_all, resource_control=each.resource_control) for each in (was, now)
    )
    return compare_access(before, after)
