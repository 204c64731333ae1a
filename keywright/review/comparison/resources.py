"""Compare resource-based policies."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from keywright.assembly.resources.resource_policies import resource_policies
from keywright.assembly.templates.value import Unknown
from keywright.policy.statement import Kind
from keywright.reasoning.comparison.compare import NoNewAccess
from keywright.review.comparison.access_change import resource_denials_pair, resource_policy_pair
from keywright.review.comparison.steps import (
    DENIAL_REMOVED,
    find_direct_steps,
    find_steps,
    make_change,
    with_resource,
)
from keywright.review.comparison.symbols import PLACEHOLDER_ACCOUNT
from keywright.review.result import Change, Subject

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from keywright.assembly.templates.template import Resource
    from keywright.assembly.templates.value import Text
    from keywright.policy.statement import Document
    from keywright.review.comparison.access_change import PolicyPair
    from keywright.review.comparison.snapshot import ComparedPolicy, Snapshot
    from keywright.review.result import Step

_ENDING = re.compile(r"(Inline)?(Policy|Permission)$")
Target = tuple[str, str]
"""A type of resource, such as `S3::Bucket`, and its ARN or name."""


def policies_by_resource(snapshot: Snapshot) -> dict[Target, tuple[ComparedPolicy, ...]]:
    """Give the policies of each resource; several policies on one resource apply together."""
    found: dict[Target, list[ComparedPolicy]] = {}
    for each in resource_policies(snapshot.assembly):
        kind = _ENDING.sub("", each.policy.holder.type.removeprefix("AWS::"))
        most, least = snapshot.spelling.most(each.policy), snapshot.spelling.least(each.policy)
        policies = snapshot.split_policy(
            _as_resource_policy(most, kind), _as_resource_policy(least, kind), each.policy
        )
        for target in each.targets or (None,):
            found.setdefault((kind, _target_name(snapshot, target) if target else ""), []).extend(policies)
    return {target: tuple(policies) for target, policies in found.items()}


def _target_name(snapshot: Snapshot, target: Text) -> str:
    """Name a target by its ARN if it has a literal name, so that a changed logical id does not matter."""
    if len(target.parts) == 1 and isinstance(target.parts[0], Unknown):
        reference = target.parts[0]
        resource = snapshot.resource(reference.origin, reference.reference)
        if resource is not None and resource.arn is not None and resource.name.literal:
            return snapshot.text(resource.arn)
    return snapshot.text(target)


def _as_resource_policy(document: Document, kind: str) -> Document:
    """Read a policy as resource-based; Lambda permissions name functions in several ways, so these are dropped."""
    statements = document.statements
    # A permission can name the function by name, ARN or partial ARN ("AWS::Lambda::Permission").
    if kind == "Lambda::":
        statements = tuple(replace(each, resources=()) for each in statements)
    return replace(document, kind=Kind.RESOURCE, statements=statements)


def resource_changes(base: Snapshot, head: Snapshot) -> list[Change]:
    """Compare every resource whose policies changed."""
    was, now = policies_by_resource(base), policies_by_resource(head)
    deleted = frozenset(_deleted(base, head, was.keys() - now.keys()))
    new = frozenset(_surely_new(base, head, now.keys() - was.keys()))
    found = []
    for target in dict.fromkeys((*now, *was)):
        change = _change(target, was.get(target, ()), now.get(target, ()))
        if change is not None and target in new:
            # Without a gain, the policy of a new resource changes nobody's access.
            change = _gains_only(change) if change.gains or change.undecided else None
        if change is not None:
            found.append(_losses_only(change) if target in deleted else change)
    return found


def _deleted(base: Snapshot, head: Snapshot, policies: Collection[Target]) -> Iterator[Target]:
    """Yield resources that are deleted together with their policies: nobody can access them any more."""
    if not policies:
        return
    resources = {base.text(each.arn): each for each in base.assembly.resources if each.arn is not None}
    for target in policies:
        resource = resources.get(target[1])
        if resource is not None and not _may_remain(resource, base, head):
            yield target


def _surely_new(base: Snapshot, head: Snapshot, policies: Collection[Target]) -> Iterator[Target]:
    """Yield resources that these templates create together with their policies: nobody could access them before."""
    if not policies:
        return
    known = {base.text(each.arn) for each in base.assembly.resources if each.arn is not None}
    places = {base.place(each) for each in base.assembly.resources}
    created = {head.text(each.arn): each for each in head.assembly.resources if each.arn is not None}
    for target in policies:
        resource = created.get(target[1])
        if resource is not None and target[1] not in known and head.place(resource) not in places:
            yield target


_SURELY_DELETED = {"AWS::KMS::Key", "AWS::SecretsManager::Secret", "AWS::SNS::Topic", "AWS::SQS::Queue"}
"""Types that CloudFormation always deletes, and whose policy exists until then.

A bucket with objects is not deleted, but its policy, a separate resource, is.
"""


def _may_remain(resource: Resource, base: Snapshot, head: Snapshot) -> bool:
    """Tell whether a resource may still exist: retained, or renamed on the other side."""
    known = {base.place(each) for each in base.assembly.of_type(resource.type)} - {base.place(resource)}
    present = {head.place(each) for each in head.assembly.of_type(resource.type)}
    # A resource that stays without its policy may be open to others: a removed Deny is a gain there.
    kept = resource.raw.get("DeletionPolicy", "Delete") != "Delete" or resource.type not in _SURELY_DELETED
    return kept or not present <= known


def _gains_only(change: Change) -> Change:
    return replace(change, losses=(), may_lose="")


def _losses_only(change: Change) -> Change:
    return replace(change, gains=(), undecided=())


def _change(target: Target, was: Sequence[ComparedPolicy], now: Sequence[ComparedPolicy]) -> Change | None:
    if sorted(each.fingerprint for each in was) == sorted(each.fingerprint for each in now):
        return None
    kind, name = target
    shown = f"{_kind_text(kind)} {name}".strip()
    gained, lost = _gained_steps(was, now, target), _gained_steps(now, was, target)
    return make_change(Subject.RESOURCE, shown, name, gained, lost, is_new=not was, is_gone=not now)


def _kind_text(kind: str) -> str:
    service, _, name = kind.partition("::")
    return f"{service} {name}".strip().lower() if name else f"{service} function".lower()


def _gained_steps(
    was: Sequence[ComparedPolicy], now: Sequence[ComparedPolicy], target: Target
) -> tuple[tuple[Step, ...], str]:
    pair = resource_policy_pair(was, now)
    found = pair.compare()
    steps, doubt = find_steps(pair, found, now, was)
    more, doubt_of_names = find_direct_steps(pair, steps, now, account_of((*now, *was)))
    # A resource without an earlier policy has no Deny statement that could have been removed.
    if was and isinstance(found, NoNewAccess):
        denials = resource_denials_pair(pair)
        lifted, doubt = find_steps(denials, denials.compare(), (), ())
        steps = tuple(replace(_requesting(denials, each, target), because=DENIAL_REMOVED) for each in lifted)
    return tuple(_requesting(pair, each, target) for each in (*steps, *more)), doubt or doubt_of_names


_REQUESTED_BY_ARN = {"KMS", "SNS", "SQS", "SecretsManager"}
"""Services whose requests have the ARN of the resource that the policy is on; those of a bucket mostly have an object's."""


def _requesting(pair: PolicyPair, step: Step, target: Target) -> Step:
    """Use the resource itself in the example, if its ARN is known."""
    kind, name = target
    is_known = name.startswith("arn:") and "<" not in name
    return (
        with_resource(pair, step, name) if is_known and kind.partition("::")[0] in _REQUESTED_BY_ARN else step
    )


def account_of(policies: Sequence[ComparedPolicy]) -> str:
    """Give the account of a resource or role, or its placeholder."""
    policy = next((each.policy for each in policies if each.policy is not None), None)
    return (policy.holder.template.account if policy else "") or PLACEHOLDER_ACCOUNT
