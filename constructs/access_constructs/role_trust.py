"""Trust in the sessions of named roles, of this account or another one: role chaining."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.refusal import refusal
from keywright.policy.statement import Conditions, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence


def role_trust(*, partition: str, account: str, role_arns: Sequence[str]) -> Statement:
    """Let sessions of roles of an account assume the role; each of them needs an `assume_statement` of its own.

    Such a session lasts an hour at most and carries no second factor ("Roles terms and concepts", IAM User Guide): a
    role that asks for one can't be reached so. A role named as principal would be stored by its unique id and dead once
    made anew; the account's root with `aws:PrincipalArn` is not.
    """
    return Statement(
        actions=("sts:AssumeRole",),
        principals={"AWS": (f"arn:{partition}:iam::{account}:root",)},
        conditions=named_roles(role_arns),
    )


def named_roles(role_arns: Sequence[str]) -> Conditions:
    """Ask that the caller is a session of one of these roles, and of no other that looks like it.

    Raises:
        ValueError: None is named, or a pattern.
    """
    wrong = [each for each in role_arns if ":role/" not in each or {"*", "?", "$"} & set(each)]
    if wrong or not role_arns:
        raise refusal(
            "roles are trusted by name",
            found=f"`{wrong[0]}`" if wrong else "none",
            accepted="ARNs of roles, without `*`, `?` and `$`",
        )
    return {"ArnEquals": {"aws:PrincipalArn": tuple(sorted(role_arns))}}
