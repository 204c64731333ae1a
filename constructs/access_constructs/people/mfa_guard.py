"""The MFA guard: without MFA a user can only set up an MFA device."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
from constructs import Construct

from access_constructs.people.group import AccessGroup
from access_constructs.synthesis.accepted_findings import accept_wildcards
from keywright.policy.statement import policy_document
from keywright.statements.logical_id import logical_id
from keywright.statements.self_service import guard_statements, self_service_statements

if TYPE_CHECKING:
    from collections.abc import Sequence

GUARD_POLICY = "keywright-mfa-guard"
GUARD_GROUP = "mfa-guard"

_OWN_ONLY = "a user's devices have the user's name, with a comma before a suffix; password policy and device list have no narrower resource"


class MfaGuard(Construct):
    """The managed policy `keywright-mfa-guard`, attached to the group `mfa-guard`."""

    def __init__(self, scope: Construct, construct_id: str, *, path: str) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        policy = iam.CfnManagedPolicy(
            self,
            "Policy",
            managed_policy_name=GUARD_POLICY,
            path=path,
            # Name, path and description are create-only, and CloudFormation cannot replace a resource that
            # has a custom name; so none depends on the statements.
            description="Without MFA, only setting up MFA",
            policy_document=policy_document(*guard_statements()),
        )
        policy.override_logical_id(logical_id("ManagedPolicy", GUARD_POLICY))
        self.arn = self.arn_in(stack.partition, stack.account, path)

    @staticmethod
    def arn_in(partition: str, account: str, path: str) -> str:
        """Give the guard's ARN as a literal."""
        return f"arn:{partition}:iam::{account}:policy{path}{GUARD_POLICY}"


class GuardGroup(Construct):
    """The group `mfa-guard` of all people, with the guard and the self-service statements for one's own sign-in.

    `other_paths` are those of members that are not under the path.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, path: str, other_paths: Sequence[str] = ()
    ) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        statements = self_service_statements(stack.partition, stack.account, path, other_paths)
        made = AccessGroup(
            self,
            "Group",
            name=GUARD_GROUP,
            path=path,
            statements=statements,
            managed_policy_arns=(MfaGuard.arn_in(stack.partition, stack.account, path),),
        )
        accept_wildcards(made.group, statements, _OWN_ONLY)
        self.group = made.group
        self.name = made.name
