"""A role for the members of a group: both sides ask for the second factor, the group's side names the role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.mfa_condition import mfa_condition
from access_constructs.time_bound import joined
from keywright.policy.statement import Statement

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
        conditions=joined(users, mfa_condition(mfa_within_seconds)),
    )
