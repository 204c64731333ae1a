"""AWS::IAM::User, as the CloudFormation Template Reference "AWS::IAM::User" describes it.

The emulator's handler takes away whatever hangs on a user it deletes; AWS's takes away what the template
itself declared and then calls DeleteUser, which answers DeleteConflict while anything else is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.repairs.policy_holders import reconcile_boundary, reconcile_policies, reconcile_tags, tags
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
        "AWS::IAM::User",
        create=_create,
        update=_update,
        delete=_delete,
        create_only=("UserName",),
        custom_name="UserName",
    )


def _create(logical_id: str, properties: Parameters, stack: str) -> Created:
    name = properties.get("UserName") or generated_name(stack, logical_id)
    given = {
        "Path": properties.get("Path"),
        "PermissionsBoundary": properties.get("PermissionsBoundary"),
        "Tags": tags(properties),
    }
    user = call("CreateUser", UserName=name, **given)["User"]
    with undone_on_failure(lambda: _delete(name, properties)):
        _reconcile(name, given, properties)
    return name, {"Arn": user["Arn"]}


def _update(name: str, old: Parameters, new: Parameters) -> Created:
    if old.get("Path", "/") != new.get("Path", "/"):
        call("UpdateUser", UserName=name, NewPath=new.get("Path", "/"))
    _reconcile(name, old, new)
    return name, {"Arn": call("GetUser", UserName=name)["User"]["Arn"]}


def _delete(name: str, properties: Parameters) -> None:
    for group in properties.get("Groups") or []:
        call_unless_gone("RemoveUserFromGroup", UserName=name, GroupName=group)
    if properties.get("LoginProfile"):
        call_unless_gone("DeleteLoginProfile", UserName=name)
    reconcile_policies("User", name, properties, {})
    call_unless_gone("DeleteUser", UserName=name)


def _reconcile(name: str, old: Parameters, new: Parameters) -> None:
    before, after = set(old.get("Groups") or []), set(new.get("Groups") or [])
    for group in sorted(before - after):
        call_unless_gone("RemoveUserFromGroup", UserName=name, GroupName=group)
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
        call_unless_gone("DeleteLoginProfile", UserName=name)
        return
    reset = str(new.get("PasswordResetRequired", False)).lower() == "true"
    action = "UpdateLoginProfile" if old else "CreateLoginProfile"
    call(action, UserName=name, Password=new.get("Password"), PasswordResetRequired=reset)
