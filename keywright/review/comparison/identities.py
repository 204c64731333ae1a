"""Compare identities: what each can do, and for a role, who can assume it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.assembly.identities.principals import principals_of
from keywright.assembly.queries.question import Question
from keywright.assembly.workers import map_in_order, split_work, workers_among
from keywright.policy.principals import PrincipalKind, principal
from keywright.policy.statement import Kind
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.comparison.compare import NewAccess, NoNewAccess, UndecidedComparison
from keywright.review.comparison.access_change import (
    boundary_pair,
    changes_boundary,
    compares_denials,
    denials_pair,
    grants_directly,
    identity_policy_pair,
    removes_denials,
    resource_policy_pair,
)
from keywright.review.comparison.resources import account_of, policies_by_resource
from keywright.review.comparison.steps import (
    BOUNDARY_WIDENED,
    DENIAL_REMOVED,
    find_direct_steps,
    find_steps,
    make_change,
    with_resource,
)
from keywright.review.result import Change, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright.assembly.identities.principals import AccountPrincipals
    from keywright.assembly.templates.template import Assembly
    from keywright.reasoning.comparison.compare import Comparison
    from keywright.review.comparison.access_change import PolicyPair
    from keywright.review.comparison.snapshot import ComparedPolicy, IdentityAccess, Snapshot
    from keywright.review.result import Step

_MOST_ROUTES = 100
"""For how many roles the principals that can assume them are searched."""


@dataclass
class IdentityChanges:
    """Both snapshots' identities, paired by ARN; the snapshots may be parts of the `whole_assemblies`."""

    base: Snapshot
    head: Snapshot
    whole_assemblies: tuple[Assembly, Assembly]
    unchanged: int = field(default=0, init=False)
    _routes_left: int = field(default=_MOST_ROUTES, init=False)

    def changes(self) -> list[Change]:
        """Compare every identity whose policies or trust policy changed."""
        arns = dict.fromkeys((*self.head.identities, *self.base.identities))
        reported = dict(self._compare_all([arn for arn in arns if self._has_changed(arn)]))
        self.unchanged += sum(
            not reported.get(arn) and arn in self.base.identities and arn in self.head.identities
            for arn in arns
        )
        # Here and not in the workers, because the number of searches is limited for all changes together.
        found = [self._with_concerned(arn, each) for arn, changes in reported.items() for each in changes]
        return _without_group_duplicates(found, self.base, self.head)

    def _has_changed(self, arn: str) -> bool:
        was, now = self.base.identities.get(arn), self.head.identities.get(arn)
        return (
            was is None or now is None or was.fingerprint != now.fingerprint or _has_changed_trust(was, now)
        )

    def _compare_all(self, arns: Sequence[str]) -> Iterator[tuple[str, list[Change]]]:
        """Compare several, in order; with many, forked workers share both snapshots' memory."""
        workers = workers_among(len(arns))
        _WORKER_STATE.append(self)
        try:
            for several in map_in_order(_compare_share, split_work(arns, workers), workers):
                yield from several
        finally:
            _WORKER_STATE.pop()

    def compare(self, arn: str) -> list[Change]:
        """Compare one identity: its access and its trust policy."""
        was, now = self.base.identities.get(arn), self.head.identities.get(arn)
        return [
            each for each in (self.access_change(was, now), self.trust_change(was, now)) if each is not None
        ]

    def _with_concerned(self, arn: str, change: Change) -> Change:
        """Add the concerned principals to a change of access; in order, because the searches are limited."""
        if change.subject is not Subject.ACCESS or not (change.gains or change.losses):
            return change
        current = self.head.identities.get(arn) or self.base.identities[arn]
        return replace(change, concerns=self._concerned_names(current))

    @cached_property
    def _can_be_granted_directly(self) -> bool:
        """Tell whether some resource-based policy may allow principals without policies of their own."""
        policies = [
            *(
                each
                for snapshot in (self.base, self.head)
                for group in policies_by_resource(snapshot).values()
                for each in group
            ),
            *(
                policies
                for snapshot in (self.base, self.head)
                for each in snapshot.identities.values()
                for policies in each.trust
            ),
        ]
        return any(grants_directly(each.most) or each.is_unresolved for each in policies)

    def access_change(self, was: IdentityAccess | None, now: IdentityAccess | None) -> Change | None:
        """Compare what one identity can do; None if it is the same by its text."""
        was, now = self._with_unattached_policies(was, now)
        if was and now and was.fingerprint == now.fingerprint:
            return None
        current = now or was
        assert current is not None
        gained, lost = self._gained_steps(was, now, current), self._gained_steps(now, was, current)
        # A new identity without access is a fact (`new_identities`), not a change of access.
        if not (gained[0] or lost[0] or gained[1] or (was and now)):
            return None
        return make_change(
            Subject.ACCESS, current.name, current.arn, gained, lost, is_new=was is None, is_gone=now is None
        )

    def _with_unattached_policies(
        self, was: IdentityAccess | None, now: IdentityAccess | None
    ) -> tuple[IdentityAccess | None, IdentityAccess | None]:
        """Give a managed policy on both sides, if it is attached on one side only."""
        if was is None and now is not None and now.kind is ActorKind.POLICY:
            return self.base.unattached_policy(now.arn, now.name), now
        if now is None and was is not None and was.kind is ActorKind.POLICY:
            return was, self.head.unattached_policy(was.arn, was.name)
        return was, now

    def _gained_steps(
        self, was: IdentityAccess | None, now: IdentityAccess | None, current: IdentityAccess
    ) -> tuple[tuple[Step, ...], str]:
        """Give the steps by which access is gained, or why that is undecided."""
        pair = identity_policy_pair(was, now, _principal_arn(current))
        found = _compare_with_sessions(pair, current)
        if isinstance(found, UndecidedComparison) and pair.holder:
            pair, found = _compare_any_principal(pair, found)
        policies, known = _policies_of(now), _policies_of(was)
        if isinstance(found, NoNewAccess):
            return self._steps_without_denials(was, now, current)
        return find_steps(pair, found, policies, known)

    def _steps_without_denials(
        self, was: IdentityAccess | None, now: IdentityAccess | None, current: IdentityAccess
    ) -> tuple[tuple[Step, ...], str]:
        """Give the steps of removed Deny statements or a changed boundary, which other policies may rely on."""
        is_named = self._can_be_granted_directly and current.kind in {ActorKind.USER, ActorKind.ROLE}
        # A new or removed identity has no earlier Deny statements that other policies could rely on.
        if was is None or now is None or not compares_denials(current, is_named=is_named):
            return (), ""
        if removes_denials(was, now):
            pair = denials_pair(was, now, _principal_arn(current))
            reported, doubt = find_steps(pair, pair.compare(), (), ())
            if reported or doubt:
                return tuple(replace(each, because=DENIAL_REMOVED) for each in reported), doubt
        if current.kind is ActorKind.ROLE and changes_boundary(was, now):
            pair = boundary_pair(was, now, _principal_arn(current))
            reported, doubt = find_steps(pair, pair.compare(), (), ())
            return tuple(replace(each, because=BOUNDARY_WIDENED) for each in reported), doubt
        return (), ""

    # Trust

    def trust_change(self, was: IdentityAccess | None, now: IdentityAccess | None) -> Change | None:
        """Compare who can assume one role; None if its trust policy is the same by its text."""
        old, new = (each.trust if each else () for each in (was, now))
        if not _has_changed_trust(was, now):
            return None
        current = now or was
        assert current is not None
        gained, lost = _trust_steps(old, new, current.arn), _trust_steps(new, old, current.arn)
        return make_change(
            Subject.TRUST, current.name, current.arn, gained, lost, is_new=was is None, is_gone=now is None
        )

    # Concerned principals

    def _concerned_names(self, identity: IdentityAccess) -> tuple[str, ...]:
        """Give a group's members, or the principals of the templates that can assume a role."""
        snapshot = self.head if identity.arn in self.head.identities else self.base
        if identity.kind is ActorKind.GROUP:
            return snapshot.members.get(identity.arn, ())
        if identity.kind is not ActorKind.ROLE or self._routes_left <= 0 or identity.actor is None:
            return ()
        self._routes_left -= 1
        question = self._questions[snapshot is self.head]
        return tuple(
            dict.fromkeys(snapshot.plain(route.actor.name) for route in question.role_paths(identity.actor))
        )

    @cached_property
    def _questions(self) -> dict[bool, Question]:
        return {
            snapshot is self.head: Question(
                whole, _all_principals(snapshot, whole), "sts:AssumeRole", "*", {}, snapshot.spelling
            )
            for snapshot, whole in zip((self.base, self.head), self.whole_assemblies, strict=True)
        }


_WORKER_STATE: list[IdentityChanges] = []
"""State for forked workers."""


def _compare_share(arns: Sequence[str]) -> list[tuple[str, list[Change]]]:
    return [(arn, _WORKER_STATE[-1].compare(arn)) for arn in arns]


def _has_changed_trust(was: IdentityAccess | None, now: IdentityAccess | None) -> bool:
    old, new = ([policy.fingerprint for policy in each.trust] if each else [] for each in (was, now))
    return old != new


def _all_principals(snapshot: Snapshot, whole: Assembly) -> AccountPrincipals:
    """Give the principals of the whole assembly; those outside of the compared part can assume roles too."""
    return (
        snapshot.principals if whole is snapshot.assembly else principals_of(whole, snapshot.spelling.account)
    )


def _principal_arn(identity: IdentityAccess) -> str:
    return identity.arn if principal(identity.arn).kind in {PrincipalKind.USER, PrincipalKind.ROLE} else ""


def _policies_of(identity: IdentityAccess | None) -> tuple[ComparedPolicy, ...]:
    return identity.grants if identity else ()


def _compare_with_sessions(pair: PolicyPair, identity: IdentityAccess) -> Comparison:
    """Compare for the principal, and for the federated sessions that a user can create."""
    found = pair.compare()
    # Sessions of GetFederationToken have the user's policies but another ARN
    # ("Permissions for GetFederationToken", IAM User Guide).
    if not isinstance(found, NoNewAccess) or identity.kind is not ActorKind.USER or not pair.holder:
        return found
    any_principal = replace(pair, holder="").compare()
    if isinstance(any_principal, NewAccess):
        who = principal(any_principal.witness.principal).kind
        return any_principal if who is PrincipalKind.FEDERATED_USER else found
    return found


def _compare_any_principal(pair: PolicyPair, found: Comparison) -> tuple[PolicyPair, Comparison]:
    """Look for a request within the resource's account: for cross-account requests, the other policy is unknown."""
    any_principal = replace(pair, holder="")
    other = any_principal.compare()
    return (any_principal, other) if isinstance(other, NewAccess) else (pair, found)


def _trust_steps(
    was: tuple[ComparedPolicy, ...], now: tuple[ComparedPolicy, ...], role: str
) -> tuple[tuple[Step, ...], str]:
    pair = resource_policy_pair(was, now, Kind.TRUST)
    found = pair.compare()
    reported, doubt = find_steps(pair, found, now, was)
    more, doubt_of_names = find_direct_steps(pair, reported, now, account_of((*now, *was)))
    return tuple(with_resource(pair, each, role) for each in (*reported, *more)), doubt or doubt_of_names


# Groups


def _without_group_duplicates(changes: list[Change], base: Snapshot, head: Snapshot) -> list[Change]:
    """Report a group's change once: leave out members whose access changed only by the group."""
    reported = {
        each.arn for each in changes if each.subject is Subject.ACCESS and (each.gains or each.losses)
    }
    left: list[Change] = []
    by_groups: list[Change] = []
    for each in changes:
        (by_groups if _changes_only_by_groups(each, reported, base, head) else left).append(each)
    shown = {
        (step.through, json.dumps(step.statement, sort_keys=True)): step
        # The last entry of a key stays in a dictionary, so the first member's example is used.
        for change in reversed(by_groups)
        for step in (*change.losses, *change.gains)
    }
    return [_with_member_examples(each, shown) for each in left]


def _with_member_examples(change: Change, shown: dict[tuple[str, str], Step]) -> Change:
    """Use example requests of members for a group's steps: boundaries and Deny statements apply to members."""
    if change.subject is not Subject.ACCESS:
        return change
    gains, losses = (
        tuple(shown.get((change.arn, json.dumps(step.statement, sort_keys=True)), step) for step in steps_of)
        for steps_of in (change.gains, change.losses)
    )
    return replace(change, gains=gains, losses=losses)


def _changes_only_by_groups(change: Change, reported: set[str], base: Snapshot, head: Snapshot) -> bool:
    was, now = base.identities.get(change.arn), head.identities.get(change.arn)
    if change.subject is not Subject.ACCESS or was is None or now is None or now.kind is not ActorKind.USER:
        return False
    # An open question of a member is never hidden behind the group's change.
    if was.groups != now.groups or _own_access(was) != _own_access(now) or change.undecided:
        return False
    steps_of_user = (*change.gains, *change.losses)
    return all(each.through in reported for each in steps_of_user)


def _own_access(identity: IdentityAccess) -> tuple[object, ...]:
    own = sorted((each.way, each.fingerprint) for each in identity.grants if not each.group)
    return (
        own,
        identity.boundary.fingerprint if identity.boundary else "",
        identity.boundary_arn,
        identity.doubts,
    )
