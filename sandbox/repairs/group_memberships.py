"""AWS::IAM::UserToGroupAddition, as the CloudFormation Template Reference describes it.

The emulator lacks the type. Removing the resource, or a user from its list, removes the membership whoever
else declared it: two owners of one membership take it from each other, as on AWS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.repairs.resources import Created, call, call_unless_gone, generated_name, resource_type

if TYPE_CHECKING:
    from sandbox.repairs.seams import Parameters


def register() -> None:
    """Add the type."""
    resource_type(
        "AWS::IAM::UserToGroupAddition",
        create=_create,
        update=_update,
        delete=_delete,
        create_only=(),
    )


def _create(logical_id: str, properties: Parameters, stack: str) -> Created:
    _add(properties, _users(properties))
    return generated_name(stack, logical_id), {}


def _update(physical_id: str, old: Parameters, new: Parameters) -> Created:
    moved = old["GroupName"] != new["GroupName"]
    _add(new, _users(new) if moved else _users(new) - _users(old))
    _remove(old, _users(old) if moved else _users(old) - _users(new))
    return physical_id, {}


def _delete(_physical_id: str, properties: Parameters) -> None:
    _remove(properties, _users(properties))


def _users(properties: Parameters) -> set[str]:
    return set(properties.get("Users") or [])


def _add(properties: Parameters, users: set[str]) -> None:
    for user in sorted(users):
        call("AddUserToGroup", GroupName=properties["GroupName"], UserName=user)


def _remove(properties: Parameters, users: set[str]) -> None:
    for user in sorted(users):
        call_unless_gone("RemoveUserFromGroup", GroupName=properties["GroupName"], UserName=user)
