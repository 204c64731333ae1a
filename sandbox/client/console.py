"""Sign in to the sandbox's console, or with `aws login`: what a person does on a page, for a test."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.client.control import ask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Credentials:
    """Temporary credentials; their secrets do not show when printed."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expiration: datetime

    def environment(self) -> dict[str, str]:
        """Give them as any AWS client reads them."""
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
    """Sign a user in at the console, or with `aws login` where `command_line` says so.

    Raises:
        ControlRefused: `code` says which step is wrong or missing: InvalidCredentials, MfaRequired,
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
    """Choose a permission set in the access portal, as the user of an identity store whom a directory has in these groups.

    Raises:
        ControlRefused: It is assigned to neither.
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
    says: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
) -> Credentials:
    """Have a service, such as `codebuild.amazonaws.com`, assume a role; `says` are the condition keys that it sends.

    Raises:
        ControlRefused: `AccessDenied`: the role's trust policy does not let it.
    """
    answer = ask(
        endpoint, "service", service=service, role=role_arn, says=dict(says or {}), tags=dict(tags or {})
    )
    return Credentials(
        answer["AccessKeyId"],
        answer["SecretAccessKey"],
        answer["SessionToken"],
        datetime.fromisoformat(answer["Expiration"]),
    )
