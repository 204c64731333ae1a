"""The permissions boundary: what identities under our path may at most do, whoever grants it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
from constructs import Construct

from access_constructs.shared.accepted_findings import accept_all, accept_wildcards, in_strict_packs
from keywright.policy.statement import policy_document
from keywright.statements.boundary import BOUNDARY_POLICY, boundary_arn, boundary_statements
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keywright.policy.statement import Statement
    from keywright.statements.boundary import BoundaryRestrictions

_CAPS = "a permissions boundary caps what others grant and grants nothing itself"


class Boundary(Construct):
    """The managed policy `keywright-boundary`; every identity of ours carries it as its permissions boundary.

    Another `policy_name` makes a boundary of the same fence over other services; whoever carries it may still make
    identities under `keywright-boundary` only.

    Allows what the named services do (`*` stands for all; a secret takes decrypting with its key), `sts`, `aws login`
    and looking after one's own sign-in. Denies the ways out: an IAM write on anything outside the path, and on users
    and groups anywhere; a role made or changed without this boundary; taking a boundary away; somebody else's sign-in;
    editing boundary, guard or keeper; passing or assuming one of the account's other roles; reading or changing what is
    handed over; the keeper's function and log; Identity Center; and changing `stacks`, the names of the stacks that
    hold all this. `roles_outside` are ARNs of roles outside the path that may be assumed all the same. `denials` are
    further statements that deny, for the whole account (`account_denials`). `key_readers` says that users with the tag
    `keys`, and these ARNs of roles, may read keys of applications; without it, those who hand over do. With
    `own_access_keys`, users with the tag `keywright-own-access-keys` may look after keys of their own; nobody may
    without. `delegated` are ARNs of the boundaries of `Delegation`s, under which roles may be made too. `sessions` says
    that sessions on instances are granted by a tag, which nobody then gives or takes. Blind to what somebody else's
    resource does with a role of its own, such as a function whose code may be changed: that takes a grant on it, which
    the guardrails judge.

    Raises:
        ValueError: The document exceeds the 6,144 characters of a managed policy, or a service is no service prefix.
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
        **fence: Unpack[BoundaryRestrictions],
    ) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        statements = boundary_statements(
            stack.partition, stack.account, path, services=services, denials=denials, **fence
        )
        policy = iam.CfnManagedPolicy(
            self,
            "Policy",
            managed_policy_name=policy_name,
            path=path,
            description="What identities under this path may at most do",
            policy_document=policy_document(*statements),
        )
        policy.override_logical_id(logical_id("ManagedPolicy", policy_name))
        policy.add_metadata("keywright:serves", "permissions boundary")
        accept_wildcards(policy, statements, _CAPS)
        accept_all(policy, in_strict_packs({"IAMPolicyNoStatementsWithFullAccess": _CAPS}))
        if "*" in services:
            accept_all(policy, in_strict_packs({"IAMPolicyNoStatementsWithAdminAccess": _CAPS}))
        self.arn = self.arn_in(stack.partition, stack.account, path, policy_name)

    @staticmethod
    def arn_in(partition: str, account: str, path: str, policy_name: str = BOUNDARY_POLICY) -> str:
        """Give the boundary's ARN, the same in every stack."""
        return boundary_arn(partition, account, path, policy_name)
