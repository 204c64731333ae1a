"""Trust in a service of AWS that runs our software with the role: functions, container tasks."""

from __future__ import annotations

from access_constructs.refusal import refusal
from keywright.policy.statement import Statement

LAMBDA, TASKS = "lambda", "ecs-tasks"


def service_trust(*, service: str, partition: str, region: str, account: str) -> Statement:
    """Let a service assume the role for what runs in this account.

    Tasks of ECS say for whose cluster they run, and are asked ("Amazon ECS task IAM role", Amazon ECS Developer Guide):
    so nobody else's tasks are given the role by mistake. Lambda assumes a role for a function that somebody of the account
    gave it to, which `iam:PassRole` guards, and says nothing more.

    Raises:
        ValueError: Another service; each has conditions of its own.
    """
    if service not in {LAMBDA, TASKS}:
        raise refusal(
            "a role is trusted to a service that is known",
            found=f"`{service}`",
            accepted=f"`{LAMBDA}`, `{TASKS}`",
        )
    mine = {
        "ArnLike": {"aws:SourceArn": (f"arn:{partition}:ecs:{region}:{account}:*",)},
        "StringEquals": {"aws:SourceAccount": (account,)},
    }
    return Statement(
        actions=("sts:AssumeRole",),
        principals={"Service": (f"{service}.amazonaws.com",)},
        conditions=mine if service == TASKS else {},
    )
