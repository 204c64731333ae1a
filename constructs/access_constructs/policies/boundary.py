"""The permissions boundary: the maximum access of identities under the path, whatever is granted to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
from constructs import Construct

from access_constructs.synthesis.accepted_findings import accept_all, accept_wildcards, in_strict_packs
from keywright.policy.statement import policy_document
from keywright.statements.boundary import BOUNDARY_POLICY, boundary_arn, boundary_statements
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keywright.policy.statement import Statement
    from keywright.statements.boundary import BoundaryRestrictions

_BOUNDARY_REASON = "a permissions boundary limits what other policies grant and grants nothing itself"


class Boundary(Construct):
    """The managed policy `keywright-boundary`, the permissions boundary of every declared identity.

    Another `policy_name` makes a boundary with the same restrictions and other services; identities with it can still
    create roles only with `keywright-boundary`.

    It allows the named `services` (`*` for all; Secrets Manager includes decryption with a secret's key), `sts`, `aws login`
    and self-service for one's own sign-in. It denies privilege escalation: IAM writes outside the path, and on users and
    groups anywhere; creating or changing a role without this boundary; removing a boundary; changing another user's
    sign-in; changing boundary, guard or keeper; passing or assuming other roles of the account; reading or changing the
    secrets of the handover; the keeper's function and log; Identity Center; and changing the `stacks` that contain all this.

    The restrictions, beyond the defaults:

    - `roles_outside`: ARNs of roles outside the path that can be assumed nevertheless.
    - `denials`: further Deny statements for the whole account (`account_denials`).
    - `key_readers`: users with the tag `keys` and the roles with these ARNs can read access keys of applications; without
      it, the handover group can.
    - `own_access_keys`: users with the tag `keywright-own-access-keys` can manage their own access keys; otherwise no user can.
    - `delegated`: ARNs of boundaries of `Delegation`s, with which roles can be created too.
    - `sessions`: sessions on instances are granted by a tag, which no identity can then add or remove.

    Not covered: what a resource with another role does, such as a function whose code can be changed. That takes a grant
    on the resource, which the guardrails check.

    Raises:
        ValueError: The document exceeds the 6,144 characters of a managed policy, or a service is not a service prefix.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        path: str,
        services: Sequence[str],
        policy_name: str = BOUNDARY_POLICY,
        denials: Sequence[Statement] = (),
        **restrictions: Unpack[BoundaryRestrictions],
    ) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        statements = boundary_statements(
            stack.partition, stack.account, path, services=services, denials=denials, **restrictions
        )
        policy = iam.CfnManagedPolicy(
            self,
            "Policy",
            managed_policy_name=policy_name,
            path=path,
            # Name, path and description are create-only, and CloudFormation cannot replace a resource that
            # has a custom name; so none depends on the statements.
            description="What identities under this path may at most do",
            policy_document=policy_document(*statements),
        )
        policy.override_logical_id(logical_id("ManagedPolicy", policy_name))
        # Guardrails and `keywright deployer` recognize a boundary by this metadata.
        policy.add_metadata("keywright:serves", "permissions boundary")
        accept_wildcards(policy, statements, _BOUNDARY_REASON)
        accept_all(policy, in_strict_packs({"IAMPolicyNoStatementsWithFullAccess": _BOUNDARY_REASON}))
        if "*" in services:
            accept_all(policy, in_strict_packs({"IAMPolicyNoStatementsWithAdminAccess": _BOUNDARY_REASON}))
        self.arn = self.arn_in(stack.partition, stack.account, path, policy_name)

    @staticmethod
    def arn_in(partition: str, account: str, path: str, policy_name: str = BOUNDARY_POLICY) -> str:
        """Give the boundary's ARN as a literal."""
        return boundary_arn(partition, account, path, policy_name)
