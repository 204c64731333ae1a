"""Programmatic access of people without a long-term key: `aws login` with the console's sign-in."""

from __future__ import annotations

from keywright.policy.statement import Statement

COMMAND_LINE_ACTIONS = ("signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token")


def command_line_statement(*, partition: str, account: str) -> Statement:
    """Allow `aws login` on the signed-in person's own computer.

    The command exchanges the console's sign-in for temporary credentials of at most 12 hours ("Login for AWS local development using console
    credentials", AWS CLI User Guide); both actions are needed, on the sign-in service's public client. Any region: the person's browser picks the
    regional sign-in endpoint, and the account in the ARN bounds the access.
    """
    return Statement(
        sid="CommandLine",
        actions=COMMAND_LINE_ACTIONS,
        resources=(f"arn:{partition}:signin:*:{account}:oauth2/public-client/localhost",),
    )
