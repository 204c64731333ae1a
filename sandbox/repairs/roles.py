"""AWS::IAM::Role, as the CloudFormation Template Reference "AWS::IAM::Role" describes it.

The emulator's handler overwrites a role of the same name, forgets the permissions boundary and takes away
whatever hangs on a role it deletes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.repairs.policy_holders import (
    document,
    reconcile_boundary,
    reconcile_policies,
    reconcile_tags,
    tags,
)
from sandbox.repairs.resources import (
    Created,
    call,
    call_unless_gone,
    generated_name,
    resource_type,
    undone_on_failure,
)

if TYPE_CHECKING:
    from sandbox.repairs.seams import Parameters


def register() -> None:
    """Replace the emulator's handler."""
    resource_type(
        "AWS::IAM::Role",
        create=_create,
        update=_update,
        delete=_delete,
        create_only=("Path", "RoleName"),
        custom_name="RoleName",
    )


def _create(logical_id: str, properties: Parameters, stack: str) -> Created:
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
    with undone_on_failure(lambda: _delete(name, properties)):
        reconcile_policies("Role", name, {}, properties)
    return name, {"Arn": role["Arn"], "RoleId": role["RoleId"]}


def _update(name: str, old: Parameters, new: Parameters) -> Created:
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


def _delete(name: str, properties: Parameters) -> None:
    reconcile_policies("Role", name, properties, {})
    call_unless_gone("DeleteRole", RoleName=name)
