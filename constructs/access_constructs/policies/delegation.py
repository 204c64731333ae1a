"""Delegated administration: a team creates its own roles, all limited by one permissions boundary.

"Permissions boundaries for IAM entities: delegating responsibility to others using permissions boundaries", IAM User Guide.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
from constructs import Construct

from access_constructs.synthesis.accepted_findings import accept_all, accept_wildcards, in_strict_packs
from keywright.policy.compaction import MANAGED_QUOTA, document_size
from keywright.policy.statement import Conditions, Statement, policy_document
from keywright.reporting.text import refusal
from keywright.statements.boundary import DELEGATED_POLICY, boundary_arn, restriction_statements
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Sequence

_BOUNDARY_REASON = "a permissions boundary limits what other policies grant and grants nothing itself"
_EC2 = {"ec2.amazonaws.com", "ec2.amazonaws.com.cn"}
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_ATTACHING = ("iam:AttachRolePolicy", "iam:DetachRolePolicy")
_ON_ROLES = (
    *("iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary"),
    *("iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription"),
)
"""Each supports the condition key `iam:PermissionsBoundary`; removing a boundary is not among them."""
_ON_PROFILES = (
    *("iam:AddRoleToInstanceProfile", "iam:CreateInstanceProfile", "iam:DeleteInstanceProfile"),
    "iam:RemoveRoleFromInstanceProfile",
)
_READING = (
    *("iam:GetInstanceProfile", "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies"),
    *("iam:ListInstanceProfilesForRole", "iam:ListRolePolicies"),
)


class Delegation(Construct):
    """The boundary of all roles created by one delegation, and in `statements` what its delegates are allowed.

    Delegates can create, change and delete roles under `<path><name>/`, each only with this boundary; write their inline
    policies and attach the policies `attachable` (ARNs); pass the roles to the services `pass_to` (principals such as
    `ec2.amazonaws.com`), with instance profiles if EC2 is among them. The boundary allows `ceiling`, the maximum access of
    these roles, and has the restrictions of every boundary and the `denials` of the whole account (`account_denials`): a
    role created this way can create others only under the same path and boundary. Delegates cannot change the boundary,
    which is outside of their path, nor any declared identity. A `Boundary` must list this one under `delegated`. Users
    cannot be delegated, because every user needs the MFA guard and the keeper.

    Not covered: which principals a delegated role trusts; IAM has no condition key for it. An external principal too gets at most
    the ceiling.

    Raises:
        ValueError: A malformed name, an empty ceiling, or a boundary that exceeds the size of a managed policy.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        path: str,
        ceiling: Sequence[Statement],
        attachable: Sequence[str] = (),
        pass_to: Sequence[str] = (),
        stacks: Sequence[str] = (),
        sessions: bool = False,
        denials: Sequence[Statement] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        _refuse_bad(name, ceiling)
        stack = cdk.Stack.of(self)
        self.arn = self.arn_in(stack.partition, stack.account, path, name)
        # A path of their own keeps the team's roles apart from declared ones, which delegates cannot change.
        self.path = f"{path}{name}/"
        self.statements = delegate_statements(
            stack.partition,
            stack.account,
            self.path,
            boundary_arn=self.arn,
            attachable=attachable,
            pass_to=pass_to,
        )
        boundary = (*ceiling, *self._restrictions(stack, stacks, sessions=sessions), *denials)
        size = document_size(policy_document(*boundary))
        if size > MANAGED_QUOTA:
            raise refusal(
                f"the boundary of delegation `{name}` is too long",
                found=f"{size} characters",
                accepted=f"at most {MANAGED_QUOTA}: use fewer or broader grants",
            )
        policy = iam.CfnManagedPolicy(
            self,
            "Policy",
            managed_policy_name=f"{DELEGATED_POLICY}{name}",
            path=path,
            description="What roles made by delegation may at most do",
            policy_document=policy_document(*boundary),
        )
        policy.override_logical_id(logical_id("ManagedPolicy", f"{DELEGATED_POLICY}{name}"))
        policy.add_metadata("keywright:serves", "permissions boundary")
        accept_wildcards(policy, boundary, _BOUNDARY_REASON)
        accept_all(policy, in_strict_packs({"IAMPolicyNoStatementsWithFullAccess": _BOUNDARY_REASON}))

    def _restrictions(
        self, stack: cdk.Stack, stacks: Sequence[str], *, sessions: bool
    ) -> tuple[Statement, ...]:
        return restriction_statements(
            stack.partition,
            stack.account,
            self.path,
            boundary_arn=self.arn,
            # So no denial about IAM Identity Center is added: the ceiling alone decides about services.
            services=(),
            stacks=stacks,
            sessions=sessions,
        )

    @staticmethod
    def arn_in(partition: str, account: str, path: str, name: str) -> str:
        """Give the ARN of a delegation's boundary as a literal."""
        return boundary_arn(partition, account, path, f"{DELEGATED_POLICY}{name}")


def delegate_statements(
    partition: str,
    account: str,
    path: str,
    *,
    boundary_arn: str,
    attachable: Sequence[str] = (),
    pass_to: Sequence[str] = (),
) -> tuple[Statement, ...]:
    """Give the statements of a delegate: creating and changing roles under `path`, only with the boundary.

    They have no Sid: a delegate of two delegations has both in one document, where a Sid must be unique.
    """
    ours = f"arn:{partition}:iam::{account}"
    roles, profiles = (f"{ours}:{kind}{path}*" for kind in ("role", "instance-profile"))
    bounded: Conditions = {"StringEquals": {"iam:PermissionsBoundary": (boundary_arn,)}}
    listed: Conditions = {"ArnEquals": {"iam:PolicyARN": tuple(sorted(attachable))}}
    passed: Conditions = {"StringEquals": {"iam:PassedToService": tuple(sorted(pass_to))}}
    statements = [
        Statement(actions=_ON_ROLES, resources=(roles,), conditions=bounded),
        Statement(actions=_READING, resources=(profiles, roles)),
    ]
    if attachable:
        statements += [Statement(actions=_ATTACHING, resources=(roles,), conditions={**bounded, **listed})]
    if pass_to:
        statements += [Statement(actions=("iam:PassRole",), resources=(roles,), conditions=passed)]
    if _EC2 & set(pass_to):
        statements += [Statement(actions=_ON_PROFILES, resources=(profiles,))]
    return tuple(statements)


def _refuse_bad(name: str, ceiling: Sequence[Statement]) -> None:
    if not _NAME.fullmatch(name):
        raise refusal(
            "a delegation's name is malformed",
            found=f"`{name}`",
            accepted="1 to 40 lower-case letters, digits and hyphens, a letter first",
        )
    if not ceiling:
        raise refusal(
            f"delegation `{name}` has no ceiling",
            found="no grant",
            accepted="the maximum access of its roles",
        )
