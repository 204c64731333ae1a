"""Properties that users, groups and roles share in a template: managed and inline policies, boundary, tags."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from keywright.sandbox.patches.cloudformation.resource_types import call, call_if_exists

if TYPE_CHECKING:
    from keywright.sandbox.patches.hooks import Parameters


def reconcile_policies(noun: str, name: str, old: Parameters, new: Parameters) -> None:
    """Attach, detach, put and delete what differs between two templates' policies of one user, group or role.

    `noun` is the word in IAM's action names: User, Group or Role. Policies attached outside of the template stay.
    """
    holder = {f"{noun}Name": name}
    before, after = _managed(old), _managed(new)
    # First detached, then attached: otherwise ten policies replaced by ten others would exceed the quota of
    # ten.
    for arn in sorted(before - after):
        call_if_exists(f"Detach{noun}Policy", PolicyArn=arn, **holder)
    for arn in sorted(after - before):
        call(f"Attach{noun}Policy", PolicyArn=arn, **holder)
    was, now = _inline(old), _inline(new)
    for policy in sorted(was.keys() - now.keys()):
        call_if_exists(f"Delete{noun}Policy", PolicyName=policy, **holder)
    for policy, document in now.items():
        if was.get(policy) != document:
            call(f"Put{noun}Policy", PolicyName=policy, PolicyDocument=document, **holder)


def reconcile_boundary(noun: str, name: str, old: Parameters, new: Parameters) -> None:
    """Set or remove the permissions boundary of a user or role."""
    boundary = new.get("PermissionsBoundary")
    if boundary == old.get("PermissionsBoundary"):
        return
    if boundary:
        call(f"Put{noun}PermissionsBoundary", PermissionsBoundary=boundary, **{f"{noun}Name": name})
    else:
        call_if_exists(f"Delete{noun}PermissionsBoundary", **{f"{noun}Name": name})


def reconcile_tags(noun: str, name: str, old: Parameters, new: Parameters) -> None:
    """Tag and untag a user or role."""
    was, now = tag_map(old), tag_map(new)
    if removed := sorted(was.keys() - now.keys()):
        call(f"Untag{noun}", TagKeys=removed, **{f"{noun}Name": name})
    if changed := [{"Key": key, "Value": value} for key, value in now.items() if was.get(key) != value]:
        call(f"Tag{noun}", Tags=changed, **{f"{noun}Name": name})


def tag_map(properties: Parameters) -> dict[str, str]:
    """Give a template's and a stack's tags by key, without CloudFormation's own: IAM refuses keys that begin with `aws:`."""
    tags = properties.get("Tags") or []
    return {tag["Key"]: str(tag.get("Value", "")) for tag in tags if not tag["Key"].startswith("aws:")}


def tags(properties: Parameters) -> list[dict[str, str]] | None:
    """Give a template's and a stack's tags for a create action."""
    return [{"Key": key, "Value": value} for key, value in tag_map(properties).items()] or None


def document(value: Any) -> str:
    """Give a policy document as text."""
    return value if isinstance(value, str) else json.dumps(value)


def _managed(properties: Parameters) -> set[str]:
    return set(properties.get("ManagedPolicyArns") or [])


def _inline(properties: Parameters) -> dict[str, str]:
    return {each["PolicyName"]: document(each["PolicyDocument"]) for each in properties.get("Policies") or []}
