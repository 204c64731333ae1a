"""AWS::IAM::Group, as the CloudFormation Template Reference "AWS::IAM::Group" describes it.

The emulator lacks the type. A group deleted with its stack loses the policies its template gave it and is
then deleted as DeleteGroup deletes: not while a member or another policy is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.repairs.policy_holders import reconcile_policies
from sandbox.repairs.resources import Created, call, call_unless_gone, generated_name, resource_type

if TYPE_CHECKING:
    from sandbox.repairs.seams import Parameters


def register() -> None:
    """Add the type."""
    resource_type(
        "AWS::IAM::Group",
        create=_create,
        update=_update,
        delete=_delete,
        create_only=("GroupName",),
        custom_name="GroupName",
    )


def _create(logical_id: str, properties: Parameters, stack: str) -> Created:
    name = properties.get("GroupName") or generated_name(stack, logical_id, limit=128)
    group = call("CreateGroup", GroupName=name, Path=properties.get("Path"))["Group"]
    reconcile_policies("Group", name, {}, properties)
    return name, {"Arn": group["Arn"]}


def _update(name: str, old: Parameters, new: Parameters) -> Created:
    if old.get("Path", "/") != new.get("Path", "/"):
        call("UpdateGroup", GroupName=name, NewPath=new.get("Path", "/"))
    reconcile_policies("Group", name, old, new)
    return name, {"Arn": call("GetGroup", GroupName=name)["Group"]["Arn"]}


def _delete(name: str, properties: Parameters) -> None:
    reconcile_policies("Group", name, properties, {})
    call_unless_gone("DeleteGroup", GroupName=name)
