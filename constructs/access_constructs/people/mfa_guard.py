"""The MFA guard: without a second factor a person can set one up, and nothing else."""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
from constructs import Construct

from access_constructs.people.group import AccessGroup
from access_constructs.shared.accepted_findings import accept_wildcards
from keywright.policy.statement import Effect, Statement, policy_document
from keywright.statements.logical_id import logical_id
from keywright.statements.self_service import MFA_PRESENT, self_service_statements

GUARD_POLICY = "keywright-mfa-guard"
GUARD_GROUP = "mfa-guard"

POSSIBLE_WITHOUT_MFA = (
    "iam:ChangePassword",
    "iam:GetAccountPasswordPolicy",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ListVirtualMFADevices",
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetMFADevice",
    "iam:ResyncMFADevice",
    "sts:GetSessionToken",
)
"""What setting up a second factor takes; without the first two nobody can do the forced first reset ("AWS: Allows
MFA-authenticated IAM users to manage their own credentials on the Security credentials page", IAM User Guide)."""

_OWN_ONLY = "own devices are called as the user, or that and a comma before more; password policy and list of devices take no narrower resource"


class MfaGuard(Construct):
    """The managed policy `keywright-mfa-guard`, attached to the group `mfa-guard` of all people."""

    def __init__(self, scope: Construct, construct_id: str, *, path: str) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        policy = iam.CfnManagedPolicy(
            self,
            "Policy",
            managed_policy_name=GUARD_POLICY,
            path=path,
            description="Without MFA, only setting up MFA",
            policy_document=policy_document(*guard_statements()),
        )
        policy.override_logical_id(logical_id("ManagedPolicy", GUARD_POLICY))
        self.arn = self.arn_in(stack.partition, stack.account, path)

    @staticmethod
    def arn_in(partition: str, account: str, path: str) -> str:
        """Give the guard's ARN, the same in every stack."""
        return f"arn:{partition}:iam::{account}:policy{path}{GUARD_POLICY}"


class GuardGroup(Construct):
    """The group `mfa-guard` of all people: the guard, and what everybody may do for their own sign-in."""

    def __init__(self, scope: Construct, construct_id: str, *, path: str) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        statements = self_service_statements(stack.partition, stack.account, path)
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


def guard_statements() -> tuple[Statement, ...]:
    """Deny all but the set-up without MFA, and from long-term keys the set-up too.

    `aws:MultiFactorAuthPresent` is `false` in a console session without MFA and absent from a request signed with a
    long-term key ("AWS global condition context keys", IAM User Guide). `BoolIfExists` holds for both; `Null` for the
    key alone, so that a stolen key changes no password and enrols no device. Role
    sessions carry no MFA: roles ask for it in their trust policy.
    """
    return (
        Statement(
            sid="WithoutMfaOnlySetUp",
            effect=Effect.DENY,
            not_actions=POSSIBLE_WITHOUT_MFA,
            resources=("*",),
            conditions={"BoolIfExists": {MFA_PRESENT: ("false",)}},
        ),
        Statement(
            sid="NoSetUpByKey",
            effect=Effect.DENY,
            actions=("iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice"),
            resources=("*",),
            conditions={"Null": {MFA_PRESENT: ("true",)}},
        ),
    )
