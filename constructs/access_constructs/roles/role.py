"""The IAM role that all role constructs build on, and its arguments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NotRequired, Unpack

import aws_cdk.aws_iam as iam
from constructs import Construct

from access_constructs.synthesis.accepted_findings import accept_all, in_strict_packs
from access_constructs.synthesis.identity import (
    INLINE_ACCEPTED,
    IdentityArguments,
    IdentityDefinition,
    IdentityPolicies,
)
from access_constructs.synthesis.resources import tag_properties, typed_arguments
from keywright.policy.quotas import INLINE, SESSION_SECONDS
from keywright.reporting.text import refusal
from keywright.statements.trusts.document import trust_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from access_constructs.synthesis.resources import Properties
    from keywright.policy.statement import Statement

_NAME = re.compile(r"[A-Za-z0-9+=,.@_-]{1,64}")


class BaseRoleArguments(IdentityArguments):
    """The arguments of every role; `boundary_arn=None` means that the role has no permissions boundary."""

    boundary_arn: str | None
    statements: Sequence[Statement]
    tags: NotRequired[Mapping[str, str] | None]


class RoleArguments(BaseRoleArguments):
    """The arguments of a role that is assumed by name, without its trust policy."""

    session_seconds: int


class TrustedRoleArguments(RoleArguments):
    """The arguments of `AccessRole`."""

    trust: Sequence[Statement]
    description: NotRequired[str | None]


@dataclass(frozen=True, kw_only=True)
class RoleDefinition(IdentityDefinition):
    """The arguments of an `AccessRole` as data.

    Raises:
        ValueError: A name or a session duration that IAM would refuse.
    """

    kind: ClassVar[str] = "Role"
    resource_type: ClassVar[str] = "AWS::IAM::Role"
    inline_quota: ClassVar[int] = INLINE["role"].default

    boundary_arn: str | None
    trust: Sequence[Statement]
    session_seconds: int
    tags: Mapping[str, str] | None = None
    description: str | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise refusal(
                "a role's name is malformed",
                found=f"`{self.name}`",
                accepted="1 to 64 letters, digits and `+=,.@_-`",
            )
        if self.session_seconds not in SESSION_SECONDS:
            raise refusal(
                f"the session duration of role `{self.name}` is too short or too long",
                found=f"`{self.session_seconds}` seconds",
                accepted=f"{SESSION_SECONDS.start} to {SESSION_SECONDS.stop - 1}",
            )

    def accepted_by_kind(self, *, inline: bool) -> Mapping[str, str]:
        """Give the findings that every role causes, with or without inline policies, and the reasons."""
        return in_strict_packs(INLINE_ACCEPTED) if inline else {}

    def properties(self, policies: IdentityPolicies) -> Properties:
        """Give the properties of the `AWS::IAM::Role`.

        Raises:
            ValueError: A trust policy that IAM would refuse.
        """
        boundary = {} if self.boundary_arn is None else {"PermissionsBoundary": self.boundary_arn}
        return {
            "RoleName": self.name,
            "Path": self.path,
            **boundary,
            "AssumeRolePolicyDocument": trust_document(self.name, self.trust),
            "MaxSessionDuration": self.session_seconds,
            **({} if self.description is None else {"Description": self.description}),
            **policies.properties,
            **tag_properties(self.tags),
        }


class AccessRole(Construct):
    """An `AWS::IAM::Role` with its declared name, its inline policies and a permissions boundary.

    Name and path are create-only, and only an adopted role has a description, so no edit of statements, trust policy or session duration
    replaces the role ("AWS::IAM::Role", CloudFormation Template Reference). `boundary_arn=None` is for the break-glass
    role, which must be able to repair the boundary itself.

    Raises:
        ValueError: A name, a session duration or a document that IAM would refuse.
    """

    def __init__(self, scope: Construct, construct_id: str, **role: Unpack[TrustedRoleArguments]) -> None:
        super().__init__(scope, construct_id)
        definition = RoleDefinition(**role)
        policies = definition.policies(self)
        self.role = iam.CfnRole(self, "Role", **typed_arguments(definition.properties(policies)))
        self.role.override_logical_id(definition.logical_id)
        accept_all(self, definition.accepted_findings(self, inline=bool(policies.policies)))

    @property
    def arn(self) -> str:
        """The role's ARN as a reference within its stack; `role_arn` gives it as a literal."""
        return self.role.attr_arn


def role_arn(*, partition: str, account: str, path: str, name: str) -> str:
    """Give a role's ARN as a literal, for statements in other stacks."""
    return f"arn:{partition}:iam::{account}:role{path}{name}"
