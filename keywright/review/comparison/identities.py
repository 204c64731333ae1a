"""What changes for each who bears policies: what it may do, and, for a role, who can become it."""

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
"""Roles for which it is worked out who may come to act as them."""


@dataclass
class IdentityChanges:
    """Both sides' bearers, paired by ARN; `wholes` are the assemblies that the sides may be parts of."""

    base: Snapshot
    head: Snapshot
    wholes: tuple[Assembly, Assembly]
    unchanged: int = field(default=0, init=False)
    _routes_left: int = field(default=_MOST_ROUTES, init=False)

    def changes(self) -> list[Change]:
        """Compare everybody whose policies are not what they were, then every changed trust."""
        every = dict.fromkeys((*self.head.bearers, *self.base.bearers))
        told = dict(self._told([arn for arn in every if self._differs(arn)]))
        self.unchanged += sum(
            not told.get(arn) and arn in self.base.bearers and arn in self.head.bearers for arn in every
        )
        found = [self._concerning(arn, each) for arn, changes in told.items() for each in changes]
        return _folded(found, self.base, self.head)

    def _differs(self, arn: str) -> bool:
        was, now = self.base.bearers.get(arn), self.head.bearers.get(arn)
        return was is None or now is None or was.mark != now.mark or _is_trusted_otherwise(was, now)

    def _told(self, arns: Sequence[str]) -> Iterator[tuple[str, list[Change]]]:
        """Compare several, in order; many by forked workers, which find both sides in their memory."""
        workers = workers_among(len(arns))
        _COMPARED.append(self)
        try:
            for several in map_in_order(_compared, split_work(arns, workers), workers):
                yield from several
        finally:
            _COMPARED.pop()

    def compared(self, arn: str) -> list[Change]:
        """Tell what changes for one: its access, its trust."""
        was, now = self.base.bearers.get(arn), self.head.bearers.get(arn)
        return [each for each in (self._access(was, now), self._trust(was, now)) if each is not None]

    def _concerning(self, arn: str, change: Change) -> Change:
        """Say whom a change of access concerns; in order, for only so many routes are looked for."""
        if change.subject is not Subject.ACCESS or not (change.gains or change.losses):
            return change
        some = self.head.bearers.get(arn) or self.base.bearers[arn]
        return replace(change, concerns=self._concerned(some))

    @cached_property
    def _is_named(self) -> bool:
        """Tell whether some resource may allow somebody whose own policies don't."""
        held = [
            *(
                each
                for side in (self.base, self.head)
                for group in policies_by_resource(side).values()
                for each in group
            ),
            *(
                held
                for side in (self.base, self.head)
                for each in side.bearers.values()
                for held in each.trust
            ),
        ]
        return any(grants_directly(each.most) or each.is_open for each in held)

    def _access(self, was: IdentityAccess | None, now: IdentityAccess | None) -> Change | None:
        was, now = self._borne_before(was, now)
        if was and now and was.mark == now.mark:
            return None
        some = now or was
        assert some is not None
        gained, doubt = self._wider(was, now, some)
        lost, unsure = self._wider(now, was, some)
        if not (gained or lost or doubt or (was and now)):
            return None
        return Change(
            Subject.ACCESS,
            some.name,
            some.arn,
            is_new=was is None,
            is_gone=now is None,
            gains=gained,
            losses=lost,
            undecided=(doubt,) if doubt else (),
            may_lose=unsure,
            is_rewritten=not (gained or lost or doubt or unsure),
        )

    def _borne_before(
        self, was: IdentityAccess | None, now: IdentityAccess | None
    ) -> tuple[IdentityAccess | None, IdentityAccess | None]:
        """See a policy that nobody bears any more, or that somebody comes to bear, on both sides."""
        if was is None and now is not None and now.kind is ActorKind.POLICY:
            return self.base.loose(now.arn, now.name), now
        if now is None and was is not None and was.kind is ActorKind.POLICY:
            return was, self.head.loose(was.arn, was.name)
        return was, now

    def _wider(
        self, was: IdentityAccess | None, now: IdentityAccess | None, some: IdentityAccess
    ) -> tuple[tuple[Step, ...], str]:
        """Give the steps by which the later side may do more, or why that can't be told."""
        laid = identity_policy_pair(was, now, _holder(some))
        found = _with_sessions(laid, some)
        if isinstance(found, UndecidedComparison) and laid.holder:
            laid, found = _of_another_account(laid, found)
        held, known = _held(now), _held(was)
        if isinstance(found, NoNewAccess):
            return self._denied_less(was, now, some)
        return find_steps(laid, found, held, known)

    def _denied_less(
        self, was: IdentityAccess | None, now: IdentityAccess | None, some: IdentityAccess
    ) -> tuple[tuple[Step, ...], str]:
        """Tell what something beside its own policies may allow from now on, because less holds it back."""
        is_named = self._is_named and some.kind in {ActorKind.USER, ActorKind.ROLE}
        if was is None or now is None or not compares_denials(some, is_named=is_named):
            return (), ""
        if removes_denials(was, now):
            laid = denials_pair(was, now, _holder(some))
            told, doubt = find_steps(laid, laid.compare(), (), ())
            if told or doubt:
                return tuple(replace(each, because=DENIAL_REMOVED) for each in told), doubt
        if some.kind is ActorKind.ROLE and changes_boundary(was, now):
            laid = boundary_pair(was, now, _holder(some))
            told, doubt = find_steps(laid, laid.compare(), (), ())
            return tuple(replace(each, because=BOUNDARY_WIDENED) for each in told), doubt
        return (), ""

    # Trust

    def _trust(self, was: IdentityAccess | None, now: IdentityAccess | None) -> Change | None:
        old, new = (each.trust if each else () for each in (was, now))
        if not _is_trusted_otherwise(was, now):
            return None
        some = now or was
        assert some is not None
        gained, doubt = _trusted(old, new, some.arn)
        lost, unsure = _trusted(new, old, some.arn)
        return Change(
            Subject.TRUST,
            some.name,
            some.arn,
            is_new=was is None,
            is_gone=now is None,
            gains=gained,
            losses=lost,
            undecided=(doubt,) if doubt else (),
            may_lose=unsure,
            is_rewritten=not (gained or lost or doubt or unsure),
        )

    # Whom it concerns

    def _concerned(self, bearer: IdentityAccess) -> tuple[str, ...]:
        """Name a group's members; for a role, those of the templates who may come to act as it."""
        side = self.head if bearer.arn in self.head.bearers else self.base
        if bearer.kind is ActorKind.GROUP:
            return side.members.get(bearer.arn, ())
        if bearer.kind is not ActorKind.ROLE or self._routes_left <= 0 or bearer.actor is None:
            return ()
        self._routes_left -= 1
        question = self._questions[side is self.head]
        return tuple(dict.fromkeys(side.plain(route.actor.name) for route in question.routes(bearer.actor)))

    @cached_property
    def _questions(self) -> dict[bool, Question]:
        return {
            side is self.head: Question(whole, _people(side, whole), "sts:AssumeRole", "*", {}, side.spelling)
            for side, whole in zip((self.base, self.head), self.wholes, strict=True)
        }


_COMPARED: list[IdentityChanges] = []
"""What forked workers find in their memory."""


def _compared(arns: Sequence[str]) -> list[tuple[str, list[Change]]]:
    return [(arn, _COMPARED[-1].compared(arn)) for arn in arns]


def _is_trusted_otherwise(was: IdentityAccess | None, now: IdentityAccess | None) -> bool:
    old, new = ([held.mark for held in each.trust] if each else [] for each in (was, now))
    return old != new


def _people(side: Snapshot, whole: Assembly) -> AccountPrincipals:
    """Give everybody of the whole assembly; who was left out may act as somebody too."""
    return side.people if whole is side.assembly else principals_of(whole, side.spelling.account)


def _holder(bearer: IdentityAccess) -> str:
    return bearer.arn if principal(bearer.arn).kind in {PrincipalKind.USER, PrincipalKind.ROLE} else ""


def _held(bearer: IdentityAccess | None) -> tuple[ComparedPolicy, ...]:
    return bearer.grants if bearer else ()


def _with_sessions(laid: PolicyPair, bearer: IdentityAccess) -> Comparison:
    """Compare for the holder, and for the federated sessions that a user may make of itself."""
    found = laid.compare()
    if not isinstance(found, NoNewAccess) or bearer.kind is not ActorKind.USER or not laid.holder:
        return found
    anybody = replace(laid, holder="").compare()
    if isinstance(anybody, NewAccess):
        who = principal(anybody.witness.principal).kind
        return anybody if who is PrincipalKind.FEDERATED_USER else found
    return found


def _of_another_account(laid: PolicyPair, found: Comparison) -> tuple[PolicyPair, Comparison]:
    """Look for a request by somebody of the resource's account: what another account must allow too can't be shown."""
    anybody = replace(laid, holder="")
    other = anybody.compare()
    return (anybody, other) if isinstance(other, NewAccess) else (laid, found)


def _trusted(
    was: tuple[ComparedPolicy, ...], now: tuple[ComparedPolicy, ...], role: str
) -> tuple[tuple[Step, ...], str]:
    laid = resource_policy_pair(was, now, Kind.TRUST)
    found = laid.compare()
    told, doubt = find_steps(laid, found, now, was)
    more, doubt_of_names = find_direct_steps(laid, told, now, account_of((*now, *was)))
    return tuple(with_resource(laid, each, role) for each in (*told, *more)), doubt or doubt_of_names


# Groups


def _folded(changes: list[Change], base: Snapshot, head: Snapshot) -> list[Change]:
    """Tell a group's change once: leave out members of whom nothing changed but what the group brings."""
    told = {each.arn for each in changes if each.subject is Subject.ACCESS and (each.gains or each.losses)}
    left: list[Change] = []
    by_groups: list[Change] = []
    for each in changes:
        (by_groups if _is_by_groups_alone(each, told, base, head) else left).append(each)
    shown = {
        (step.through, json.dumps(step.statement, sort_keys=True)): step
        for change in reversed(by_groups)
        for step in (*change.losses, *change.gains)
    }
    return [_by_members(each, shown) for each in left]


def _by_members(change: Change, shown: dict[tuple[str, str], Step]) -> Change:
    """Show a group's steps by requests of its members, to whom boundaries and denials apply."""
    if change.subject is not Subject.ACCESS:
        return change
    gains, losses = (
        tuple(shown.get((change.arn, json.dumps(step.statement, sort_keys=True)), step) for step in steps_of)
        for steps_of in (change.gains, change.losses)
    )
    return replace(change, gains=gains, losses=losses)


def _is_by_groups_alone(change: Change, told: set[str], base: Snapshot, head: Snapshot) -> bool:
    was, now = base.bearers.get(change.arn), head.bearers.get(change.arn)
    if change.subject is not Subject.ACCESS or was is None or now is None or now.kind is not ActorKind.USER:
        return False
    if was.groups != now.groups or _own(was) != _own(now) or change.undecided:
        return False
    steps_of_user = (*change.gains, *change.losses)
    return all(each.through in told for each in steps_of_user)


def _own(bearer: IdentityAccess) -> tuple[object, ...]:
    own = sorted((each.way, each.mark) for each in bearer.grants if not each.group)
    return own, bearer.boundary.mark if bearer.boundary else "", bearer.boundary_arn, bearer.doubts
