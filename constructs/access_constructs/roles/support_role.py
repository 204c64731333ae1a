"""The role for handling incidents with AWS Support."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.roles.role import AccessRole
from access_constructs.synthesis.accepted_findings import accept

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from constructs import Construct, IConstruct

    from keywright.policy.statement import Statement

SUPPORT_POLICY = "AWSSupportAccess"
"""The AWS managed policy for support cases; it grants nothing else."""
_REASON = "AWS Support has no resource-level permissions, and AWS limits this policy to support cases"


class SupportRole(AccessRole):
    """A role with the AWS managed policy `AWSSupportAccess` only, for people who handle incidents.

    Support's actions have no resource-level permissions ("Actions, resources, and condition keys for AWS Support", Service
    Authorization Reference), so a customer managed policy could not be narrower. `boundary_arn` must allow them, as the
    boundary for any service does. `trust` names who can assume it, with MFA for one's own people.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        path: str,
        boundary_arn: str | None,
        partition: str,
        trust: Sequence[Statement],
        session_seconds: int,
        name: str = "aws-support",
    ) -> None:
        policy = support_policy_arn(partition)
        super().__init__(
            scope,
            construct_id,
            name=name,
            path=path,
            boundary_arn=boundary_arn,
            trust=trust,
            session_seconds=session_seconds,
            statements=(),
            managed_policy_arns=(policy,),
        )
        accept_support_policy(self, (policy,), partition)


def support_policy_arn(partition: str) -> str:
    """Give the ARN of the AWS managed policy for support cases."""
    return f"arn:{partition}:iam::aws:policy/{SUPPORT_POLICY}"


def accept_support_policy(
    construct: IConstruct, managed_policy_arns: Collection[str], partition: str
) -> None:
    """Accept the AWS managed policy for support cases on a role that has it."""
    policy = support_policy_arn(partition)
    if policy in managed_policy_arns:
        accept(construct, f"AwsSolutions-IAM4[Policy::{policy}]", _REASON)
