"""Comparing what policies permit: does *after* permit a request that *before* did not?

The answer is a proof, a witness or undecided, never a guess. Two policies that differ only in order, case of action
names, spelling or redundant statements compare as equal.
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
from keywright.reasoning.evaluation.services.iam import is_service_linked
from keywright.reasoning.witnesses.replay import replay

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Comparison", "NewAccess", "NoNewAccess", "UndecidedComparison", "compare", "compare_access"]


def compare(before: Document, after: Document) -> Comparison:
    """Compare two documents of one kind: identity-based, resource-based or trust policies, as their `kind` says."""
    if after.kind is Kind.IDENTITY:
        return compare_access(Policies(identity=(before,)), Policies(identity=(after,)))
    return compare_access(Policies(resource=before), Policies(resource=after))


def compare_access(before: Policies, after: Policies, principal_arn: str = "") -> Comparison:
    """Compare sets of policies: a user's own and groups' with boundary, session and service control policies.

    `principal_arn` is the ARN of the user or role they hang on; without it, or with a group's or policy's, they may hang on
    anybody but a service-linked role, which no control policy restricts. A resource-based policy is compared
    alone: naming an account counts as permitting whom the account permits; beside it, service control policies are
    taken to limit everybody, resource control policies whom AWS lets them limit. Those are the resource's: of all that an
    identity asks for.
    """
    reason = _unsupported(before) or _unsupported(after) or _unsupported_principal(principal_arn)
    if reason:
        return UndecidedComparison(reason)
    if before == after:
        return NoNewAccess()
    linked = _service_linked(principal_arn)
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
            ),
            doubt,
        )
        for sides, doubt in in_each
    )


def _answer(searches: Iterable[tuple[Search, str]]) -> Comparison:
    """Answer for all of them: what is new in one is new, and what is proved must be so in each."""
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
    """Tell whether the principal_arn is a service-linked role; a session tells no path."""
    who = principal(principal_arn)
    is_role = who.kind in {PrincipalKind.ROLE, PrincipalKind.ROLE_SESSION}
    return is_service_linked(who.name, who.path) if is_role else NO


def _unsupported(policies: Policies) -> str:
    """Say why policies cannot be compared; empty when they can."""
    for layer in (*layers_of(policies), *policies.resource_control):
        for document in layer:
            if document.unread:
                return f"a part of a policy could not be read: {document.unread[0].reason}"
    if policies.resource is not None and (policies.identity or policies.boundary or policies.session):
        return "a resource-based policy must be compared on its own"
    return unsupported(policies)
