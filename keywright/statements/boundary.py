"""The statements of a permissions boundary, and its name; see `boundary.Boundary`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Unpack

from keywright.policy.compaction import MANAGED_QUOTA, document_size
from keywright.policy.statement import Statement, policy_document
from keywright.reporting.refusal import refusal
from keywright.statements.boundary_denials import fence_statements
from keywright.statements.self_service import (
    COMMAND_LINE_ACTIONS,
    KEY_WRITING,
    own_user,
    self_service_statements,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright.statements.boundary_denials import FenceTerms

BOUNDARY_POLICY = "keywright-boundary"
WIDE_BOUNDARY_POLICY = "keywright-boundary-any-service"
"""For holders of managed policies: which services those reach, AWS may change at any time."""
DELEGATED_POLICY = "keywright-delegated-"
"""How the name of a delegation's boundary begins; the fence lets nobody write what begins with `keywright-`."""
_SERVICE = re.compile(r"\*|[a-z0-9-]+")


def boundary_arn(partition: str, account: str, path: str, policy_name: str = BOUNDARY_POLICY) -> str:
    """Give a boundary's ARN, the same in every stack."""
    return f"arn:{partition}:iam::{account}:policy{path}{policy_name}"


def boundary_statements(
    partition: str,
    account: str,
    path: str,
    *,
    services: Sequence[str],
    denials: Sequence[Statement] = (),
    **fence: Unpack[FenceTerms],
) -> tuple[Statement, ...]:
    """Give the boundary's statements: first what it allows, then what it denies.

    Raises:
        ValueError: See `Boundary`.
    """
    statements = (
        _services(services),
        *(() if "*" in services else _own(partition, account, path, **fence)),
        *fence_statements(
            partition,
            account,
            path,
            boundary_arn=boundary_arn(partition, account, path),
            services=services,
            **fence,
        ),
        *denials,
    )
    size = document_size(policy_document(*statements))
    if size > MANAGED_QUOTA:
        raise refusal(
            "the permissions boundary is too long",
            found=f"{size} characters",
            accepted=f"at most {MANAGED_QUOTA}" + (", with fewer denials for the account" if denials else ""),
        )
    return statements


def _own(partition: str, account: str, path: str, **fence: Unpack[FenceTerms]) -> Iterator[Statement]:
    """Allow what people do about their own sign-in; where any service is allowed it is part of that, and takes no room."""
    yield from self_service_statements(partition, account, path)
    if fence.get("own_access_keys", False):
        yield _own_keys(partition, account, path)


def _own_keys(partition: str, account: str, path: str) -> Statement:
    own = (own_user(partition, account, path),)
    return Statement(sid="OwnKeys", actions=(KEY_WRITING, "iam:GetAccessKeyLastUsed"), resources=own)


def _services(services: Sequence[str]) -> Statement:
    named = {*services, "sts"}
    for service in sorted(named):
        if not _SERVICE.fullmatch(service):
            raise refusal(
                "a boundary names services", found=f"`{service}`", accepted="prefixes such as `s3`, or `*`"
            )
    whole = {f"{service}:*" for service in named}
    of_secrets = {"kms:Decrypt"} if "secretsmanager" in named and "kms" not in named else set()
    actions = ("*",) if "*" in named else tuple(sorted({*whole, *of_secrets, *COMMAND_LINE_ACTIONS}))
    return Statement(sid="Services", actions=actions, resources=("*",))
