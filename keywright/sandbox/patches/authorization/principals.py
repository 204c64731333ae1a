"""Which callers a Principal element names.

AWS: "AWS JSON policy elements: Principal" in the IAM User Guide. The emulator matches ARNs by wildcard, which
a Principal element does not support, and accepts an account's root where only a service is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_ACCOUNT = re.compile(r"(?:arn:aws[a-z-]*:iam::)?(?P<id>\d{12})(?::root)?")
_SESSION = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/.+"
)


@dataclass(frozen=True)
class Caller:
    """The caller of a request: its ARN (of the session, for a role), its account, and the ARN of its role."""

    arn: str
    account: str
    role_arn: str = ""


def session_role(arn: str) -> tuple[str, str]:
    """Give the account and role name in a role session's ARN; empty for other ARNs."""
    found = _SESSION.fullmatch(arn)
    return (found["account"], found["role"]) if found else ("", "")


def values(principal: Any, kind: str) -> Iterator[str]:
    """Give the principals of a kind (`AWS`, `Service`, `Federated`) that an element lists; `*` is an AWS one."""
    if principal == "*":
        principal = {"AWS": "*"}
    listed = principal.get(kind, []) if isinstance(principal, Mapping) else []
    yield from [listed] if isinstance(listed, str) else listed


def names(principal: Any, caller: Caller) -> bool:
    """Tell whether an element names the caller: everyone, its account, its user, its role or its session."""
    return any(_is_account(each, caller) or _is_caller(each, caller) for each in values(principal, "AWS"))


def names_itself(principal: Any, caller: Caller) -> bool:
    """Tell whether an element names the caller itself or everyone, not only its account."""
    return any(_is_caller(each, caller) for each in values(principal, "AWS"))


def names_directly(principal: Any, caller: Caller) -> bool:
    """Tell whether an element names the user or role session itself, which a boundary does not limit."""
    # "Permissions boundaries for IAM entities": a resource-based policy that names the user or session itself
    # is not limited by the boundary.
    return ":root" not in caller.arn and any(each == caller.arn for each in values(principal, "AWS"))


def names_service(principal: Any, service: str) -> bool:
    """Tell whether an element names an AWS service."""
    return any(each.lower() == service.lower() for each in values(principal, "Service"))


def _is_account(value: str, caller: Caller) -> bool:
    found = _ACCOUNT.fullmatch(value)
    return found is not None and found["id"] == caller.account


def _is_caller(value: str, caller: Caller) -> bool:
    return value in {"*", caller.arn} or bool(caller.role_arn and value == caller.role_arn)
