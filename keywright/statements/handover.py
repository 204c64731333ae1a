"""Names of the identity keeper and of the secrets it creates, and who may read those secrets."""

from __future__ import annotations

from keywright.policy.statement import Statement
from keywright.statements.logical_id import logical_id

KEEPER_FUNCTION = "keywright-identity-keeper"
SECRET_PREFIX = "keywright/"  # noqa: S105 - a name, no secret
FIRST_PASSWORD = "first-password/"  # noqa: S105 - a name, no secret
ACCESS_KEY = "access-key/"
KEEPER_LOG = logical_id("LogGroup", KEEPER_FUNCTION)
"""Part of the name that CloudFormation gives the log group, by which the boundary knows it."""


HANDOVER_TAG = "keywright-handover"
"""On the members of the handover group, with the value `true`; a declaration can't set it, nor a session bring it."""
KEYS_ONLY = "keys"
"""The tag's value on those who may read keys of applications alone."""


def sign_in_secret_arns(partition: str, region: str, account: str) -> tuple[str, ...]:
    """Name the secrets with first passwords and keys.

    Secrets Manager appends six random characters to a secret's name in its ARN; the prefix covers them
    ("Resource types defined by AWS Secrets Manager", Service Authorization Reference).
    """
    return (
        secret_arns(ACCESS_KEY, partition, region, account),
        secret_arns(FIRST_PASSWORD, partition, region, account),
    )


def secret_arns(kind: str, partition: str, region: str, account: str) -> str:
    """Name the secrets of one kind."""
    return f"arn:{partition}:secretsmanager:{region}:{account}:secret:{SECRET_PREFIX}{kind}*"


def handover_statement(*, partition: str, region: str, account: str) -> Statement:
    """Allow to read first passwords and applications' keys, nothing else in Secrets Manager."""
    return Statement(
        sid="HandOver",
        actions=("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"),
        resources=sign_in_secret_arns(partition, region, account),
    )
