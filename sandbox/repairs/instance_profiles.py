"""AWS::IAM::InstanceProfile, as the CloudFormation Template Reference "AWS::IAM::InstanceProfile" describes it.

The emulator's Ref gives the ARN; AWS's gives the name. The emulator skips a role that does not exist; AWS
refuses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.repairs.resources import Created, call, call_unless_gone, generated_name, resource_type

if TYPE_CHECKING:
    from sandbox.repairs.seams import Parameters


def register() -> None:
    """Replace the emulator's handler."""
    resource_type(
        "AWS::IAM::InstanceProfile",
        create=_create,
        update=_update,
        delete=_delete,
        create_only=("InstanceProfileName", "Path"),
        custom_name="InstanceProfileName",
    )


def _create(logical_id: str, properties: Parameters, stack: str) -> Created:
    name = properties.get("InstanceProfileName") or generated_name(stack, logical_id, limit=128)
    profile = call("CreateInstanceProfile", InstanceProfileName=name, Path=properties.get("Path"))
    _set_roles(name, [], properties.get("Roles") or [])
    return name, {"Arn": profile["InstanceProfile"]["Arn"]}


def _update(name: str, old: Parameters, new: Parameters) -> Created:
    _set_roles(name, old.get("Roles") or [], new.get("Roles") or [])
    return name, {"Arn": call("GetInstanceProfile", InstanceProfileName=name)["InstanceProfile"]["Arn"]}


def _delete(name: str, properties: Parameters) -> None:
    _set_roles(name, properties.get("Roles") or [], [])
    call_unless_gone("DeleteInstanceProfile", InstanceProfileName=name)


def _set_roles(name: str, old: list[str], new: list[str]) -> None:
    for role in old:
        if role not in new:
            call_unless_gone("RemoveRoleFromInstanceProfile", InstanceProfileName=name, RoleName=role)
    for role in new:
        if role not in old:
            call("AddRoleToInstanceProfile", InstanceProfileName=name, RoleName=role)
