"""Who makes a request, and which requests need no identity policy.

AWS: "AWS account root user" requests are signed like all others; the emulator accepts the root's key, and a key named
`test`, without checking the signature, and treats an unsigned S3 request as the root's. In S3 ("How Amazon S3 authorizes
a request") a bucket policy alone allows an anonymous request. Credentials of GetSessionToken without MFA cannot call IAM.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from keywright.sandbox.patches.emulator import (
    enforce,
    evaluator,
    is_anonymous,
    policy_of_resource,
    served_unsigned,
)
from keywright.sandbox.patches.hooks import Refused, account_id, patch, region
from keywright.sandbox.patches.iam import passwords
from keywright.sandbox.patches.sts import sessions

if TYPE_CHECKING:
    from collections.abc import Iterator

_ACCOUNT = re.compile(r"\d{12}")
_OWN_PASSWORD = frozenset({"iam:ChangePassword", "iam:GetAccountPasswordPolicy"})
"""What "Allow users to change their own password" in the account's password policy allows."""
_current: ContextVar[str] = ContextVar("access_key", default="")


def register() -> None:
    """Authorize every caller, including the root user and anonymous ones."""
    patch(evaluator, "is_root_access_key", _is_root)
    patch(evaluator, "_is_root_key", lambda _key: False)
    patch(evaluator, "enforce", _enforce)


def _is_root(access_key: str) -> bool:
    """Tell whether an access key is a root user's: this account's own, or the id of another account as key."""
    return access_key == os.environ["AWS_ACCESS_KEY_ID"] or _ACCOUNT.fullmatch(access_key) is not None


def _enforce(access_key: str, action: str, service: str, *where: Any, **what: Any) -> Any:
    _current.set(access_key)
    if not access_key and is_anonymous.get():
        if served_unsigned(service, action):
            return None
        if service == "s3":
            return _authorize_anonymous(action, *where, **what)
    # The trust policy decides together with the identity policies, so `sts.assume_role` evaluates both.
    if action == "sts:AssumeRole":
        return evaluator.check_credentials(access_key, service)
    denied = enforce(access_key, action, service, *where, **what)
    # The password policy replaces a missing Allow and never overrides a Deny.
    if action in _OWN_PASSWORD and passwords.users_can_change_password() and not _is_explicit(denied):
        return None
    if denied is None and service == "iam" and sessions.is_refused_by_iam(access_key):
        return evaluator.AuthError(
            "InvalidClientTokenId", "The security token included in the request is invalid"
        )
    return denied


def _is_explicit(denied: Any) -> bool:
    """Tell whether a request failed for another reason than a missing Allow."""
    return denied is not None and getattr(denied, "decision", "") != "ImplicitDeny"


def _authorize_anonymous(
    action: str, where: str, resource_arn: str = "*", service_context: Any = None
) -> Any:
    context = evaluator.EvalContext(
        principal_arn="*",
        principal_type="Anonymous",
        principal_account="",
        action=action,
        resource_arn=resource_arn,
        region=where,
        service_context={key.lower(): value for key, value in (service_context or {}).items()},
    )
    found = policy_of_resource("s3", resource_arn)
    result = evaluator.evaluate_resource_policy(found[0], context) if found else None
    if result and result.decision == "Allow":
        return None
    return evaluator.EvalResult("ImplicitDeny", principal_arn="anonymous")


@contextmanager
def acting_as(access_key: str) -> Iterator[None]:
    """Make the owner of an access key the current request's caller, also in tasks that it starts."""
    token = _current.set(access_key)
    try:
        yield
    finally:
        _current.reset(token)


def require(
    action: str, resource_arn: str, keys: dict[str, Any] | None = None, *, access_key: str = ""
) -> None:
    """Require a further permission, such as iam:PassRole, of the current caller or of the owner of an access key.

    Raises:
        Refused: No policy allows it, or one denies it.
    """
    caller = evaluator.resolve_principal(access_key or _current.get(), account_id())
    if isinstance(caller, evaluator.AuthError):
        raise Refused(403, "AccessDenied", caller.message)
    # The root user has no policies and is allowed everything.
    if caller.policies is None:
        return
    context = evaluator.EvalContext(
        principal_arn=caller.arn,
        principal_type=caller.type,
        principal_account=caller.account,
        action=action,
        resource_arn=resource_arn,
        region=region(),
        service_context=keys or {},
        principal_keys=caller.keys,
    )
    if evaluator.evaluate(context, caller.policies, *caller.limits).decision != "Allow":
        message = f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource_arn}"
        raise Refused(403, "AccessDenied", message)
