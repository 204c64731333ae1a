"""What a role is in CloudFormation, written down once for the single construct and for many at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NotRequired, TypedDict

import aws_cdk.aws_iam as iam
from constructs import Construct

from access_constructs.shared.accepted_findings import accept_all, in_strict_packs
from access_constructs.shared.bulk import accepted_findings_of
from access_constructs.shared.identity_policies import (
    INLINE_ACCEPTED,
    IdentityPolicies,
    identity_policies,
    inline_policies,
)
from access_constructs.shared.resources import typed_arguments
from keywright.policy.quotas import INLINE, SESSION_SECONDS
from keywright.reporting.refusal import refusal
from keywright.statements.logical_id import logical_id
from keywright.statements.trusts.document import trust_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from access_constructs.shared.resources import Properties
    from keywright.policy.statement import Statement


ROLE_INLINE_QUOTA = INLINE["role"].default
_NAME = re.compile(r"[A-Za-z0-9+=,.@_-]{1,64}")


@dataclass(frozen=True, kw_only=True)
class RoleDefinition:
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
        return in_strict_packs(INLINE_ACCEPTED) if inline else {}

    def properties(self, owned: IdentityPolicies) -> Properties:
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
        owned = IdentityPolicies(inline, list(self.managed_policy_arns))
        role = {"Type": "AWS::IAM::Role", "Properties": self.properties(owned)}
        return {logical_id("Role", self.name): role}


class RoleArguments(TypedDict):
    """Each by its name; what is missing, or none of them, is an error of `mypy` and of the call."""

    name: str
    path: str
    boundary_arn: str | None
    session_seconds: int
    statements: Sequence[Statement]
    managed_policy_arns: NotRequired[Sequence[str]]
    tags: NotRequired[Mapping[str, str] | None]


class AccessRole(Construct):
    """An `AWS::IAM::Role` under its declared name, with its grants inside it and a permissions boundary.

    Name and path are create-only, and there is no description, so that no edit of grants, trust or length of a session
    replaces the role ("AWS::IAM::Role", CloudFormation Template Reference). `boundary_arn=None` says that a role has no
    boundary, as the one that repairs the account must.

    Raises:
        ValueError: A name, a length or a document that IAM would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        path: str,
        boundary_arn: str | None,
        trust: Sequence[Statement],
        session_seconds: int,
        statements: Sequence[Statement],
        managed_policy_arns: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        plain = RoleDefinition(
            name=name,
            path=path,
            boundary_arn=boundary_arn,
            trust=trust,
            session_seconds=session_seconds,
            statements=statements,
            managed_policy_arns=managed_policy_arns,
            tags=tags,
        )
        owned = identity_policies(
            self,
            kind="Role",
            name=name,
            path=path,
            statements=statements,
            managed_policy_arns=managed_policy_arns,
            inline_quota=ROLE_INLINE_QUOTA,
        )
        self.role = iam.CfnRole(self, "Role", **typed_arguments(plain.properties(owned)))
        self.role.override_logical_id(logical_id("Role", name))
        accept_all(self, accepted_findings_of(self, plain, inline=bool(owned.policies)))

    @property
    def arn(self) -> str:
        """The role's ARN as a reference inside its stack; elsewhere `role_arn` gives it literally."""
        return self.role.attr_arn


def role_arn(*, partition: str, account: str, path: str, name: str) -> str:
    """Give a role's ARN literally, for statements in other stacks."""
    return f"arn:{partition}:iam::{account}:role{path}{name}"
