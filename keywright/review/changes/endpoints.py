"""Changes of VPC endpoint policies, which limit requests and grant nothing.

An endpoint without a policy allows everything ("Control access to VPC endpoints using endpoint policies", AWS
PrivateLink). A policy is compared only if all its statements apply to everyone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keywright.assembly.templates.policy_documents import policies_in
from keywright.assembly.templates.value import Absent
from keywright.policy.parsing.control_policies import Control, full_access
from keywright.policy.principals import is_everyone
from keywright.policy.statement import Kind
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.comparison.compare import NewAccess, NoNewAccess
from keywright.review.comparison.access_change import identity_policy_pair
from keywright.review.comparison.snapshot import ComparedPolicy, IdentityAccess
from keywright.review.result import Fact, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright.assembly.templates.template import Resource
    from keywright.policy.statement import Document
    from keywright.review.comparison.snapshot import Snapshot

ENDPOINT = "AWS::EC2::VPCEndpoint"
POLICY = "PolicyDocument"


def endpoint_changes(base: Snapshot, head: Snapshot) -> Iterator[Fact]:
    """Yield each endpoint whose policy changed."""
    was = {base.place(each): each for each in base.assembly.of_type(ENDPOINT)}
    for now in head.assembly.of_type(ENDPOINT):
        before = was.get(head.place(now))
        if before is not None and base.fingerprints.of(before) != head.fingerprints.of(now):
            yield from _policy_changes(now, _endpoint_policies(base, before), _endpoint_policies(head, now))


def _policy_changes(
    now: Resource, was: Sequence[ComparedPolicy] | None, policies: Sequence[ComparedPolicy] | None
) -> Iterator[Fact]:
    place = now.locate("Properties", POLICY) if POLICY in now.properties else now.location
    # An endpoint policy never grants by itself, but one that cannot be evaluated may have stopped a request
    # before.
    if was is None or policies is None:
        says = "may allow other requests than before: its policy is not evaluated"
        yield Fact("door", now.title, says, place, undecided=True)
        return
    if sorted(each.fingerprint for each in was) == sorted(each.fingerprint for each in policies):
        return
    wider, narrower = (
        identity_policy_pair(_as_identity(one), _as_identity(other)).compare()
        for one, other in ((was, policies), (policies, was))
    )
    if isinstance(wider, NewAccess):
        shown = f"{quoted(wider.witness.action)} on {quoted(wider.witness.resource)}"
        yield Fact("door", now.title, f"allows more, for instance {shown}", place, widens=True)
    elif not isinstance(wider, NoNewAccess):
        yield Fact("door", now.title, f"may allow more: {wider.reason}", place, undecided=True)
    if not isinstance(narrower, NoNewAccess):
        yield Fact("door", now.title, "may allow less", place, narrows=True)


def _as_identity(policies: Sequence[ComparedPolicy]) -> IdentityAccess:
    return IdentityAccess("", "", ActorKind.POLICY, tuple(policies))


def _endpoint_policies(snapshot: Snapshot, endpoint: Resource) -> list[ComparedPolicy] | None:
    """Give the policies of an endpoint; None if they cannot be read, or do not apply to everyone alike."""
    policies = policies_in(endpoint, POLICY)
    readings = endpoint.possible_values(POLICY)
    if all(isinstance(each, Absent) for each in readings):
        # An endpoint without a policy has AWS's default policy, which allows everything.
        everything = full_access(Control.SERVICE)
        return [ComparedPolicy(everything, everything, "everything")]
    # With and without a policy are two different limits, and only the deployment decides which applies.
    if any(isinstance(each, Absent) for each in readings):
        return None
    found: list[ComparedPolicy] = []
    for policy in policies:
        most, least = snapshot.spelling.most(policy), snapshot.spelling.least(policy)
        # The comparison has no principals, so statements about some of them only would be compared as if they
        # applied to all.
        if not all(is_everyone(each.principals) for each in (*most.statements, *least.statements)):
            return None
        found += snapshot.split_policy(_without_principals(most), _without_principals(least), policy)
    return [each for each in found if each.most.statements or each.least.statements or each.most.unread]


def _without_principals(document: Document) -> Document:
    statements = tuple(replace(each, principals={}) for each in document.statements)
    return replace(document, kind=Kind.IDENTITY, statements=statements)
