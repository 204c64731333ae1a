"""A role for the members of a group: both sides ask for the second factor, the group's side names the role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.mfa_condition import mfa_condition
from access_constructs.time_bound import joined, until_condition
from keywright.policy.statement import Statement

if TYPE_CHECKING:
    from datetime import date


def group_trust(partition: str, account: str, path: str, mfa_within_seconds: int) -> Statement:
    """Trust the account's users under the path, with their second factor; which of them is the group's side to say.

    A group is no principal ("AWS JSON policy elements: Principal", IAM User Guide). A user named as principal would be
    stored by its unique id and dead once made anew; the account's root with `aws:PrincipalArn` is not.
    """
    users: dict[str, dict[str, tuple[str, ...]]] = {
        "ArnLike": {"aws:PrincipalArn": (f"arn:{partition}:iam::{account}:user{path}*",)}
    }
    return Statement(
        actions=("sts:AssumeRole",),
        principals={"AWS": (f"arn:{partition}:iam::{account}:root",)},
        conditions=joined(users, mfa_condition(mfa_within_seconds)),
    )


def assume_statement(*, role_arn: str, mfa_within_seconds: int, until: date | None = None) -> Statement:
    """Let the members of a group assume a role, with their second factor, perhaps until a last day in UTC."""
    return Statement(
        actions=("sts:AssumeRole",),
        resources=(role_arn,),
        conditions=joined(mfa_condition(mfa_within_seconds), until_condition(until)),
    )
