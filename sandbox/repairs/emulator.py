"""The seams a repair plugs into; nothing else in this room imports the emulator's modules.

Importing this module loads the emulator, which reads its settings from the environment at that moment:
only the emulator's own process does so. Every internal name of the emulator that a repair leans on is bound here,
so that an upgrade which drops one fails at the start, by that name.
"""

# ruff: noqa: SLF001 - the one place that knows the emulator's internals

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from importlib import import_module
from typing import Any
from xml.sax.saxutils import escape

import botocore.session
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

Parameters = Mapping[str, Any]
"""An action's parameters as they came: query form, such as `Tags.member.1.Key`, each a text or a list of one."""

application: Any = import_module("ministack.app")
iam: Any = import_module("ministack.services.iam")
sts: Any = import_module("ministack.services.sts")
s3: Any = import_module("ministack.services.s3")
secretsmanager: Any = import_module("ministack.services.secretsmanager")
lambda_service: Any = import_module("ministack.services.lambda_svc")
ec2: Any = import_module("ministack.services.ec2")
evaluator: Any = import_module("ministack.core.iam_evaluator")
actions: Any = import_module("ministack.core.iam_actions")
router: Any = import_module("ministack.core.router")
responses: Any = import_module("ministack.core.responses")
cloudformation: Any = import_module("ministack.services.cloudformation")
provisioners: Any = import_module("ministack.services.cloudformation.provisioners")
stacks: Any = import_module("ministack.services.cloudformation.stacks")
handlers: Any = import_module("ministack.services.cloudformation.handlers")
changesets: Any = import_module("ministack.services.cloudformation.changesets")
engine: Any = import_module("ministack.services.cloudformation.engine")
concurrency: Any = import_module("ministack.core.concurrency")

users: Any = iam._users
roles: Any = iam._roles
groups: Any = iam._groups
managed_policies: Any = iam._policies
access_keys: Any = iam._access_keys
user_inline_policies: Any = iam._user_inline_policies
group_inline_policies: Any = iam._group_inline_policies
instance_profiles: Any = iam._instance_profiles
mfa_devices: Any = iam._mfa_devices
login_profiles: Any = iam._login_profiles
oidc_providers: Any = iam._oidc_providers
instances: Any = ec2._instances
launch_template_data: Any = ec2._resolve_launch_template_data
now: Any = iam._now
known_policy: Any = iam._lookup_policy
aws_managed_policies: Any = iam._aws_managed_policies
make_aws_managed_policy: Any = iam._make_aws_managed_record
bucket_encryption: Any = s3._bucket_default_sse_headers
password_policies: Any = iam._account_password_policy
account_aliases: Any = iam._account_aliases
request_scope: Any = responses.request_scope
iam_error: Any = iam._error
sessions: Any = sts._sessions
register_session: Any = sts.register_session
sts_request: Any = sts.handle_request
session_policies: Any = sts._session_policies
enforce: Any = evaluator.enforce
principal_keys: Any = evaluator._principal_keys
is_anonymous: Any = evaluator._anonymous
served_unsigned: Any = evaluator._served_unsigned
policy_of_resource: Any = evaluator._resource_policy
condition_key: Any = evaluator._resolve_condition_key
parse_policy: Any = evaluator.parse_policy_document
access_key_of: Any = router.extract_access_key_id
dispatch: Any = application._dispatch_service_request
iam_action: Any = actions.extract_iam_action
resource_arn: Any = actions.extract_resource_arn
ec2_error: Any = ec2._error
resolve_instance_profile: Any = ec2._resolve_iam_instance_profile
lambda_create_function: Any = lambda_service._create_function
lambda_update_configuration: Any = lambda_service._update_config
request_conditions: Any = actions.request_tag_context
buckets: Any = s3._buckets
bucket_encryptions: Any = s3._bucket_encryption
bucket_versioning: Any = s3._bucket_versioning
s3_apply_configurations: Any = provisioners._s3_apply_configurations
s3_create_bucket: Any = s3._create_bucket
s3_error: Any = s3._error
validate_template_limits: Any = engine._validate_template_limits
secret_records: Any = secretsmanager._secrets
secret_policies: Any = secretsmanager._resource_policies
random_password: Any = secretsmanager._get_random_password
stack_records: Any = cloudformation._stacks
cloudformation_request: Any = cloudformation.handle_request
cloudformation_error: Any = import_module("ministack.services.cloudformation.helpers")._error
custom_resource_handlers: dict[str, Any] = {
    name: getattr(provisioners, name)
    for name in ("_custom_resource_create", "_custom_resource_update", "_custom_resource_delete")
}
deploy_stack: Any = stacks._deploy_stack_async
delete_resource: Any = stacks._delete_resource
update_resource: Any = stacks._update_resource
provision_resource: Any = stacks._provision_resource
add_event: Any = stacks._add_event
dependency_order: Any = stacks._topological_sort
runs_on_worker_thread: Any = stacks._runs_on_worker_thread


_FIRST_ERROR_STATUS = 400


class Refused(Exception):  # noqa: N818 - the field's word: IAM refuses
    """What IAM refuses, as its API answers: HTTP status, error code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class HandlerFailed(ValueError):  # noqa: N818 - the event's word: a handler failed
    """What a CloudFormation resource handler reports as the reason of a failed resource."""

    def __init__(self, service: str, refused: Refused) -> None:
        code = _HANDLER_ERROR_CODES.get(refused.code, "GeneralServiceException")
        super().__init__(
            f'Resource handler returned message: "{refused.message} (Service: {service.title()}, Status Code: '
            f'{refused.status}, Error Code: {refused.code})" (HandlerErrorCode: {code})'
        )
        self.refused = refused


_HANDLER_ERROR_CODES = {
    "AccessDenied": "AccessDenied",
    "DeleteConflict": "ResourceConflict",
    "EntityAlreadyExists": "AlreadyExists",
    "InvalidInput": "InvalidRequest",
    "LimitExceeded": "ServiceLimitExceeded",
    "MalformedPolicyDocument": "InvalidRequest",
    "NoSuchEntity": "NotFound",
    "ValidationError": "InvalidRequest",
}


def patch(module: Any, name: str, replacement: Any) -> Any:
    """Put `replacement` in place of a module's function and give the function it replaces.

    Raises:
        AttributeError: The emulator has no such name any more; the repair is to be thought over.
    """
    original = getattr(module, name)
    setattr(module, name, replacement)
    return original


_ON_RESET: list[Callable[[], None]] = []


def store() -> Any:
    """Give a mapping that keeps what each account stores apart and is emptied when the sandbox is reset."""
    kept = responses.AccountScopedDict()
    _ON_RESET.append(kept.clear)
    return kept


def on_reset(forget: Callable[[], None]) -> None:
    """Have `forget` called when the sandbox is reset."""
    _ON_RESET.append(forget)


def reset() -> None:
    """Forget everything in every account."""
    application._reset_all_state()
    for forget in _ON_RESET:
        forget()


def text(parameters: Parameters, name: str, default: str = "") -> str:
    """Read one parameter of an action."""
    value = parameters.get(name, default)
    if isinstance(value, list):
        value = value[0] if value else default
    return str(value)


def members(parameters: Parameters, name: str) -> Iterator[str]:
    """Read a list parameter of an action."""
    number = 1
    while value := text(parameters, f"{name}.member.{number}"):
        yield value
        number += 1


def account_id() -> str:
    """Tell whose account the current request acts in."""
    return str(responses.get_account_id())


def home_account() -> str:
    """Tell whose sandbox this is."""
    return os.environ["MINISTACK_ACCOUNT_ID"]


def home_region() -> str:
    """Tell which region the sandbox is in."""
    return os.environ["MINISTACK_REGION"]


def region() -> str:
    """Tell which region the current request addresses."""
    return str(responses.get_region())


def guard(action: str, check: Callable[[Parameters], None]) -> None:
    """Let `check` see an IAM action's parameters first; what it refuses never reaches the emulator."""
    original = iam._IAM_HANDLERS[action]

    def guarded(parameters: Parameters) -> Any:
        try:
            check(parameters)
        except Refused as refused:
            return iam._error(refused.status, refused.code, escape(refused.message))
        return original(parameters)

    _install(action, guarded)


def after(action: str, do: Callable[[Parameters], None]) -> None:
    """Have `do` called with an IAM action's parameters once the action has succeeded."""
    original = iam._IAM_HANDLERS[action]

    def followed(parameters: Parameters) -> Any:
        response = original(parameters)
        if response[0] < _FIRST_ERROR_STATUS:
            do(parameters)
        return response

    _install(action, followed)


def replace(action: str, answer: Callable[[Parameters], Mapping[str, Any]]) -> None:
    """Let `answer` give an IAM action's output members, written as botocore's model of the action names them."""

    def replaced(parameters: Parameters) -> Any:
        try:
            return IAM.write(action, answer(parameters))
        except Refused as refused:
            return iam._error(refused.status, refused.code, escape(refused.message))

    _install(action, replaced)


def _install(action: str, handler: Callable[[Parameters], Any]) -> None:
    """Put a handler in the dispatch table and under the name the emulator's own modules call it by."""
    original = iam._IAM_HANDLERS.get(action)
    for name, value in list(vars(iam).items()):
        if original is not None and value is original:
            setattr(iam, name, handler)
    iam._IAM_HANDLERS[action] = handler


def _xml(shape: Any, value: Any) -> str:
    if shape.type_name == "structure":
        return "".join(
            f"<{name}>{_xml(member, value[name])}</{name}>"
            for name, member in shape.members.items()
            if value.get(name) is not None
        )
    if shape.type_name == "list":
        return "".join(f"<member>{_xml(shape.member, each)}</member>" for each in value)
    if shape.type_name == "blob":
        return base64.b64encode(value).decode()
    if shape.type_name == "boolean":
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return escape(str(value))


class Api:
    """One service's actions, called as a CloudFormation resource handler calls them: native values in and out."""

    judge: Callable[[str, str, Parameters], None] = staticmethod(lambda _service, _action, _form: None)
    """Asked before each call: service, action, parameters; raises HandlerFailed where it is not allowed."""

    def __init__(self, service: str, handlers: dict[str, Callable[[Parameters], Any]]) -> None:
        self.service, self.handlers = service, handlers
        self.model: Any = botocore.session.get_session().get_service_model(service)
        self._serializer: Any = create_serializer(self.model.metadata["protocol"])
        self._parser: Any = create_parser(self.model.metadata["protocol"])

    def write(self, action: str, members: Mapping[str, Any]) -> Any:
        """Write an action's output members as its response."""
        shape = self.model.operation_model(action).output_shape
        result = f"<{action}Result>{_xml(shape, members)}</{action}Result>" if shape else ""
        return iam._xml(200, f"{action}Response", result, ns=self.service)

    def form(self, action: str, members: Mapping[str, Any]) -> dict[str, Any]:
        """Write an action's input members as its query parameters."""
        given = {name: value for name, value in members.items() if value is not None}
        form: dict[str, Any] = self._serializer.serialize_to_request(
            given, self.model.operation_model(action)
        )["body"]
        return form

    def call(self, action: str, **members: Any) -> dict[str, Any]:
        """Run an action; a member that is None is left out.

        Raises:
            HandlerFailed: The service refused.
        """
        operation = self.model.operation_model(action)
        form = self.form(action, members)
        self.judge(self.service, action, form)
        status, headers, body = self.handlers[action](form)
        response = {"status_code": status, "headers": headers, "body": body}
        parsed: dict[str, Any] = self._parser.parse(response, operation.output_shape)
        if status >= _FIRST_ERROR_STATUS:
            refused = Refused(status, parsed["Error"]["Code"], parsed["Error"]["Message"])
            raise HandlerFailed(self.service, refused)
        return parsed


IAM = Api("iam", iam._IAM_HANDLERS)
EC2 = Api("ec2", ec2._ACTION_MAP)
STS = Api("sts", {})
call = IAM.call


def call_unless_gone(action: str, **members: Any) -> None:
    """Run an IAM action that takes something away; that it is gone already is as good."""
    try:
        call(action, **members)
    except HandlerFailed as failed:
        if failed.refused.code != "NoSuchEntity":
            raise


@contextmanager
def undone_on_failure(undo: Callable[[], None]) -> Iterator[None]:
    """Take a half-made resource away again: CloudFormation knows nothing to delete after a failed create."""
    try:
        yield
    except HandlerFailed:
        with suppress(HandlerFailed):
            undo()
        raise


Created = tuple[str, dict[str, Any]]
"""A resource's physical id (what Ref gives) and its attributes (what Fn::GetAtt gives)."""


def resource_type(
    name: str,
    *,
    create: Callable[[str, Parameters, str], Created],
    update: Callable[[str, Parameters, Parameters], Created],
    delete: Callable[[str, Parameters], None],
    create_only: tuple[str, ...],
    custom_name: str = "",
    name_taken: str = "",
    stack_tags: bool = False,
) -> None:
    """Register a CloudFormation resource type.

    `create` gets the logical id, the properties and the stack's name; `update` the physical id, the old and the
    new properties, and only where no create-only property changed; `delete` the physical id and the properties.
    `custom_name` is the property that names the resource: an update that replaces it must change that too; what it
    is refused with otherwise is CloudFormation's own sentence or, where `name_taken` is given, that one. `stack_tags` says that a stack's own tags are added to the resource's.
    """
    provisioners._RESOURCE_HANDLERS[name] = {
        "create": create,
        "update": lambda physical_id, old, new, _stack: update(physical_id, old, new),
        "delete": delete,
    }
    provisioners._REPLACING_PROPERTIES[name] = create_only
    if custom_name:
        taken = {"exists": name_taken} if name_taken else {}
        provisioners._CUSTOM_NAME_REPLACEMENT[name] = {"name": custom_name, **taken}
    if stack_tags:
        provisioners._STACK_TAG_PROPERTY[name] = ("Tags", "list")


def prepared_create(name: str, prepare: Callable[[Parameters], Parameters]) -> None:
    """Let `prepare` change the properties a resource of the emulator's own type is created with, or raise."""
    handler = provisioners._RESOURCE_HANDLERS[name]
    original = handler["create"]
    handler["create"] = lambda logical_id, properties, stack: original(logical_id, prepare(properties), stack)


def checked_delete(name: str, check: Callable[[str, Parameters], None]) -> None:
    """Let `check` raise before a resource of the emulator's own type is deleted."""
    handler = provisioners._RESOURCE_HANDLERS[name]
    original = handler["delete"]

    def delete(physical_id: str, properties: Parameters) -> None:
        check(physical_id, properties)
        original(physical_id, properties)

    handler["delete"] = delete


def generated_name(stack: str, logical_id: str, limit: int = 64) -> str:
    """Name a resource whose template does not, as CloudFormation does: stack, logical id, suffix."""
    return str(provisioners._physical_name(stack, logical_id, max_len=limit))
