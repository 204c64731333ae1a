"""AWS::IAM::ManagedPolicy, as in the CloudFormation Template Reference.

The emulator's handler overwrites a policy of the same name and deletes one that is still attached elsewhere.
A new document becomes the new default version; a sixth version replaces the oldest one.
"""

from __future__ import annotations

from typing import Any

from keywright.sandbox.patches.cloudformation.properties import document
from keywright.sandbox.patches.cloudformation.resource_types import (
    Created,
    call,
    call_if_exists,
    generated_name,
    resource_type,
    undone_on_failure,
)
from keywright.sandbox.patches.hooks import HandlerFailed, Parameters

VERSIONS = 5
_HOLDERS = (("Users", "User"), ("Groups", "Group"), ("Roles", "Role"))


def register() -> None:
    """Replace the emulator's handler."""
    resource_type(
        "AWS::IAM::ManagedPolicy",
        create=_create,
        update=_update,
        delete=_delete,
        create_only=("Description", "ManagedPolicyName", "Path"),
        custom_name="ManagedPolicyName",
        name_taken="A policy called {name} already exists. Duplicate names are not allowed.",
    )


def _create(logical_id: str, properties: Parameters, stack: str) -> Created:
    arn = call(
        "CreatePolicy",
        PolicyName=properties.get("ManagedPolicyName") or generated_name(stack, logical_id, limit=128),
        Path=properties.get("Path"),
        Description=properties.get("Description"),
        PolicyDocument=document(properties["PolicyDocument"]),
    )["Policy"]["Arn"]
    with undone_on_failure(lambda: _delete(arn, properties)):
        _attach(arn, {}, properties)
    return arn, _attributes(arn)


def _update(arn: str, old: Parameters, new: Parameters) -> Created:
    if old["PolicyDocument"] != new["PolicyDocument"]:
        versions = _other_versions(arn)
        # The default version cannot be deleted, so the oldest of the others makes room.
        if len(versions) >= VERSIONS - 1:
            call("DeletePolicyVersion", PolicyArn=arn, VersionId=versions[0])
        call(
            "CreatePolicyVersion",
            PolicyArn=arn,
            PolicyDocument=document(new["PolicyDocument"]),
            SetAsDefault=True,
        )
    _attach(arn, old, new)
    return arn, _attributes(arn)


def _delete(arn: str, properties: Parameters) -> None:
    # IAM refuses to delete a policy that is attached.
    _attach(arn, properties, {})
    try:
        versions = _other_versions(arn)
    except HandlerFailed as failed:
        if failed.refused.code == "NoSuchEntity":
            return
        raise
    for version in versions:
        call("DeletePolicyVersion", PolicyArn=arn, VersionId=version)
    call("DeletePolicy", PolicyArn=arn)


def _other_versions(arn: str) -> list[str]:
    """Give the versions that are not the default one, oldest first."""
    versions = call("ListPolicyVersions", PolicyArn=arn)["Versions"]
    others = (each["VersionId"] for each in versions if not each["IsDefaultVersion"])
    # As numbers: `v10` comes after `v9`.
    return sorted(others, key=lambda version: int(version.removeprefix("v")))


def _attach(arn: str, old: Parameters, new: Parameters) -> None:
    for key, noun in _HOLDERS:
        before, after = set(old.get(key) or []), set(new.get(key) or [])
        for name in sorted(before - after):
            call_if_exists(f"Detach{noun}Policy", PolicyArn=arn, **{f"{noun}Name": name})
        for name in sorted(after - before):
            call(f"Attach{noun}Policy", PolicyArn=arn, **{f"{noun}Name": name})


def _attributes(arn: str) -> dict[str, Any]:
    policy = call("GetPolicy", PolicyArn=arn)["Policy"]
    keys = (
        "PolicyId",
        "AttachmentCount",
        "PermissionsBoundaryUsageCount",
        "DefaultVersionId",
        "IsAttachable",
    )
    return {"PolicyArn": arn, **{key: policy[key] for key in keys if key in policy}}
