"""Compares what policies permit: does *after* permit a request that *before* did not?

The answer is a proof, a witness or undecided, never a guess. Policies that differ only in order, case of
action names, spelling or redundant statements compare as equal.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keywright.policy.matching.context import NO, YES, Truth
from keywright.policy.principals import PrincipalKind, principal
from keywright.policy.statement import Document, Kind
from keywright.reasoning.comparison.resource_control_policies import each_comparison, unsupported
from keywright.reasoning.comparison.search import (
    Comparison,
    NewAccess,
    NoNewAccess,
    Search,
    UndecidedComparison,
    layers_of,
)
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.evaluation.service_rules import is_service_linked
from keywright.reasoning.witnesses.replay import replay

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Comparison", "NewAccess", "NoNewAccess", "UndecidedComparison", "compare", "compare_access"]


def compare(before: Document, after: Document) -> Comparison:
    """Compare two documents of one kind (`kind`): identity-based, resource-based or trust policies."""
    if after.kind is Kind.IDENTITY:
        return compare_access(Policies(identity=(before,)), Policies(identity=(after,)))
    return compare_access(Policies(resource=before), Policies(resource=after))


def compare_access(before: Policies, after: Policies, principal_arn: str = "") -> Comparison:
    """Compare sets of policies of a principal, or of a resource.

    `principal_arn` is the user or role that they are attached to. Without it (or with a group's or policy's
    ARN) they may be attached to any identity except a service-linked role, which control policies do not
    affect. A resource-based policy is compared on its own: naming an account counts as permitting everyone
    whom that account permits. Service control policies beside it are taken to affect every caller, resource
    control policies the callers that AWS documents. Those are the resource's control policies; for an
    identity, they apply to all resources.
    """
    reason = _unsupported(before) or _unsupported(after) or _unsupported_principal(principal_arn)
    if reason:
        return UndecidedComparison(reason)
    if before == after:
        return NoNewAccess()
    linked = _service_linked(principal_arn)
    # Control policies do not affect service-linked roles ("Service-linked roles", AWS Organizations
    # User Guide).
    if linked is YES:
        before, after = (replace(each, service_control=(), resource_control=()) for each in (before, after))
    is_of_resource = before.resource is not None or after.resource is not None
    in_each = each_comparison(before, after, may_be_linked=is_of_resource or linked is not NO)
    return _answer(
        (
            Search(
                sides,
                lambda request: replay(request, before, after),
                principal_arn=principal_arn if principal(principal_arn).kind in _PRINCIPAL_KINDS else "",
                names_principals=is_of_resource,
                may_be_linked=linked is not NO,
            ),
            doubt,
        )
        for sides, doubt in in_each
    )


def _answer(searches: Iterable[tuple[Search, str]]) -> Comparison:
    """Combine the answers: new access in one is new access, and a proof is needed in each."""
    undecided: Comparison | None = None
    for each, doubt in searches:
        found = each.answer()
        if isinstance(found, NewAccess):
            return found
        if isinstance(found, UndecidedComparison):
            undecided = undecided or UndecidedComparison(doubt or found.reason)
    return undecided or NoNewAccess()


_PRINCIPAL_KINDS = frozenset(
    {PrincipalKind.USER, PrincipalKind.ROLE, PrincipalKind.ROLE_SESSION, PrincipalKind.FEDERATED_USER}
)


def _unsupported_principal(principal_arn: str) -> str:
    is_root = principal(principal_arn).kind is PrincipalKind.ROOT
    return "an account's root user needs no policy to be allowed" if is_root else ""


def _service_linked(principal_arn: str) -> Truth:
    """Return whether the ARN is of a service-linked role; a session ARN has no path."""
    who = principal(principal_arn)
    is_role = who.kind in {PrincipalKind.ROLE, PrincipalKind.ROLE_SESSION}
    return is_service_linked(who.name, who.path) if is_role else NO


def _unsupported(policies: Policies) -> str:
    """Return why policies cannot be compared; empty where they can."""
    for layer in (*layers_of(policies), *policies.resource_control):
        for document in layer:
            if document.unread:
                return f"a part of a policy could not be read: {document.unread[0].reason}"
    if policies.resource is not None and (policies.identity or policies.boundary or policies.session):
        return "a resource-based policy must be compared on its own"
    return unsupported(policies)
