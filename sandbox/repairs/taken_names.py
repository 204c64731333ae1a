"""EntityAlreadyExists for a name that differs by case alone, as the IAM API Reference "CreateUser" describes names.

"IAM user, group, role, and policy names must be unique within the account. Names are not distinguished by
case." The emulator keeps `Alice` and `alice` apart.
"""

from __future__ import annotations

from typing import Any

from sandbox.repairs.emulator import groups, instance_profiles, managed_policies, roles, users
from sandbox.repairs.seams import Parameters, Refused, guard, text


def register() -> None:
    """Refuse a taken name."""
    guard("CreateUser", _taken("User", "UserName", users))
    guard("CreateGroup", _taken("Group", "GroupName", groups))
    guard("CreateRole", _taken("Role", "RoleName", roles))
    guard("CreateInstanceProfile", _taken("Instance Profile", "InstanceProfileName", instance_profiles))
    guard("CreatePolicy", _policy_taken)


def _taken(noun: str, parameter: str, kept: Any) -> Any:
    def check(parameters: Parameters) -> None:
        name = text(parameters, parameter)
        if name.casefold() in {each.casefold() for each in kept.keys()}:  # noqa: SIM118 - a mapping per account
            raise Refused(409, "EntityAlreadyExists", f"{noun} with name {name} already exists.")

    return check


def _policy_taken(parameters: Parameters) -> None:
    name = text(parameters, "PolicyName")
    if name.casefold() in {policy["PolicyName"].casefold() for policy in managed_policies.values()}:
        message = f"A policy called {name} already exists. Duplicate names are not allowed."
        raise Refused(409, "EntityAlreadyExists", message)
