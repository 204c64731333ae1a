"""Trust in principals of the same account: members of a group, sessions of named roles, instances of a workload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.workloads import WORKLOAD_TAG
from keywright.policy.statement import Conditions, Statement
from keywright.reporting.refusal import refusal
from keywright.statements.conditions import merge_conditions, mfa_condition, principal_tag_condition

if TYPE_CHECKING:
    from collections.abc import Sequence


NOBODY = "keywright-nobody"
"""Stands where some user must be named and there is none; no user may be called that."""


def group_trust(
    partition: str, account: str, path: str, mfa_within_seconds: int, members: Sequence[str] | None = None
) -> Statement:
    """Trust a group's members, with their second factor; `None` says every user under the path.

    A group is no principal ("AWS JSON policy elements: Principal", IAM User Guide). A user named as principal would be
    stored by its unique id and dead once made anew; the account's root with `aws:PrincipalArn` is not.

    The group's side, `assume_statement`, says once more who may. With the members named here too, somebody who may
    assume any role by another grant can't assume this one, and a newcomer to the group gets in only when the role
    itself is deployed, with whatever it then may do.
    """
    names = ("*",) if members is None else (tuple(sorted(members)) or (NOBODY,))
    arns = tuple(f"arn:{partition}:iam::{account}:user{path}{name}" for name in names)
    users: dict[str, dict[str, tuple[str, ...]]] = {"ArnLike": {"aws:PrincipalArn": arns}}
    return Statement(
        actions=("sts:AssumeRole",),
        principals={"AWS": (f"arn:{partition}:iam::{account}:root",)},
        conditions=merge_conditions(users, mfa_condition(mfa_within_seconds)),
    )


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


def workload_trust(*, partition: str, account: str, path: str, workload: str) -> Statement:
    """Let sessions of a workload's role assume the role; that role needs an `assume_statement` of its own.

    Such a session lasts an hour at most ("Roles terms and concepts", IAM User Guide). A role named as principal is stored by
    its unique id, so that the trust is dead once the role is made anew; a name would do, and is not known beforehand. So
    the account's root is trusted for roles under the path with the tag `WORKLOAD_TAG`. Tags of roles there change by
    deployment alone: the boundary denies everybody within the fence tagging a role and bringing a tag into a session.

    Raises:
        ValueError: A name that could be more than itself.
    """
    roles: Conditions = {"ArnLike": {"aws:PrincipalArn": (f"arn:{partition}:iam::{account}:role{path}*",)}}
    return Statement(
        actions=("sts:AssumeRole",),
        principals={"AWS": (f"arn:{partition}:iam::{account}:root",)},
        conditions=merge_conditions(principal_tag_condition(WORKLOAD_TAG, workload), roles),
    )
