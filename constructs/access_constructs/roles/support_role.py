"""The role by which incidents are handled with AWS Support."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.roles.role import AccessRole
from access_constructs.shared.accepted_findings import accept

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from constructs import Construct, IConstruct

    from keywright.policy.statement import Statement

SUPPORT_POLICY = "AWSSupportAccess"
"""AWS's own policy for support cases; it grants nothing else of the account."""
_REASON = "support cases are no resources that a narrower policy could name, and AWS keeps this one to them"


class SupportRole(AccessRole):
    """A role with AWS's policy `AWSSupportAccess` and nothing beside it, for whoever handles incidents.

    Support's actions are authorized on no resource ("Actions, resources, and condition keys for AWS Support", Service
    Authorization Reference), so that a policy of one's own could be no narrower. `boundary_arn` must leave room for
    them, as the boundary for any service does. Who comes in is `trust`, for one's own people with their second factor.
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
    """Give the ARN of AWS's policy for support cases."""
    return f"arn:{partition}:iam::aws:policy/{SUPPORT_POLICY}"


def accept_support_policy(
    construct: IConstruct, managed_policy_arns: Collection[str], partition: str
) -> None:
    """Accept that a role has AWS's policy for support cases, if it has it."""
    policy = support_policy_arn(partition)
    if policy in managed_policy_arns:
        accept(construct, f"AwsSolutions-IAM4[Policy::{policy}]", _REASON)
