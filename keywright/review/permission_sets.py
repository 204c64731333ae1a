"""What changes of permission sets beside their policies: to whom they are assigned, for how long, what they refer to.

Source: AWS::SSO::PermissionSet and AWS::SSO::Assignment, CloudFormation template reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.identities.identity_center import (
    NAMED,
    REFERENCES,
    TYPE,
    assignments,
    lasting,
    memberships,
)
from keywright.assembly.templates.value import as_texts
from keywright.model.stack_names import CENTER_STACK
from keywright.review.change import Fact, quoted
from keywright.review.conditions_in_words import span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.identities.identity_center import Given
    from keywright.assembly.templates.template import Resource
    from keywright.review.side import Side

_USUAL = 3_600
"""Seconds of a session where nothing is said."""


def beside_sets(base: Side, head: Side) -> Iterator[Fact]:
    """Tell all of it."""
    was, now = _sets(base), _sets(head)
    for name in now.keys() & was.keys():
        yield from _lasting(name, was[name], now[name])
        old, new = (
            side.meaning.of(each[name], ("Properties", REFERENCES))
            for side, each in ((base, was), (head, now))
        )
        if old != new and any(_refers(each[name]) for each in (was, now)):
            says = "refers to other policies of its accounts than before, perhaps"
            yield Fact("not weighed", f"{NAMED}{name}", says, now[name].location, undecided=True)
    for name in now.keys() - was.keys():
        if not now[name].properties.keys() & {"InlinePolicy", "ManagedPolicies"}:
            says = "is new; nothing is granted to it here"
            yield Fact("identity", f"{NAMED}{name}", says, now[name].location, widens=True)
    yield from _shares(base, head)


def _refers(resource: Resource) -> bool:
    return REFERENCES in resource.properties


def _sets(side: Side) -> dict[str, Resource]:
    return {
        next(iter(_listed(side, each, "Name")), each.logical_id): each for each in side.assembly.of_type(TYPE)
    }


def _lasting(name: str, was: Resource, now: Resource) -> Iterator[Fact]:
    before, after = _seconds(was), _seconds(now)
    if before is not None and after is not None and before != after:
        says = f"has sessions of up to {span(after)}, before {span(before)}"
        place = now.locate("Properties", "SessionDuration")
        yield Fact("session", f"{NAMED}{name}", says, place, widens=after > before, narrows=after < before)


def _seconds(resource: Resource) -> int | None:
    """Read how long sessions last; None where only the deployment knows."""
    texts = [text.literal for each in resource.readings("SessionDuration") for text in as_texts(each)]
    return lasting(texts[0]) if texts else _USUAL


def _shares(base: Side, head: Side) -> Iterator[Fact]:
    """Tell who gets and who loses a permission set in an account, who joins and who leaves a group made here."""
    for about, list_of, gains, loses in (
        ("assignment", assignments, "gets", "loses"),
        ("membership", memberships, "joins", "leaves"),
    ):
        was, now = (
            {(each.who, each.what, each.account): each for each in list_of(side.assembly, side.text)}
            for side in (base, head)
        )
        for key in now.keys() - was.keys():
            yield Fact(about, now[key].called, f"{gains} {_what(now[key])}", now[key].location, widens=True)
        left = {each.id for each in base.assembly.templates} - {each.id for each in head.assembly.templates}
        for key in was.keys() - now.keys():
            if was[key].stack in left & {
                CENTER_STACK
            }:  # of other people's stacks nobody knows who deletes them
                yield _left_behind(about, was[key])
            else:
                says = f"{loses} {_what(was[key])}"
                yield Fact(about, was[key].called, says, was[key].location, narrows=True)


def _left_behind(about: str, given: Given) -> Fact:
    """Tell that nobody takes it away: a stack that is no longer synthesized stays as it was deployed."""
    says = f"keeps {_what(given)} until stack `{CENTER_STACK}`, which is no longer made, is deleted by hand"
    return Fact(about, given.called, says, given.location, undecided=True)


def _what(given: Given) -> str:
    return (
        f"{quoted(given.what)} in the account {quoted(given.account)}"
        if given.account
        else quoted(given.what)
    )


def _listed(side: Side, resource: Resource, key: str) -> tuple[str, ...]:
    found = (side.text(text) for each in resource.readings(key) for text in as_texts(each))
    return tuple(dict.fromkeys(found))
