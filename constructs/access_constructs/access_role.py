"""A role that is assumed: what the roles for people, partners, workflows and federated users stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk.aws_iam as iam
from constructs import Construct

from access_constructs.accepted_finding import accept_all
from access_constructs.owned_policies import owned_policies
from access_constructs.plain_owner import accepted_in
from access_constructs.plain_resource import arguments
from access_constructs.plain_role import ROLE_INLINE_QUOTA, PlainRole
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keywright.policy.statement import Statement


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
        plain = PlainRole(
            name=name,
            path=path,
            boundary_arn=boundary_arn,
            trust=trust,
            session_seconds=session_seconds,
            statements=statements,
            managed_policy_arns=managed_policy_arns,
            tags=tags,
        )
        owned = owned_policies(
            self,
            kind="Role",
            name=name,
            path=path,
            statements=statements,
            managed_policy_arns=managed_policy_arns,
            inline_quota=ROLE_INLINE_QUOTA,
        )
        self.role = iam.CfnRole(self, "Role", **arguments(plain.properties(owned)))
        self.role.override_logical_id(logical_id("Role", name))
        accept_all(self, accepted_in(self, plain, inline=bool(owned.policies)))

    @property
    def arn(self) -> str:
        """The role's ARN as a reference inside its stack; elsewhere `role_arn` gives it literally."""
        return self.role.attr_arn


def role_arn(*, partition: str, account: str, path: str, name: str) -> str:
    """Give a role's ARN literally, for statements in other stacks."""
    return f"arn:{partition}:iam::{account}:role{path}{name}"
