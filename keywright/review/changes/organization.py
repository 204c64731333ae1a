"""Changes of declared control policies of the organization (SCPs and RCPs), and of permission sets.

Control policies limit and never grant, and no template enforces them: a review subtracts nothing for them, so that no pull
request can hide a gain by declaring one. If they allow more than before, this is a gain.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from keywright.assembly.identities.identity_center import (
    PERMISSION_SET,
    PERMISSION_SET_PREFIX,
    REFERENCES,
    assignments,
    duration_seconds,
    memberships,
)
from keywright.assembly.templates.value import as_texts
from keywright.model.stacks.shards import CENTER_STACK
from keywright.policy.parsing.control_policies import Control, full_access
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.comparison.compare import NewAccess, NoNewAccess, UndecidedComparison, compare_access
from keywright.reasoning.evaluation.policies import Policies
from keywright.review.changes.identity_settings import session_change
from keywright.review.result import Fact, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.identities.identity_center import CenterAccess
    from keywright.assembly.sources.organization import Organization
    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.policy.statement import Document
    from keywright.reasoning.comparison.compare import Comparison
    from keywright.reasoning.evaluation.policies import Levels
    from keywright.reasoning.witnesses.witness import Witness
    from keywright.review.comparison.snapshot import IdentityAccess, Snapshot


MOST_COMPARED = 200
"""How many principals are compared; in larger accounts, the rest is only counted."""
MOST_REPORTED = 20
_OF_THE_ORGANIZATION = frozenset({"aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount"})
"""Keys with one value for the whole account: statements with them are about outside principals and are ignored here."""


def principal_changes(
    control: Control, was: Organization, now: Organization, base: Snapshot, head: Snapshot
) -> Iterator[Fact]:
    """Yield the principals that gain access by changed control policies, and those that lose access."""
    yield from _report(_compare_principals(control, was, now, head), "gain", widens=True)
    yield from _report(_compare_principals(control, now, was, base), "lose", widens=False)


def _compare_principals(
    control: Control, before: Organization, after: Organization, snapshot: Snapshot
) -> Iterator[tuple[IdentityAccess, Comparison | None]]:
    """Compare each principal with itself; None beyond the limit."""
    people = [each for each in snapshot.identities.values() if _is_in_scope(each, after, before)]
    for number, each in enumerate(people):
        yield each, _compare_principal(control, before, after, each) if number < MOST_COMPARED else None


def _is_in_scope(identity: IdentityAccess, *sides: Organization) -> bool:
    account = identity.actor.account if identity.actor else ""
    return identity.kind in {ActorKind.USER, ActorKind.ROLE} and (
        not account.isdigit() or account in {each.account for each in sides}
    )


def _compare_principal(
    control: Control, before: Organization, after: Organization, identity: IdentityAccess
) -> Comparison:
    own = Policies(
        identity=tuple(each.most for each in identity.grants),
        boundary=identity.boundary.most if identity.boundary else None,
    )
    was, now = (_with_control_policies(control, own, each) for each in (before, after))
    return compare_access(was, now, identity.arn)


def _with_control_policies(control: Control, own: Policies, organization: Organization) -> Policies:
    if control is Control.SERVICE:
        return replace(own, service_control=_without_outside_conditions(organization.service_control))
    return replace(own, resource_control=_without_outside_conditions(organization.resource_control))


def _without_outside_conditions(levels: Levels) -> Levels:
    return tuple(tuple(_drop_outside_statements(each) for each in level) for level in levels)


def _drop_outside_statements(document: Document) -> Document:
    kept = tuple(
        each
        for each in document.statements
        if not any(test.key.lower() in _OF_THE_ORGANIZATION for test in each.condition_tests)
    )
    return replace(document, statements=kept)


def _report(
    changed: Iterator[tuple[IdentityAccess, Comparison | None]], what: str, *, widens: bool
) -> Iterator[Fact]:
    reported = omitted = not_compared = 0
    for identity, found in changed:
        not_compared += found is None
        says = _message(found, what)
        if not says:
            continue
        reported += 1
        omitted += reported > MOST_REPORTED
        if reported <= MOST_REPORTED:
            is_unresolved = widens and isinstance(found, UndecidedComparison)
            yield Fact(
                "organization",
                identity.name,
                says,
                widens=widens,
                narrows=not widens,
                undecided=is_unresolved,
            )
    if omitted or not_compared:
        yield _summary(omitted, not_compared, what, widens=widens)


def _message(found: Comparison | None, what: str) -> str:
    if isinstance(found, NewAccess):
        return f"{what}s access by the declared control policies, for instance {example(found.witness)}"
    if isinstance(found, UndecidedComparison):
        return f"may {what} access by the declared control policies: {found.reason}"
    return ""


def example(witness: Witness) -> str:
    """Describe a request with its context."""
    context = (f"{key}={value}" for key, values in witness.context.items() for value in islice(values, 3))
    with_these = " with " + ", ".join(quoted(each) for each in context) if witness.context else ""
    return f"{quoted(witness.action)} on {quoted(witness.resource)}{with_these}"


def _summary(omitted: int, not_compared: int, what: str, *, widens: bool) -> Fact:
    parts = [f"{omitted} more {what} access"] if omitted else []
    parts += [f"{not_compared} more were not compared"] if not_compared else []
    says = f"{' and '.join(parts)} by the declared control policies"
    return Fact("organization", "other principals", says, widens=widens, narrows=not widens)


_ABOUT = "organization"


def control_changes(
    base: Snapshot, head: Snapshot, whole_assemblies: tuple[Assembly, Assembly]
) -> Iterator[Fact]:
    """Yield the changes of both kinds; they limit all principals of the `whole_assemblies`."""
    several = base.assembly.organizations, head.assembly.organizations
    if several[0] != several[1] and max(map(len, several)) > 1:
        says = "of several accounts change; review each account to see what this allows"
        yield Fact(_ABOUT, "control policies", says, undecided=True)
    was, now = base.assembly.organization, head.assembly.organization
    if was == now:
        return
    if was.levels and now.levels and was.account != now.account:
        says = f"are declared for account {quoted(now.account)}; before, for {quoted(was.account)}"
        # Control policies for another account no longer limit the earlier one, whatever they contain.
        yield Fact(_ABOUT, "control policies", says, widens=True)
    # Service control policies limit principals, resource control policies limit resources.
    for control in Control:
        yield from _control_facts(control, was, now)
        if _control_levels(control, was) != _control_levels(control, now):
            sides = (
                snapshot.for_assembly(whole)
                for snapshot, whole in zip((base, head), whole_assemblies, strict=True)
            )
            yield from principal_changes(control, was, now, *sides)


def _control_facts(control: Control, was: Organization, now: Organization) -> Iterator[Fact]:
    between = _by_service if control is Control.SERVICE else _by_resource
    wider, narrower = between(was, now), between(now, was)
    name = str(control).replace("policy", "policies")
    if isinstance(wider, NewAccess):
        yield Fact(_ABOUT, name, f"allow more, for instance {example(wider.witness)}", widens=True)
    elif not isinstance(wider, NoNewAccess):
        # Counted as a gain as well, because no reviewer may read "no new access" where a limit may have been
        # lifted (ADR 20).
        says = f"may allow more: {wider.reason}"
        yield Fact(_ABOUT, name, says, widens=True, undecided=True)
    if not isinstance(narrower, NoNewAccess):
        says = "allow less; this is not counted as a loss, because no template enforces control policies"
        yield Fact(_ABOUT, name, says, narrows=True)


def _control_levels(control: Control, organization: Organization) -> object:
    return organization.service_control if control is Control.SERVICE else organization.resource_control


def _by_service(was: Organization, now: Organization) -> Comparison:
    """Compare what a principal with full access can do."""
    everything = (full_access(Control.SERVICE),)
    before, after = (
        Policies(identity=everything, service_control=each.service_control) for each in (was, now)
    )
    return compare_access(before, after)


def _by_resource(was: Organization, now: Organization) -> Comparison:
    """Compare what a public resource allows."""
    open_to_all = full_access(Control.RESOURCE)
    before, after = (
        Policies(resource=open_to_all, resource_control=each.resource_control) for each in (was, now)
    )
    return compare_access(before, after)


_DEFAULT_SECONDS = 3_600
"""The default length of a session in seconds."""


def permission_set_changes(base: Snapshot, head: Snapshot) -> Iterator[Fact]:
    """Yield changes of permission sets: sessions, references, assignments and memberships."""
    was, now = _sets_by_name(base), _sets_by_name(head)
    for name in now.keys() & was.keys():
        lengths = (_session_seconds(each) for each in (was[name], now[name]))
        place = now[name].locate("Properties", "SessionDuration")
        yield from session_change(f"{PERMISSION_SET_PREFIX}{name}", place, *lengths)
        old, new = (
            snapshot.fingerprints.of(each[name], ("Properties", REFERENCES))
            for snapshot, each in ((base, was), (head, now))
        )
        # The policies are in each account under that name, and no template here contains them.
        if old != new and any(_has_references(each[name]) for each in (was, now)):
            says = "may refer to other policies in its accounts than before"
            yield Fact(
                "not weighed", f"{PERMISSION_SET_PREFIX}{name}", says, now[name].location, undecided=True
            )
    for name in now.keys() - was.keys():
        if not now[name].properties.keys() & {"InlinePolicy", "ManagedPolicies"}:
            says = "is new; these templates grant it nothing"
            yield Fact("identity", f"{PERMISSION_SET_PREFIX}{name}", says, now[name].location, widens=True)
    yield from _assignment_changes(base, head)


def _has_references(resource: Resource) -> bool:
    return REFERENCES in resource.properties


def _sets_by_name(snapshot: Snapshot) -> dict[str, Resource]:
    return {
        next(iter(snapshot.texts(each, "Name")), each.logical_id): each
        for each in snapshot.assembly.of_type(PERMISSION_SET)
    }


def _session_seconds(resource: Resource) -> int | None:
    """Give the length of sessions; None if it is known only at deployment."""
    texts = [text.literal for each in resource.possible_values("SessionDuration") for text in as_texts(each)]
    return duration_seconds(texts[0]) if texts else _DEFAULT_SECONDS


def _assignment_changes(base: Snapshot, head: Snapshot) -> Iterator[Fact]:
    """Yield changed assignments and changed memberships in groups of IAM Identity Center."""
    for about, list_of, gains, loses in (
        ("assignment", assignments, "gets", "loses"),
        ("membership", memberships, "joins", "leaves"),
    ):
        was, now = (
            {(each.who, each.what, each.account): each for each in list_of(snapshot.assembly, snapshot.text)}
            for snapshot in (base, head)
        )
        for key in now.keys() - was.keys():
            yield Fact(
                about, now[key].called, f"{gains} {_described(now[key])}", now[key].location, widens=True
            )
        omitted = {each.id for each in base.assembly.templates} - {
            each.id for each in head.assembly.templates
        }
        for key in was.keys() - now.keys():
            if was[key].stack in omitted & {CENTER_STACK}:  # who deletes other stacks is unknown
                yield _remains_assigned(about, was[key])
            else:
                says = f"{loses} {_described(was[key])}"
                yield Fact(about, was[key].called, says, was[key].location, narrows=True)


def _remains_assigned(about: str, given: CenterAccess) -> Fact:
    """Report that access remains: a stack that is no longer synthesized stays deployed."""
    says = f"keeps {_described(given)} until stack `{CENTER_STACK}`, which is no longer synthesized, is deleted manually"
    return Fact(about, given.called, says, given.location, undecided=True)


def _described(given: CenterAccess) -> str:
    return (
        f"{quoted(given.what)} in the account {quoted(given.account)}"
        if given.account
        else quoted(given.what)
    )
