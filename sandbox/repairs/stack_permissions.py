"""CloudFormation acts with the permissions of a stack's role or, without one, of whoever asks.

AWS: "AWS CloudFormation service role" in the AWS CloudFormation User Guide: the role must trust
CloudFormation, whoever hands it over needs iam:PassRole, and it is used for every later operation on the
stack too. The emulator acts with the root's power. Here every changing call of a resource handler is judged:
IAM's and EC2's action by action, of the other types one action each (`ACTIONS`). What a handler only reads is
not judged, and a role given with a change set counts at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from sandbox.repairs import callers
from sandbox.repairs.assume_role import HOUR, find_role, role_session
from sandbox.repairs.emulator import (
    cloudformation,
    cloudformation_error,
    cloudformation_request,
    custom_resource_handlers,
    provisioners,
    resource_handlers,
    stack_records,
)
from sandbox.repairs.pass_role import trusts_service
from sandbox.repairs.resource_arns import changes_something, identity_arn, identity_conditions
from sandbox.repairs.seams import (
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

if TYPE_CHECKING:
    from collections.abc import Callable

SERVICE = "cloudformation.amazonaws.com"
SESSION = "AWSCloudFormation"
ACTIONS = {
    "AWS::AutoScaling::AutoScalingGroup": (
        "autoscaling:CreateAutoScalingGroup",
        "autoscaling:UpdateAutoScalingGroup",
        "autoscaling:DeleteAutoScalingGroup",
    ),
    "AWS::EC2::LaunchTemplate": (
        "ec2:CreateLaunchTemplate",
        "ec2:CreateLaunchTemplateVersion",
        "ec2:DeleteLaunchTemplate",
    ),
    "AWS::IdentityStore::Group": (
        "identitystore:CreateGroup",
        "identitystore:UpdateGroup",
        "identitystore:DeleteGroup",
    ),
    "AWS::IdentityStore::GroupMembership": (
        "identitystore:CreateGroupMembership",
        "identitystore:CreateGroupMembership",
        "identitystore:DeleteGroupMembership",
    ),
    "AWS::KMS::Key": ("kms:CreateKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"),
    "AWS::Lambda::Function": ("lambda:CreateFunction", "lambda:UpdateFunctionCode", "lambda:DeleteFunction"),
    "AWS::Logs::LogGroup": ("logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:DeleteLogGroup"),
    "AWS::S3::Bucket": ("s3:CreateBucket", "s3:PutBucketTagging", "s3:DeleteBucket"),
    "AWS::S3::BucketPolicy": ("s3:PutBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"),
    "AWS::SSO::Assignment": (
        "sso:CreateAccountAssignment",
        "sso:CreateAccountAssignment",
        "sso:DeleteAccountAssignment",
    ),
    "AWS::SSO::PermissionSet": (
        "sso:CreatePermissionSet",
        "sso:UpdatePermissionSet",
        "sso:DeletePermissionSet",
    ),
    "AWS::SecretsManager::Secret": (
        "secretsmanager:CreateSecret",
        "secretsmanager:UpdateSecret",
        "secretsmanager:DeleteSecret",
    ),
}
"""What creating, updating and deleting a type asks for."""
_NAMED = {
    "AWS::Lambda::Function": ("FunctionName", "arn:aws:lambda:{region}:{account}:function:{name}"),
    "AWS::Logs::LogGroup": ("LogGroupName", "arn:aws:logs:{region}:{account}:log-group:{name}"),
    "AWS::S3::Bucket": ("BucketName", "arn:aws:s3:::{name}"),
    "AWS::S3::BucketPolicy": ("Bucket", "arn:aws:s3:::{name}"),
    "AWS::SecretsManager::Secret": ("Name", "arn:aws:secretsmanager:{region}:{account}:secret:{name}-??????"),
}
_roles = store()


def register() -> None:
    """Have CloudFormation ask before it acts."""
    patch(cloudformation, "handle_request", _handle)
    Api.judge = staticmethod(_judge)
    for name in ACTIONS:
        _judge_type(name)
    for name, original in custom_resource_handlers.items():
        patch(provisioners, name, _judged_custom_resource(original))


async def _handle(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
    parameters = {**query, **parse_qs((body or b"").decode("utf-8", "replace"))}
    try:
        role = _role_for(parameters)
    except Refused as refused:
        return cloudformation_error(refused.code, refused.message, refused.status)
    if role is None:
        return await cloudformation_request(method, path, headers, body, query)
    session = role_session(role, SESSION, HOUR)["Credentials"]["AccessKeyId"]
    with callers.acting_as(session):
        return await cloudformation_request(method, path, headers, body, query)


def _role_for(parameters: Parameters) -> dict[str, Any] | None:
    """Give the role an operation on a stack is done with, after checking the one it hands over.

    Raises:
        Refused: The caller may not pass the role, or CloudFormation may not assume it.
    """
    stack, given = _stack_name(parameters), text(parameters, "RoleARN")
    if text(parameters, "Action") == "CreateStack" or stack not in stack_records:
        _roles.pop(stack, None)
    if given:
        callers.require("iam:PassRole", given, {"iam:passedtoservice": SERVICE})
        role = find_role(given)
        if role is None or not trusts_service(role, SERVICE):
            raise Refused(400, "ValidationError", f"Role {given} is invalid or cannot be assumed")
        _roles[stack] = given
    return find_role(_roles[stack]) if stack in _roles else None


def _stack_name(parameters: Parameters) -> str:
    name = text(parameters, "StackName")
    return name.split("/")[1] if name.startswith("arn:") else name


def _judge(service: str, action: str, form: Parameters) -> None:
    """Judge one call of a resource handler.

    Raises:
        HandlerFailed: AccessDenied.
    """
    if not changes_something(service, action):
        return
    arn, keys = "*", {}
    if service == "iam":
        arn, keys = identity_arn(action, form, account_id()), identity_conditions(action, form)
    _require(service, f"{service}:{action}", arn, keys)


def _require(service: str, action: str, arn: str, keys: dict[str, Any]) -> None:
    try:
        callers.require(action, arn, keys)
    except Refused as refused:
        raise HandlerFailed(service, refused) from None


def _judge_type(name: str) -> None:
    handler = resource_handlers[name]
    create, update, delete = handler["create"], handler["update"], handler["delete"]
    on_create, on_update, on_delete = ACTIONS[name]

    def ask(action: str, properties: Parameters) -> None:
        _require(action.partition(":")[0], action, _arn(name, properties), {})

    def creating(logical_id: str, properties: Parameters, stack: str) -> Any:
        ask(on_create, properties)
        return create(logical_id, properties, stack)

    def updating(physical_id: str, old: Parameters, new: Parameters, *more: Any) -> Any:
        ask(on_update, new)
        return update(physical_id, old, new, *more)

    def deleting(physical_id: str, properties: Parameters, *more: Any) -> Any:
        ask(on_delete, properties)
        return delete(physical_id, properties, *more)

    handler.update(create=creating, update=updating, delete=deleting)


def _arn(name: str, properties: Parameters) -> str:
    named_by, pattern = _NAMED.get(name, ("", "*"))
    given = properties.get(named_by)
    return pattern.format(region=region(), account=account_id(), name=given) if given else "*"


def _judged_custom_resource(original: Callable[..., Any]) -> Callable[..., Any]:
    def judged(first: str, properties: Parameters, *more: Any, **named: Any) -> Any:
        _require("lambda", "lambda:InvokeFunction", str(properties.get("ServiceToken", "*")), {})
        return original(first, properties, *more, **named)

    return judged
