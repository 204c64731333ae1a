"""A service of AWS that acts with a role in the sandbox: it says for whom, and gets a session if the trust takes that."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sandbox.console import Credentials
from sandbox.control import ask

if TYPE_CHECKING:
    from collections.abc import Mapping


def act(
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
