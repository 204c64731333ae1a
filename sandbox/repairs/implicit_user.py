"""An IAM action without a user name is about whoever calls it.

The IAM API Reference, of many actions: "If you do not specify a user name, IAM determines the user name
implicitly based on the AWS access key ID used to sign the request." The emulator takes a user called
`default`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode

from sandbox.repairs.emulator import access_key_of, application, dispatch, evaluator
from sandbox.repairs.seams import IAM, account_id, patch

_OPTIONAL = frozenset(
    name
    for name in IAM.model.operation_names
    if (shape := IAM.model.operation_model(name).input_shape)
    and "UserName" in shape.members
    and "UserName" not in shape.required_members
)
_CALLER_ONLY = frozenset({"ChangePassword"})
"""Actions that take no user name at all."""


def register() -> None:
    """Write the caller's name into such a request before anything judges or runs it."""
    patch(application, "_dispatch_service_request", _dispatch)


async def _dispatch(method: str, path: str, headers: Any, body: bytes, *more: Any) -> Any:
    return await dispatch(method, path, headers, _with_user(headers, body), *more)


def _with_user(headers: Any, body: bytes) -> bytes:
    if b"Version=2010-05-08" not in body:
        return body
    form = parse_qs(body.decode("utf-8", "replace"))
    action = form.get("Action", [""])[0]
    if action not in _OPTIONAL | _CALLER_ONLY or (form.get("UserName") and action in _OPTIONAL):
        return body
    credential = evaluator.resolve_credential(access_key_of(headers), account_id())
    name = getattr(credential, "principal_name", "")
    return body + b"&" + urlencode({"UserName": name}).encode() if name else body
