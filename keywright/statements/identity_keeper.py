"""What the identity keeper's role and function are: built for the templates, and recognized in them by a review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.policy.statement import Conditions, Effect, Statement
from keywright.statements.handover import FIRST_PASSWORD, KEEPER_FUNCTION, KEEPER_LOG, SECRET_PREFIX
from keywright.statements.logical_id import logical_id, reference

if TYPE_CHECKING:
    from collections.abc import Sequence

KEEPER_ROLE = "keywright-identity-keeper"
KEEPER_POLICY = "keywright-keeper"
DENY_ALL_POLICY = "keywright-deny-all"
FUNCTION_TIMEOUT = 290
"""Seconds; less than CloudFormation waits, so that the function can still report a failure to it."""
FUNCTION_SHA256 = "cf87a5ffbd2e3d07c57f597216fbe7b6d52fba522ae989a3ed66cc84ff625147"
"""The hash of the function's code, `access_constructs/keeper/index.py`; a test compares the two."""


def keeper_statements(
    *,
    partition: str,
    region: str,
    account: str,
    path: str,
    deny_all: str,
    log: str,
    secret_prefix: str = SECRET_PREFIX,
    other_users: Sequence[str] = (),
) -> tuple[Statement, ...]:
    """Give what the keeper can do; `deny_all` is the ARN of the policy for leavers, `log` of the log group.

    `other_users` are adopted users outside the path, each by path and name, such as `/team/alice`.
    """
    identities = f"arn:{partition}:iam::{account}"
    here = f"{region}:{account}"
    secrets = f"arn:{partition}:secretsmanager:{here}:secret:{secret_prefix}{FIRST_PASSWORD}*"
    only_deny_all: Conditions = {"ArnEquals": {"iam:PolicyARN": (deny_all,)}}
    users = (f"{identities}:user{path}*", *(f"{identities}:user{each}" for each in other_users))
    return (
        Statement(sid="Users", actions=_ON_USERS, resources=users),
        Statement(
            sid="DenyAll", actions=("iam:AttachUserPolicy",), resources=users, conditions=only_deny_all
        ),
        Statement(sid="Groups", actions=("iam:RemoveUserFromGroup",), resources=(f"{identities}:group/*",)),
        Statement(sid="Devices", actions=("iam:DeleteVirtualMFADevice",), resources=(f"{identities}:mfa/*",)),
        Statement(sid="Account", actions=_ON_ACCOUNT, resources=("*",)),
        Statement(sid="FirstPasswords", actions=_ON_SECRETS, resources=(secrets,)),
        Statement(
            sid="Rollbacks",
            actions=("cloudformation:DescribeStacks",),
            resources=(f"arn:{partition}:cloudformation:{here}:stack/*",),
        ),
        Statement(sid="Log", actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=(log,)),
    )


def keeper_trust() -> Statement:
    """Let Lambda alone assume the keeper's role."""
    return Statement(principals={"Service": ("lambda.amazonaws.com",)}, actions=("sts:AssumeRole",))


def deny_all_statements() -> tuple[Statement, ...]:
    """Deny everything to a user who leaves."""
    return (Statement(sid="Left", effect=Effect.DENY, actions=("*",), resources=("*",)),)


def keeper_function(source: str) -> dict[str, Any]:
    """Give the properties of the function that runs `source`."""
    return {
        "FunctionName": KEEPER_FUNCTION,
        "Description": "Makes first logins, ends what leavers had, sets password policy and alias",
        "Runtime": "python3.14",
        "Handler": "index.handler",
        # Inline, so that neither an asset nor a bootstrap bucket is needed.
        "Code": {"ZipFile": source},
        "Role": {"Fn::GetAtt": [logical_id("Role", KEEPER_ROLE), "Arn"]},
        "Timeout": FUNCTION_TIMEOUT,
        "MemorySize": 256,
        "Environment": {"Variables": {"DENY_ALL": reference("ManagedPolicy", DENY_ALL_POLICY)}},
        "LoggingConfig": {"LogGroup": {"Ref": KEEPER_LOG}},
    }


_ON_USERS = (
    "iam:CreateLoginProfile",
    "iam:DeactivateMFADevice",
    "iam:DeleteAccessKey",
    "iam:DeleteLoginProfile",
    "iam:DeleteServiceSpecificCredential",
    "iam:DeleteSigningCertificate",
    "iam:DeleteSSHPublicKey",
    "iam:DeleteUserPolicy",
    "iam:DetachUserPolicy",
    "iam:GetLoginProfile",
    "iam:GetUser",
    "iam:ListAccessKeys",
    "iam:ListAttachedUserPolicies",
    "iam:ListGroupsForUser",
    "iam:ListMFADevices",
    "iam:ListServiceSpecificCredentials",
    "iam:ListSigningCertificates",
    "iam:ListSSHPublicKeys",
    "iam:ListUserPolicies",
    "iam:UpdateAccessKey",
)
_ON_ACCOUNT = (
    "iam:CreateAccountAlias",
    "iam:DeleteAccountAlias",
    "iam:DeleteAccountPasswordPolicy",
    "iam:GetAccountPasswordPolicy",
    "iam:ListAccountAliases",
    "iam:UpdateAccountPasswordPolicy",
)
_ON_SECRETS = ("secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue")
