"""Comparing what policies permit: does *after* permit a request that *before* did not?

The answer is a proof, a witness or undecided, never a guess. Two policies that differ only in order, case of action
names, spelling or redundant statements compare as equal.
"""

from __future__ import annotations

from keywright.policy.document import Document, Kind
from keywright.reasoning.hearing import Policies
from keywright.reasoning.layers import layers_of
from keywright.reasoning.replay import replay
from keywright.reasoning.search import (
    Comparison,
    NewAccess,
    NoNewAccess,
    Search,
    Sides,
    UndecidedComparison,
)

__all__ = ["Comparison", "NewAccess", "NoNewAccess", "UndecidedComparison", "compare", "compare_access"]


def compare(before: Document, after: Document) -> Comparison:
    """Compare two documents of one kind: identity-based, resource-based or trust policies, as their `kind` says."""
    if after.kind is Kind.IDENTITY:
        return compare_access(Policies(identity=(before,)), Policies(identity=(after,)))
    return compare_access(Policies(resource=before), Policies(resource=after))


def compare_access(before: Policies, after: Policies, holder: str = "") -> Comparison:
    """Compare sets of policies: a user's own and groups' with boundary, session and service control policies.

    `holder` is the ARN of the user or role they hang on; without it they may hang on anybody. A resource-based policy
    is compared alone: naming an account counts as permitting whom the account permits.
    """
    reason = _unfit(before) or _unfit(after)
    if reason:
        return UndecidedComparison(reason)
    if before == after:
        return NoNewAccess()
    sides = Sides(layers_of(before), layers_of(after))
    is_of_resource = before.resource is not None or after.resource is not None
    return Search(
        sides,
        lambda request: replay(request, before, after),
        holder=holder,
        names_principals=is_of_resource,
    ).answer()


def _unfit(policies: Policies) -> str:
    """Say why policies can't be compared; empty when they can."""
    for layer in layers_of(policies):
        for document in layer:
            if document.unread:
                return f"a part of a policy can't be understood: {document.unread[0].reason}"
    if policies.resource is not None and (policies.identity or policies.boundary or policies.session):
        return "a resource-based policy is compared alone"
    if policies.resource_control:
        return "resource control policies are not compared"
    return ""
