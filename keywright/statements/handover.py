"""Names of the identity keeper and of the secrets that it creates, and who can read those secrets."""

from __future__ import annotations

from keywright.policy.statement import Statement
from keywright.statements.logical_id import logical_id

KEEPER_FUNCTION = "keywright-identity-keeper"
SECRET_PREFIX = "keywright/"  # noqa: S105 - a name, no secret
FIRST_PASSWORD = "first-password/"  # noqa: S105 - a name, no secret
ACCESS_KEY = "access-key/"
KEEPER_LOG = logical_id("LogGroup", KEEPER_FUNCTION)
"""Part of the name that CloudFormation generates for the log group, which the boundary protects."""
HANDOVER_TAG = "keywright-handover"
"""Tag of the members of the handover group, with the value `true`; neither a declaration nor a session can set it."""
KEYS_ONLY = "keys"
"""The tag's value for users who can read only access keys of applications."""


def sign_in_secret_arns(partition: str, region: str, account: str) -> tuple[str, ...]:
    """Give ARN patterns of the secrets with access keys and first passwords.

    Secrets Manager appends six random characters to a secret's name in its ARN, which the wildcard matches
    ("Resource types defined by AWS Secrets Manager", Service Authorization Reference).
    """
    return (
        secret_arns(ACCESS_KEY, partition, region, account),
        secret_arns(FIRST_PASSWORD, partition, region, account),
    )


def secret_arns(kind: str, partition: str, region: str, account: str) -> str:
    """Give the ARN pattern of one kind of secrets."""
    return f"arn:{partition}:secretsmanager:{region}:{account}:secret:{SECRET_PREFIX}{kind}*"


def handover_statement(*, partition: str, region: str, account: str) -> Statement:
    """Allow reading first passwords and access keys of applications, and no other secret."""
    return Statement(
        sid="HandOver",
        actions=("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"),
        resources=sign_in_secret_arns(partition, region, account),
    )
