"""Unique names, renaming of users and groups, and the account alias.

AWS: "CreateUser" in the IAM API Reference: "IAM user, group, role, and policy names must be unique within the account.
Names are not distinguished by case." The emulator accepts both `Alice` and `alice`. CloudFormation also refuses to
create a function, log group or launch template with a name in use; the emulator overwrites the existing one. (Secrets,
buckets and instance profiles are checked in their own modules.) "UpdateUser" and "UpdateGroup" change name and path and
keep the id; the emulator has neither; access keys, memberships, devices and the password move with the user.
"CreateAccountAlias": an alias belongs to one account; the emulator lets two accounts share it. An alias that is free
here may be in use on AWS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.sandbox.patches.authorization.resource_policies import follow_renamed_identity
from keywright.sandbox.patches.cloudformation.resource_types import prepared_create
from keywright.sandbox.patches.emulator import (
    access_keys,
    account_aliases,
    functions,
    group_inline_policies,
    groups,
    instance_profiles,
    launch_templates,
    log_groups,
    login_profiles,
    managed_policies,
    mfa_devices,
    roles,
    user_inline_policies,
    users,
)
from keywright.sandbox.patches.hooks import Parameters, Refused, account_id, guard, replace, text

if TYPE_CHECKING:
    from collections.abc import Callable


def register_unique_names() -> None:
    """Refuse a taken name."""
    guard("CreateUser", _require_unique("User", "UserName", users))
    guard("CreateGroup", _require_unique("Group", "GroupName", groups))
    guard("CreateRole", _require_unique("Role", "RoleName", roles))
    guard(
        "CreateInstanceProfile", _require_unique("Instance Profile", "InstanceProfileName", instance_profiles)
    )
    guard("CreatePolicy", _require_unique_policy)
    prepared_create("AWS::Lambda::Function", _require_free("FunctionName", functions.keys))
    prepared_create("AWS::Logs::LogGroup", _require_free("LogGroupName", log_groups.keys))
    prepared_create("AWS::EC2::LaunchTemplate", _require_free("LaunchTemplateName", _launch_template_names))


def _require_unique(noun: str, parameter: str, kept: Any) -> Any:
    def check(parameters: Parameters) -> None:
        name = text(parameters, parameter)
        if name.casefold() in {each.casefold() for each in kept.keys()}:  # noqa: SIM118 - a mapping per account
            raise Refused(409, "EntityAlreadyExists", f"{noun} with name {name} already exists.")

    return check


def _require_free(named_by: str, taken: Callable[[], Any]) -> Callable[[Parameters], Parameters]:
    def prepare(properties: Parameters) -> Parameters:
        name = properties.get(named_by)
        if name and name in taken():
            raise ValueError(f"Resource {name} already exists. (HandlerErrorCode: AlreadyExists)")
        return properties

    return prepare


def _launch_template_names() -> list[str]:
    return [template["LaunchTemplateName"] for template in launch_templates.values()]


def _require_unique_policy(parameters: Parameters) -> None:
    name = text(parameters, "PolicyName")
    if name.casefold() in {policy["PolicyName"].casefold() for policy in managed_policies.values()}:
        message = f"A policy called {name} already exists. Duplicate names are not allowed."
        raise Refused(409, "EntityAlreadyExists", message)


def register_renames() -> None:
    """Add the actions."""
    replace("UpdateUser", _update_user)
    replace("UpdateGroup", _update_group)


def _update_user(parameters: Parameters) -> dict[str, Any]:
    old = text(parameters, "UserName")
    new = _rename(users, "user", "User", old, parameters)
    if new != old:
        for membership in groups.values():
            membership["Users"] = [new if member == old else member for member in membership["Users"]]
        for key in access_keys.values():
            if key["UserName"] == old:
                key["UserName"] = new
        for device in mfa_devices.values():
            if device["User"] == old:
                device["User"] = new
        _rekey(user_inline_policies, old, new)
        _rekey(login_profiles, old, new)
    return {}


def _update_group(parameters: Parameters) -> dict[str, Any]:
    old = text(parameters, "GroupName")
    new = _rename(groups, "group", "Group", old, parameters)
    _rekey(group_inline_policies, old, new)
    return {}


def _rename(kept: Any, kind: str, noun: str, old: str, parameters: Parameters) -> str:
    record = kept.get(old)
    if record is None:
        raise Refused(404, "NoSuchEntity", f"The {kind} with name {old} cannot be found.")
    new = text(parameters, f"New{noun}Name") or old
    if new != old and new in kept:
        raise Refused(409, "EntityAlreadyExists", f"{noun} with name {new} already exists.")
    path = text(parameters, "NewPath") or record["Path"]
    arn = f"arn:aws:iam::{account_id()}:{kind}{path}{new}"
    # Trust policies name the identity by id, so they follow it to its new ARN.
    follow_renamed_identity(record["Arn"], arn)
    record.update({f"{noun}Name": new, "Path": path, "Arn": arn})
    _rekey(kept, old, new)
    return new


def _rekey(kept: Any, old: str, new: str) -> None:
    if new != old and old in kept:
        kept[new] = kept.pop(old)


def register_account_alias() -> None:
    """Refuse another account's alias, and an alias that is not there to delete."""
    guard("CreateAccountAlias", _require_free_alias)
    guard("DeleteAccountAlias", _require_own_alias)


def _require_free_alias(parameters: Parameters) -> None:
    alias = text(parameters, "AccountAlias")
    taken = {
        each
        for (account, _), aliases in account_aliases.to_dict().items()
        if account != account_id()
        for each in aliases
    }
    if alias in taken:
        raise Refused(409, "EntityAlreadyExists", f"The account alias {alias} already exists.")


def _require_own_alias(parameters: Parameters) -> None:
    alias = text(parameters, "AccountAlias")
    if alias not in (account_aliases.get("aliases") or []):
        raise Refused(404, "NoSuchEntity", f"The account alias {alias} cannot be found.")
