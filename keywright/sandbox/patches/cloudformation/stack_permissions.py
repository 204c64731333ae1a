"""CloudFormation acts with the permissions of a stack's role or, without a role, of the caller.

AWS: "AWS CloudFormation service role" in the AWS CloudFormation User Guide: the role must trust CloudFormation,
the caller who passes it needs iam:PassRole, and it is used for every later operation on the stack. The emulator
acts as the root user. Here every changing call of a resource handler is authorized: IAM's and EC2's action by
action, those of other types by the registry's list (`handler_calls`). Read-only calls are not authorized, and a role
passed with a change set applies at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from keywright.sandbox.patches.authorization import callers
from keywright.sandbox.patches.authorization.requests import (
    changes_something,
    identity_arn,
    identity_conditions,
)
from keywright.sandbox.patches.cloudformation.handler_calls import ACTS_ON, calls, every_arn, future_name
from keywright.sandbox.patches.emulator import (
    cloudformation,
    cloudformation_error,
    cloudformation_request,
    custom_resource_handlers,
    provisioners,
    resource_handlers,
    stack_records,
)
from keywright.sandbox.patches.hooks import (
    Api,
    HandlerFailed,
    Parameters,
    Refused,
    account_id,
    patch,
    region,
    store,
    text,
)
from keywright.sandbox.patches.sts.assume_role import HOUR, find_role, role_session
from keywright.sandbox.patches.sts.service_roles import trusts_service

if TYPE_CHECKING:
    from collections.abc import Callable

SERVICE = "cloudformation.amazonaws.com"
SESSION = "AWSCloudFormation"
_roles = store()


def register() -> None:
    """Authorize what CloudFormation does."""
    patch(cloudformation, "handle_request", _handle)
    Api.authorize = staticmethod(_authorize)
    for name in ACTS_ON:
        _authorize_type(name)
    for name, original in custom_resource_handlers.items():
        patch(provisioners, name, _authorized_custom_resource(original))


async def _handle(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
    parameters = {**query, **parse_qs((body or b"").decode("utf-8", "replace"))}
    try:
        role = _role_for(parameters)
    except Refused as refused:
        return cloudformation_error(refused.code, refused.message, refused.status)
    if role is None:
        return await cloudformation_request(method, path, headers, body, query)
    # A real session, so that the role's policies and boundary are evaluated like those of any caller.
    session = role_session(role, SESSION, HOUR)["Credentials"]["AccessKeyId"]
    with callers.acting_as(session):
        return await cloudformation_request(method, path, headers, body, query)


def _role_for(parameters: Parameters) -> dict[str, Any] | None:
    """Give the role for an operation on a stack, after checking the role that the request passes.

    Raises:
        Refused: The caller cannot pass the role, or CloudFormation cannot assume it.
    """
    stack, given = _stack_name(parameters), text(parameters, "RoleARN")
    if text(parameters, "Action") == "CreateStack" or stack not in stack_records:
        # A new stack of the same name does not inherit the role of a deleted one.
        _roles.pop(stack, None)
    if given:
        callers.require("iam:PassRole", given, {"iam:passedtoservice": SERVICE})
        role = find_role(given)
        if role is None or not trusts_service(role, SERVICE):
            raise Refused(400, "ValidationError", f"Role {given} is invalid or cannot be assumed")
        # CloudFormation keeps the role for later operations ("AWS CloudFormation service role").
        _roles[stack] = given
    return find_role(_roles[stack]) if stack in _roles else None


def _stack_name(parameters: Parameters) -> str:
    name = text(parameters, "StackName")
    return name.split("/")[1] if name.startswith("arn:") else name


def _authorize(service: str, action: str, form: Parameters) -> None:
    """Authorize one call of a resource handler.

    Raises:
        HandlerFailed: AccessDenied.
    """
    if not changes_something(service, action):
        return
    if service == "iam":
        arn, keys = identity_arn(action, form, account_id()), identity_conditions(action, form)
        _require(service, f"{service}:{action}", arn, keys)
        return
    for arn in every_arn(service, action):
        _require(service, f"{service}:{action}", arn, {"aws:requestedregion": region()})


def _require(service: str, action: str, arn: str, keys: dict[str, Any]) -> None:
    try:
        callers.require(action, arn, keys)
    except Refused as refused:
        raise HandlerFailed(service, refused) from None


def _authorize_type(name: str) -> None:
    handler = resource_handlers[name]
    create, update, delete = handler["create"], handler["update"], handler["delete"]

    def ask(verb: str, properties: Parameters, known_as: str) -> None:
        for action, arn in calls(name, verb, properties, known_as):
            _require(action.partition(":")[0], action, arn, {"aws:requestedregion": region()})

    def creating(logical_id: str, properties: Parameters, stack: str) -> Any:
        ask("create", properties, future_name(name, stack, logical_id))
        return create(logical_id, properties, stack)

    def updating(physical_id: str, old: Parameters, new: Parameters, *more: Any) -> Any:
        ask("update", new, physical_id)
        return update(physical_id, old, new, *more)

    def deleting(physical_id: str, properties: Parameters, *more: Any) -> Any:
        ask("delete", properties, physical_id)
        return delete(physical_id, properties, *more)

    handler.update(create=creating, update=updating, delete=deleting)


def _authorized_custom_resource(original: Callable[..., Any]) -> Callable[..., Any]:
    def authorized(first: str, properties: Parameters, *more: Any, **named: Any) -> Any:
        _require("lambda", "lambda:InvokeFunction", str(properties.get("ServiceToken", "*")), {})
        return original(first, properties, *more, **named)

    return authorized
