"""Handing over sign-in information: who may read what a newcomer, or an application's operator, is given."""

from __future__ import annotations

from keywright.policy.statement import Statement


def handover_statement(*, partition: str, region: str, account: str) -> Statement:
    """Allow to read first passwords and applications' keys, nothing else in Secrets Manager.

    Secrets Manager appends six random characters to a secret's name in its ARN; the prefix covers them
    ("Resource types defined by AWS Secrets Manager", Service Authorization Reference).
    """
    secrets = f"arn:{partition}:secretsmanager:{region}:{account}:secret:keywright"
    return Statement(
        sid="HandOver",
        actions=("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"),
        resources=(f"{secrets}/access-key/*", f"{secrets}/first-password/*"),
    )
