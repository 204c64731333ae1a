"""What a role is in CloudFormation, written down once for the single construct and for many at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from access_constructs.accepted_finding import in_strict_packs
from access_constructs.owned_policies import INLINE_IS_MEANT, OwnedPolicies, inline_policies
from keywright.reporting.refusal import refusal
from keywright.statements.logical_id import logical_id
from keywright.statements.trusts.document import trust_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from access_constructs.plain_resource import Properties
    from keywright.policy.statement import Statement

ROLE_INLINE_QUOTA = 10_240
SESSION_SECONDS = range(3_600, 43_201)
"""A role's maximum session duration, 1 to 12 hours ("Update the maximum session duration for a role")."""
_NAME = re.compile(r"[A-Za-z0-9+=,.@_-]{1,64}")


@dataclass(frozen=True, kw_only=True)
class PlainRole:
    """A role with its grants; see `AccessRole`.

    Raises:
        ValueError: A name or a length that IAM would refuse.
    """

    name: str
    path: str
    boundary_arn: str | None
    trust: Sequence[Statement]
    session_seconds: int
    statements: Sequence[Statement]
    managed_policy_arns: Sequence[str] = ()
    tags: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise refusal(
                "a role's name is malformed",
                found=f"`{self.name}`",
                accepted="1 to 64 letters, digits and `+=,.@_-`",
            )
        if self.session_seconds not in SESSION_SECONDS:
            raise refusal(
                f"a session of role `{self.name}` is too short or too long",
                found=f"`{self.session_seconds}` seconds",
                accepted=f"{SESSION_SECONDS.start} to {SESSION_SECONDS.stop - 1}",
            )

    @property
    def full_name(self) -> str:
        """Its name in IAM."""
        return self.name

    @property
    def grants(self) -> Sequence[Statement]:
        """What it holds."""
        return self.statements

    def known(self, *, inline: bool) -> Mapping[str, str]:
        """Give what rule packs find in every owner of its kind with or without inline policies, and why it is no harm."""
        return in_strict_packs(INLINE_IS_MEANT) if inline else {}

    def properties(self, owned: OwnedPolicies) -> Properties:
        """Write it down with these policies.

        Raises:
            ValueError: A trust policy that IAM would refuse.
        """
        boundary = {} if self.boundary_arn is None else {"PermissionsBoundary": self.boundary_arn}
        tags = [{"Key": key, "Value": value} for key, value in sorted((self.tags or {}).items())]
        return {
            "RoleName": self.name,
            "Path": self.path,
            **boundary,
            "AssumeRolePolicyDocument": trust_document(self.name, self.trust),
            "MaxSessionDuration": self.session_seconds,
            **owned.properties,
            **({"Tags": tags} if tags else {}),
        }

    @cached_property
    def resources(self) -> Mapping[str, Properties] | None:
        """Its resource by logical id; None where its grants need policies beside it.

        Raises:
            ValueError: A trust policy that IAM would refuse.
        """
        inline = inline_policies(self.grants, ROLE_INLINE_QUOTA)
        if inline is None:
            return None
        owned = OwnedPolicies(inline, list(self.managed_policy_arns))
        role = {"Type": "AWS::IAM::Role", "Properties": self.properties(owned)}
        return {logical_id("Role", self.name): role}
