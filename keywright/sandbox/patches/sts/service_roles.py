"""Passing a role to an AWS service, and an AWS service that assumes a role.

AWS: "Grant a user permissions to pass a role to an AWS service" in the IAM User Guide: it takes iam:PassRole, and the role
must trust the service ("CreateFunction" in the AWS Lambda API Reference); the emulator checks neither. "The confused
deputy problem", IAM User Guide: `aws:SourceAccount` and `aws:SourceArn` name the resource that the service acts for;
session tags need sts:TagSession in the trust policy. The emulator's services act as the root user. Which keys a service
sends on AWS is not known here: the test that asks for a session states them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from keywright.sandbox.client.control import ControlRefused
from keywright.sandbox.patches.authorization import callers
from keywright.sandbox.patches.cloudformation.resource_types import prepared_create
from keywright.sandbox.patches.ec2.instances import profile_of
from keywright.sandbox.patches.emulator import (
    ec2_error,
    evaluator,
    instance_profiles,
    lambda_create_function,
    lambda_service,
    lambda_update_configuration,
    launch_template_data,
    request_scope,
    roles,
)
from keywright.sandbox.patches.hooks import (
    EC2,
    Parameters,
    Refused,
    account_id,
    guard,
    home_account,
    home_region,
    patch,
    region,
    text,
)
from keywright.sandbox.patches.sts.assume_role import HOUR, find_role, role_session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


EC2_SERVICE = "ec2.amazonaws.com"
LAMBDA_SERVICE = "lambda.amazonaws.com"


def register() -> None:
    """Check what is passed."""
    for action in ("RunInstances", "AssociateIamInstanceProfile", "ReplaceIamInstanceProfileAssociation"):
        _guard_ec2(action)
    guard("AddRoleToInstanceProfile", _to_profile)
    patch(lambda_service, "_create_function", _checked(lambda_create_function))
    patch(
        lambda_service, "_update_config", lambda name, data: _checked(lambda_update_configuration)(data, name)
    )
    prepared_create("AWS::Lambda::Function", _function_of_a_template)


def trusts_service(
    role: dict[str, Any],
    service: str,
    action: str = "sts:AssumeRole",
    sent: Mapping[str, str] | None = None,
) -> bool:
    """Tell whether a role's trust policy allows an AWS service with the condition keys `sent`; by default, this account's."""
    context = evaluator.EvalContext(
        principal_arn=service,
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=role["Arn"],
        region=region(),
        service_context={"aws:sourceaccount": account_id()} if sent is None else dict(sent),
    )
    trust = role["AssumeRolePolicyDocument"]
    return bool(evaluator.evaluate_resource_policy(trust, context, service=service).decision == "Allow")


def _guard_ec2(action: str) -> None:
    original = EC2.handlers[action]

    def guarded(parameters: Parameters) -> Any:
        # A launch template passes its profile's role just as the request itself does.
        profile = profile_of(parameters) or _profile_of_template(parameters)
        try:
            for role in _roles_of(profile):
                _pass(role, EC2_SERVICE)
        except Refused as refused:
            return ec2_error("UnauthorizedOperation", refused.message, 403)
        return original(parameters)

    EC2.handlers[action] = guarded


def _profile_of_template(parameters: Parameters) -> dict[str, Any] | None:
    names = ("LaunchTemplateId", "LaunchTemplateName", "Version")
    data, _, _ = launch_template_data({name: text(parameters, f"LaunchTemplate.{name}") for name in names})
    named = (data or {}).get("IamInstanceProfile") or {}
    return profile_of({f"IamInstanceProfile.{name}": value for name, value in named.items()})


def _roles_of(profile: dict[str, Any] | None) -> list[dict[str, Any]]:
    if profile is None:
        return []
    record: dict[str, Any] = next(
        (each for each in instance_profiles.values() if each["Arn"] == profile["Arn"]), {}
    )
    return [roles[name] for name in record.get("Roles", [])]


def _to_profile(parameters: Parameters) -> None:
    role = roles.get(text(parameters, "RoleName"))
    if role:
        _pass(role, EC2_SERVICE)


def _pass(role: dict[str, Any], service: str) -> None:
    callers.require("iam:PassRole", role["Arn"], {"iam:passedtoservice": service})


def _checked(original: Callable[..., Any]) -> Callable[..., Any]:
    """Check the role in a function's settings first; some of the emulator's functions take `name` before them."""

    def checked(data: dict[str, Any], *name: str) -> Any:
        try:
            if data.get("Role"):
                _to_function(data["Role"])
        except Refused as refused:
            body = {"__type": refused.code, "message": refused.message}
            return refused.status, {"x-amzn-errortype": refused.code}, json.dumps(body).encode()
        return original(*name, data)

    return checked


def _to_function(arn: str) -> None:
    role = find_role(arn)
    if role is None or not trusts_service(role, LAMBDA_SERVICE):
        message = "The role defined for the function cannot be assumed by Lambda."
        raise Refused(400, "InvalidParameterValueException", message)
    try:
        _pass(role, LAMBDA_SERVICE)
    except Refused as refused:
        raise Refused(403, "AccessDeniedException", refused.message) from None


def _function_of_a_template(properties: Parameters) -> Parameters:
    try:
        _to_function(properties["Role"])
    except Refused as refused:
        raise ValueError(f"{refused.message} (Service: Lambda, Status Code: {refused.status})") from None
    return properties


def assume_as_service(question: dict[str, Any]) -> dict[str, Any]:
    """Give a service's session with a role.

    Raises:
        ControlRefused: No such role, or its trust policy refuses.
    """
    service, tags = str(question["service"]), dict(question["tags"])
    keys = {str(key).lower(): str(value) for key, value in dict(question["keys"]).items()}
    keys |= {f"aws:requesttag/{key.lower()}": str(value) for key, value in tags.items()}
    actions = ("sts:AssumeRole", "sts:TagSession") if tags else ("sts:AssumeRole",)
    with request_scope(home_account(), home_region()):
        role = find_role(str(question["role"]))
        if role is None or not all(trusts_service(role, service, action, keys) for action in actions):
            message = (
                f"{service} is not authorized to perform: sts:AssumeRole on resource: {question['role']}"
            )
            raise ControlRefused("AccessDenied", message)
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        session = role_session(role, service.partition(".")[0], HOUR, SessionTags=pairs)
    credentials = session["Credentials"]
    return {**credentials, "Expiration": credentials["Expiration"].isoformat()}
