"""AWS::IAM::Role and AWS::IAM::InstanceProfile, as in the CloudFormation Template Reference.

The emulator's handler overwrites a role of the same name, ignores the permissions boundary and removes everything attached
to a role that it deletes. Its Ref of an instance profile is the ARN, AWS's is the name; it skips a role that does not
exist, AWS refuses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.sandbox.patches.cloudformation.properties import (
    document,
    reconcile_boundary,
    reconcile_policies,
    reconcile_tags,
    tags,
)
from keywright.sandbox.patches.cloudformation.resource_types import (
    Created,
    call,
    call_if_exists,
    generated_name,
    resource_type,
    undone_on_failure,
)

if TYPE_CHECKING:
    from keywright.sandbox.patches.hooks import Parameters


def register_roles() -> None:
    """Replace the emulator's handler."""
    resource_type(
        "AWS::IAM::Role",
        create=_create_role,
        update=_update_role,
        delete=_delete_role,
        create_only=("Path", "RoleName"),
        custom_name="RoleName",
    )


def _create_role(logical_id: str, properties: Parameters, stack: str) -> Created:
    name = properties.get("RoleName") or generated_name(stack, logical_id)
    role = call(
        "CreateRole",
        RoleName=name,
        Path=properties.get("Path"),
        Description=properties.get("Description"),
        AssumeRolePolicyDocument=document(properties["AssumeRolePolicyDocument"]),
        MaxSessionDuration=int(properties.get("MaxSessionDuration") or 3600),
        PermissionsBoundary=properties.get("PermissionsBoundary"),
        Tags=tags(properties),
    )["Role"]
    with undone_on_failure(lambda: _delete_role(name, properties)):
        reconcile_policies("Role", name, {}, properties)
    return name, {"Arn": role["Arn"], "RoleId": role["RoleId"]}


def _update_role(name: str, old: Parameters, new: Parameters) -> Created:
    if any(old.get(key) != new.get(key) for key in ("Description", "MaxSessionDuration")):
        duration = int(new.get("MaxSessionDuration") or 3600)
        call("UpdateRole", RoleName=name, Description=new.get("Description", ""), MaxSessionDuration=duration)
    if old["AssumeRolePolicyDocument"] != new["AssumeRolePolicyDocument"]:
        call(
            "UpdateAssumeRolePolicy", RoleName=name, PolicyDocument=document(new["AssumeRolePolicyDocument"])
        )
    reconcile_boundary("Role", name, old, new)
    reconcile_policies("Role", name, old, new)
    reconcile_tags("Role", name, old, new)
    role = call("GetRole", RoleName=name)["Role"]
    return name, {"Arn": role["Arn"], "RoleId": role["RoleId"]}


def _delete_role(name: str, properties: Parameters) -> None:
    # Only what the template declared: a policy attached by hand makes DeleteRole fail, as on AWS.
    reconcile_policies("Role", name, properties, {})
    call_if_exists("DeleteRole", RoleName=name)


def register_instance_profiles() -> None:
    """Replace the emulator's handler."""
    resource_type(
        "AWS::IAM::InstanceProfile",
        create=_create_profile,
        update=_update_profile,
        delete=_delete_profile,
        create_only=("InstanceProfileName", "Path"),
        custom_name="InstanceProfileName",
    )


def _create_profile(logical_id: str, properties: Parameters, stack: str) -> Created:
    name = properties.get("InstanceProfileName") or generated_name(stack, logical_id, limit=128)
    profile = call("CreateInstanceProfile", InstanceProfileName=name, Path=properties.get("Path"))
    _set_roles(name, [], properties.get("Roles") or [])
    return name, {"Arn": profile["InstanceProfile"]["Arn"]}


def _update_profile(name: str, old: Parameters, new: Parameters) -> Created:
    _set_roles(name, old.get("Roles") or [], new.get("Roles") or [])
    return name, {"Arn": call("GetInstanceProfile", InstanceProfileName=name)["InstanceProfile"]["Arn"]}


def _delete_profile(name: str, properties: Parameters) -> None:
    _set_roles(name, properties.get("Roles") or [], [])
    call_if_exists("DeleteInstanceProfile", InstanceProfileName=name)


def _set_roles(name: str, old: list[str], new: list[str]) -> None:
    # Removed before added: an instance profile has one role at most.
    for role in old:
        if role not in new:
            call_if_exists("RemoveRoleFromInstanceProfile", InstanceProfileName=name, RoleName=role)
    for role in new:
        if role not in old:
            call("AddRoleToInstanceProfile", InstanceProfileName=name, RoleName=role)
