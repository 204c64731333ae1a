"""Whether a principal can assume a role, by its own policies and the role's trust policy together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keywright.policy.matching.context import NO, Context
from keywright.policy.principals import PrincipalKind, is_everyone, principal
from keywright.policy.statement import Document, Effect, Statement
from keywright.reasoning.account.trust import ASSUME_ROLE
from keywright.reasoning.comparison.search import Comparison, NewAccess, NoNewAccess
from keywright.reasoning.evaluation.policies import FULL_ACCESS
from keywright.reasoning.invariants.access_queries import AccessQuery, find_allowed_request
from keywright.reasoning.invariants.principals import AttachedPolicy
from keywright.reasoning.invariants.request_sets import RequestSet

if TYPE_CHECKING:
    from keywright.reasoning.invariants.principals import PrincipalPolicies

AT_DEPLOYMENT = "part of a policy is known only at deployment"
_WILDCARDS = frozenset("*?")
_NOTHING_KNOWN = Context(complete=False)


@dataclass(frozen=True, slots=True)
class UndecidedAssumption:
    """Whether a role can be assumed is not certain."""

    reason: str


def undecided_reason(
    subject: PrincipalPolicies, role: PrincipalPolicies, found: Comparison | UndecidedAssumption
) -> str:
    """Describe what is undecided; the reason is empty where nothing is."""
    reason = "" if isinstance(found, NewAccess | NoNewAccess) else found.reason
    return f"whether `{subject.arn}` can assume `{role.arn}` is undecided: {reason}"


def can_assume(subject: PrincipalPolicies, role: PrincipalPolicies) -> Comparison | UndecidedAssumption:
    """Return whether a role can be assumed: certainly, not at all, or perhaps."""
    if not _may_be_named(subject, role):
        return NoNewAccess()
    if not subject.doubt and not _may_be_named(subject, role, by_itself=True) and not _calls(subject, role):
        return NoNewAccess()
    found = find_assumption(subject, role)
    if isinstance(found, NoNewAccess) and subject.doubt:
        return UndecidedAssumption(subject.doubt) if _may_call(role, subject) else found
    if not isinstance(found, NewAccess) or (subject.at_least is None and role.at_least is None):
        return found
    sure = find_assumption(subject.surely, role.surely)
    return sure if isinstance(sure, NewAccess) else UndecidedAssumption(AT_DEPLOYMENT)


def _may_be_named(subject: PrincipalPolicies, role: PrincipalPolicies, *, by_itself: bool = False) -> bool:
    """Return whether a trust policy may name a principal at all or, `by_itself`, by more than its account.

    Most roles trust services only.
    """
    assert role.trust is not None
    return bool(role.trust.unread) or any(
        each.effect is Effect.ALLOW and _may_name(each, subject, by_itself=by_itself)
        for each in role.trust.statements
    )


def _may_name(statement: Statement, subject: PrincipalPolicies, *, by_itself: bool) -> bool:
    if statement.not_principals or is_everyone(statement.principals):
        return True
    named = map(principal, statement.principals.get("AWS", ()))
    return any(
        each.account in ("", subject.account) or _WILDCARDS & set(each.text)
        for each in named
        if not by_itself or each.kind is not PrincipalKind.ROOT or _WILDCARDS & set(each.account)
    )


def _calls(subject: PrincipalPolicies, role: PrincipalPolicies) -> bool:
    """Return whether a principal's own policies may allow it to assume a role."""
    statements = (one for each in subject.identity for one in each.concerning(ASSUME_ROLE.lower()))
    return any(each.unread for each in subject.identity) or any(
        each.effect is Effect.ALLOW and each.covers_resource(role.arn, _NOTHING_KNOWN) is not NO
        for each in statements
    )


def _may_call(role: PrincipalPolicies, subject: PrincipalPolicies) -> bool:
    """Return whether the principal could assume a role if it had more policies."""
    return not isinstance(find_assumption(replace(subject, identity=(FULL_ACCESS,)), role), NoNewAccess)


def find_assumption(subject: PrincipalPolicies, role: PrincipalPolicies) -> Comparison:
    """Look for a request that assumes a role: `NewAccess` is one, `NoNewAccess` proves that there is none.

    Within an account, a trust policy that names the role or user itself is sufficient; one that names the
    account leaves the decision to the principal's own policies. Across accounts both sides must allow.
    """
    assert role.trust is not None
    requests = RequestSet(Document((Statement(actions=(ASSUME_ROLE,), resources=(role.arn,)),)))
    return find_allowed_request(
        AccessQuery.at_most(requests, (AttachedPolicy(role.trust, (role.arn,)),)), subject
    )
