"""Sessions that have no AWS API: console sign-in, `aws login`, the access portal, and sessions of AWS services."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from keywright.sandbox.client.control import ask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Credentials:
    """Temporary credentials; secrets are not part of the repr."""

    access_key_id: str
    # A failed test prints the repr.
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expiration: datetime

    def environment(self) -> dict[str, str]:
        """Give the environment variables of an AWS client."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_SESSION_TOKEN": self.session_token,
        }


def sign_in(
    endpoint: str,
    user: str,
    password: str,
    code: str | None = None,
    new_password: str | None = None,
    *,
    command_line: bool = False,
) -> Credentials:
    """Sign a user in to the console, or with `aws login` if `command_line` is set.

    Raises:
        ControlRefused: Its `code` names the failed or missing step: InvalidCredentials, MfaRequired,
            InvalidMfaCode, PasswordResetRequired, PasswordPolicyViolation, PasswordExpired, AccessDenied.
    """
    answer = ask(
        endpoint,
        "sign-in",
        user=user,
        password=password,
        code=code,
        new_password=new_password,
        command_line=command_line,
    )
    return _credentials(answer)


def choose(
    endpoint: str, permission_set: str, *, account: str, user: str, groups: Sequence[str] = ()
) -> Credentials:
    """Choose a permission set in the access portal, as a user of the identity store with these groups of a directory.

    Raises:
        ControlRefused: It is assigned neither to the user nor to a group.
    """
    answer = ask(
        endpoint, "portal", user=user, groups=list(groups), permission_set=permission_set, account=account
    )
    return _credentials(answer)


def _credentials(answer: dict[str, Any]) -> Credentials:
    return Credentials(
        answer["AccessKeyId"],
        answer["SecretAccessKey"],
        answer["SessionToken"],
        datetime.fromisoformat(answer["Expiration"]),
    )


def assume_as_service(
    endpoint: str,
    service: str,
    role_arn: str,
    *,
    keys: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
) -> Credentials:
    """Let a service, such as `codebuild.amazonaws.com`, assume a role; `keys` are the condition keys that it sends.

    Raises:
        ControlRefused: `AccessDenied`: the role's trust policy does not allow it.
    """
    answer = ask(
        endpoint, "service", service=service, role=role_arn, keys=dict(keys or {}), tags=dict(tags or {})
    )
    return _credentials(answer)
