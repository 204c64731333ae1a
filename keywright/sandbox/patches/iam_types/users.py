"""AWS::IAM::User, AWS::IAM::Group and AWS::IAM::UserToGroupAddition, as in the CloudFormation Template Reference.

The emulator's handler removes everything attached to a user that it deletes; AWS's removes what the template declared and
then calls DeleteUser, which answers DeleteConflict while anything else is left. The emulator has no type for groups
and memberships. A group is deleted with the policies that its template gave it, but not while a member or another policy
is left. Removing a membership resource, or a user from its list, removes the membership no matter which resource
declared it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.sandbox.patches.cloudformation.properties import (
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


def register_users() -> None:
    """Replace the emulator's handler."""
    resource_type(
        "AWS::IAM::User",
        create=_create_user,
        update=_update_user,
        delete=_delete_user,
        create_only=("UserName",),
        custom_name="UserName",
    )


def _create_user(logical_id: str, properties: Parameters, stack: str) -> Created:
    name = properties.get("UserName") or generated_name(stack, logical_id)
    given = {
        "Path": properties.get("Path"),
        "PermissionsBoundary": properties.get("PermissionsBoundary"),
        "Tags": tags(properties),
    }
    user = call("CreateUser", UserName=name, **given)["User"]
    with undone_on_failure(lambda: _delete_user(name, properties)):
        _reconcile_user(name, given, properties)
    return name, {"Arn": user["Arn"]}


def _update_user(name: str, old: Parameters, new: Parameters) -> Created:
    if old.get("Path", "/") != new.get("Path", "/"):
        call("UpdateUser", UserName=name, NewPath=new.get("Path", "/"))
    _reconcile_user(name, old, new)
    return name, {"Arn": call("GetUser", UserName=name)["User"]["Arn"]}


def _delete_user(name: str, properties: Parameters) -> None:
    for group in properties.get("Groups") or []:
        call_if_exists("RemoveUserFromGroup", UserName=name, GroupName=group)
    if properties.get("LoginProfile"):
        call_if_exists("DeleteLoginProfile", UserName=name)
    reconcile_policies("User", name, properties, {})
    call_if_exists("DeleteUser", UserName=name)


def _reconcile_user(name: str, old: Parameters, new: Parameters) -> None:
    before, after = set(old.get("Groups") or []), set(new.get("Groups") or [])
    for group in sorted(before - after):
        call_if_exists("RemoveUserFromGroup", UserName=name, GroupName=group)
    for group in sorted(after - before):
        call("AddUserToGroup", UserName=name, GroupName=group)
    reconcile_boundary("User", name, old, new)
    reconcile_policies("User", name, old, new)
    reconcile_tags("User", name, old, new)
    _reconcile_login(name, old.get("LoginProfile"), new.get("LoginProfile"))


def _reconcile_login(name: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> None:
    if old == new:
        return
    if not new:
        call_if_exists("DeleteLoginProfile", UserName=name)
        return
    # A template can contain a boolean as text.
    reset = str(new.get("PasswordResetRequired", False)).lower() == "true"
    action = "UpdateLoginProfile" if old else "CreateLoginProfile"
    call(action, UserName=name, Password=new.get("Password"), PasswordResetRequired=reset)


def register_groups() -> None:
    """Add the type."""
    resource_type(
        "AWS::IAM::Group",
        create=_create_group,
        update=_update_group,
        delete=_delete_group,
        create_only=("GroupName",),
        custom_name="GroupName",
    )


def _create_group(logical_id: str, properties: Parameters, stack: str) -> Created:
    name = properties.get("GroupName") or generated_name(stack, logical_id, limit=128)
    group = call("CreateGroup", GroupName=name, Path=properties.get("Path"))["Group"]
    reconcile_policies("Group", name, {}, properties)
    return name, {"Arn": group["Arn"]}


def _update_group(name: str, old: Parameters, new: Parameters) -> Created:
    if old.get("Path", "/") != new.get("Path", "/"):
        call("UpdateGroup", GroupName=name, NewPath=new.get("Path", "/"))
    reconcile_policies("Group", name, old, new)
    return name, {"Arn": call("GetGroup", GroupName=name)["Group"]["Arn"]}


def _delete_group(name: str, properties: Parameters) -> None:
    reconcile_policies("Group", name, properties, {})
    call_if_exists("DeleteGroup", GroupName=name)


def register_memberships() -> None:
    """Add the type."""
    resource_type(
        "AWS::IAM::UserToGroupAddition",
        create=_create_memberships,
        update=_update_memberships,
        delete=_delete_memberships,
        create_only=(),
    )


def _create_memberships(logical_id: str, properties: Parameters, stack: str) -> Created:
    _add_members(properties, _users(properties))
    return generated_name(stack, logical_id), {}


def _update_memberships(physical_id: str, old: Parameters, new: Parameters) -> Created:
    moved = old["GroupName"] != new["GroupName"]
    # Added before removed, so that each user is always in one of the two groups.
    _add_members(new, _users(new) if moved else _users(new) - _users(old))
    _remove_members(old, _users(old) if moved else _users(old) - _users(new))
    return physical_id, {}


def _delete_memberships(_physical_id: str, properties: Parameters) -> None:
    _remove_members(properties, _users(properties))


def _users(properties: Parameters) -> set[str]:
    return set(properties.get("Users") or [])


def _add_members(properties: Parameters, users: set[str]) -> None:
    for user in sorted(users):
        call("AddUserToGroup", GroupName=properties["GroupName"], UserName=user)


def _remove_members(properties: Parameters, users: set[str]) -> None:
    for user in sorted(users):
        call_if_exists("RemoveUserFromGroup", GroupName=properties["GroupName"], UserName=user)
