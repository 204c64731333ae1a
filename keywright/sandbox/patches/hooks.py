"""Ways to change an AWS action of the emulator: check it first, run something after it, replace it, call it."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

import botocore.session
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from keywright.sandbox.patches.emulator import (
    account_scoped_store,
    current_account,
    current_region,
    ec2_handlers,
    forget_everything,
    iam,
    iam_error,
    iam_handlers,
    iam_response,
)

Parameters = Mapping[str, Any]
"""An action's parameters in query form, such as `Tags.member.1.Key`, each a text or a list of one."""

_FIRST_ERROR_STATUS = 400


class Refused(Exception):  # noqa: N818 - the event's name
    """An error response of IAM: HTTP status, error code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class HandlerFailed(ValueError):  # noqa: N818 - the event's name
    """A failed resource, with the reason that CloudFormation's resource handler reports."""

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
    """Replace a module's function and return the original.

    Raises:
        AttributeError: The emulator no longer has that name; review the patch.
    """
    original = getattr(module, name)
    setattr(module, name, replacement)
    return original


_ON_RESET: list[Callable[[], None]] = []


def store() -> Any:
    """Give a mapping with separate contents for each account, emptied when the sandbox is reset."""
    kept = account_scoped_store()
    _ON_RESET.append(kept.clear)
    return kept


def on_reset(forget: Callable[[], None]) -> None:
    """Call `forget` when the sandbox is reset."""
    _ON_RESET.append(forget)


def reset() -> None:
    """Delete everything in every account."""
    forget_everything()
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
    """Give the account of the current request."""
    return str(current_account())


def home_account() -> str:
    """Give the sandbox's own account."""
    return os.environ["MINISTACK_ACCOUNT_ID"]


def home_region() -> str:
    """Give the sandbox's region."""
    return os.environ["MINISTACK_REGION"]


def region() -> str:
    """Give the region of the current request."""
    return str(current_region())


def guard(action: str, check: Callable[[Parameters], None]) -> None:
    """Run `check` on an IAM action's parameters first; a refused request does not reach the emulator."""
    original = iam_handlers[action]

    def guarded(parameters: Parameters) -> Any:
        try:
            check(parameters)
        except Refused as refused:
            return iam_error(refused.status, refused.code, escape(refused.message))
        return original(parameters)

    _install(action, guarded)


def after(action: str, do: Callable[[Parameters], None]) -> None:
    """Call `do` with an IAM action's parameters once the action has succeeded."""
    original = iam_handlers[action]

    def followed(parameters: Parameters) -> Any:
        response = original(parameters)
        if response[0] < _FIRST_ERROR_STATUS:
            do(parameters)
        return response

    _install(action, followed)


def replace(action: str, answer: Callable[[Parameters], Mapping[str, Any]]) -> None:
    """Replace an IAM action: `answer` gives its output members, named as in botocore's model."""

    def replaced(parameters: Parameters) -> Any:
        try:
            return IAM.write(action, answer(parameters))
        except Refused as refused:
            return iam_error(refused.status, refused.code, escape(refused.message))

    _install(action, replaced)


def rewrite(action: str, change: Callable[[Parameters, dict[str, Any]], Mapping[str, Any]]) -> None:
    """Let `change` modify the output members of an IAM action's response."""
    original = iam_handlers[action]

    def rewritten(parameters: Parameters) -> Any:
        response = original(parameters)
        if response[0] >= _FIRST_ERROR_STATUS:
            return response
        try:
            return IAM.write(action, change(parameters, IAM.read(action, response)))
        except Refused as refused:
            return iam_error(refused.status, refused.code, escape(refused.message))

    _install(action, rewritten)


def _install(action: str, handler: Callable[[Parameters], Any]) -> None:
    """Put a handler into the dispatch table, and under the name by which the emulator's modules call it."""
    original = iam_handlers.get(action)
    # The emulator's modules also call these functions by name, without the dispatch table.
    for name, value in list(vars(iam).items()):
        if original is not None and value is original:
            setattr(iam, name, handler)
    iam_handlers[action] = handler


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
    """One service's actions, called as a CloudFormation resource handler calls them, with native values."""

    authorize: Callable[[str, str, Parameters], None] = staticmethod(lambda _service, _action, _form: None)
    """Called before each call with service, action and parameters; raises HandlerFailed if it is not allowed."""

    def __init__(self, service: str, handlers: dict[str, Callable[[Parameters], Any]]) -> None:
        self.service, self.handlers = service, handlers
        self.model: Any = botocore.session.get_session().get_service_model(service)
        self._serializer: Any = create_serializer(self.model.metadata["protocol"])
        self._parser: Any = create_parser(self.model.metadata["protocol"])

    def write(self, action: str, members: Mapping[str, Any]) -> Any:
        """Write an action's output members as its response."""
        shape = self.model.operation_model(action).output_shape
        result = f"<{action}Result>{_xml(shape, members)}</{action}Result>" if shape else ""
        return iam_response(200, f"{action}Response", result, ns=self.service)

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
        form = self.form(action, members)
        self.authorize(self.service, action, form)
        response = self.handlers[action](form)
        parsed = self.read(action, response)
        if response[0] >= _FIRST_ERROR_STATUS:
            refused = Refused(response[0], parsed["Error"]["Code"], parsed["Error"]["Message"])
            raise HandlerFailed(self.service, refused)
        return parsed

    def read(self, action: str, response: tuple[int, Any, Any]) -> dict[str, Any]:
        """Read an action's response as native output members."""
        status, headers, body = response
        written = {"status_code": status, "headers": headers, "body": body}
        parsed: dict[str, Any] = self._parser.parse(written, self.model.operation_model(action).output_shape)
        return parsed


IAM = Api("iam", iam_handlers)
EC2 = Api("ec2", ec2_handlers)
# Only for writing responses: STS actions are replaced in `sts.actions`.
STS = Api("sts", {})
