"""EntityAlreadyExists for a name that differs by case alone, as the IAM API Reference "CreateUser" describes names.

"IAM user, group, role, and policy names must be unique within the account. Names are not distinguished by
case." The emulator keeps `Alice` and `alice` apart.

AWS's CloudFormation likewise refuses to make a function, log group or launch template under a name that is taken;
the emulator takes the other one over. Secrets, buckets and instance profiles have repairs of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.repairs.emulator import (
    functions,
    groups,
    instance_profiles,
    launch_templates,
    log_groups,
    managed_policies,
    roles,
    users,
)
from sandbox.repairs.resources import prepared_create
from sandbox.repairs.seams import Parameters, Refused, guard, text

if TYPE_CHECKING:
    from collections.abc import Callable


def register() -> None:
    """Refuse a taken name."""
    guard("CreateUser", _taken("User", "UserName", users))
    guard("CreateGroup", _taken("Group", "GroupName", groups))
    guard("CreateRole", _taken("Role", "RoleName", roles))
    guard("CreateInstanceProfile", _taken("Instance Profile", "InstanceProfileName", instance_profiles))
    guard("CreatePolicy", _policy_taken)
    prepared_create("AWS::Lambda::Function", _free("FunctionName", functions.keys))
    prepared_create("AWS::Logs::LogGroup", _free("LogGroupName", log_groups.keys))
    prepared_create("AWS::EC2::LaunchTemplate", _free("LaunchTemplateName", _launch_template_names))


def _taken(noun: str, parameter: str, kept: Any) -> Any:
    def check(parameters: Parameters) -> None:
        name = text(parameters, parameter)
        if name.casefold() in {each.casefold() for each in kept.keys()}:  # noqa: SIM118 - a mapping per account
            raise Refused(409, "EntityAlreadyExists", f"{noun} with name {name} already exists.")

    return check


def _free(named_by: str, taken: Callable[[], Any]) -> Callable[[Parameters], Parameters]:
    def prepare(properties: Parameters) -> Parameters:
        name = properties.get(named_by)
        if name and name in taken():
            raise ValueError(f"Resource {name} already exists. (HandlerErrorCode: AlreadyExists)")
        return properties

    return prepare


def _launch_template_names() -> list[str]:
    return [template["LaunchTemplateName"] for template in launch_templates.values()]


def _policy_taken(parameters: Parameters) -> None:
    name = text(parameters, "PolicyName")
    if name.casefold() in {policy["PolicyName"].casefold() for policy in managed_policies.values()}:
        message = f"A policy called {name} already exists. Duplicate names are not allowed."
        raise Refused(409, "EntityAlreadyExists", message)
