"""Trust in principals of the same account: members of a group, sessions of named roles, instances of a workload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.workloads import WORKLOAD_TAG
from keywright.policy.statement import Conditions, Statement
from keywright.reporting.text import refusal
from keywright.statements.conditions import merge_conditions, mfa_condition, principal_tag_condition

if TYPE_CHECKING:
    from collections.abc import Sequence


NOBODY = "keywright-nobody"
"""A user name that no user can have, for a trust in a group without members."""


def group_trust(
    partition: str,
    account: str,
    path: str,
    mfa_within_seconds: int,
    members: Sequence[str] | None = None,
    *,
    other_paths: Sequence[str] = (),
) -> Statement:
    """Trust the members of a group, with MFA; `None` trusts every user under the path, and under `other_paths`.

    A member is a name under the path, or a path and a name, such as `/team/alice`.

    A group cannot be a principal ("AWS JSON policy elements: Principal", IAM User Guide). IAM stores a user that is named
    as principal by unique ID, so the trust would not survive re-creation of the user; the account's root with a condition
    on `aws:PrincipalArn` does.

    The group also needs `assume_statement`. Naming the members here keeps out others who are allowed to assume any role,
    and a new member can assume the role only once the role itself is deployed.
    """
    everyone = tuple(f"{each}*" for each in (path, *other_paths))
    named = None if members is None else [each if each.startswith("/") else path + each for each in members]
    users_of = everyone if named is None else (tuple(sorted(named)) or (path + NOBODY,))
    arns = tuple(f"arn:{partition}:iam::{account}:user{each}" for each in users_of)
    users: dict[str, dict[str, tuple[str, ...]]] = {"ArnLike": {"aws:PrincipalArn": arns}}
    return Statement(
        actions=("sts:AssumeRole",),
        principals={"AWS": (f"arn:{partition}:iam::{account}:root",)},
        conditions=merge_conditions(users, mfa_condition(mfa_within_seconds)),
    )


def role_trust(*, partition: str, account: str, role_arns: Sequence[str]) -> Statement:
    """Let sessions of named roles assume the role (role chaining); each of these roles needs an `assume_statement` too.

    Such a session lasts an hour at most and has no MFA ("Roles terms and concepts", IAM User Guide), so it cannot assume a
    role that requires MFA. The principal is the account's root, for the same reason as in `group_trust`.
    """
    return Statement(
        actions=("sts:AssumeRole",),
        principals={"AWS": (f"arn:{partition}:iam::{account}:root",)},
        conditions=named_roles(role_arns),
    )


def named_roles(role_arns: Sequence[str]) -> Conditions:
    """Require that the caller is a session of one of exactly these roles.

    Raises:
        ValueError: No role is named, or a pattern.
    """
    # A `$` could start a policy variable, which matches roles that are not listed.
    wrong = [each for each in role_arns if ":role/" not in each or {"*", "?", "$"} & set(each)]
    if wrong or not role_arns:
        raise refusal(
            "roles are trusted by name",
            found=f"`{wrong[0]}`" if wrong else "none",
            accepted="ARNs of roles, without `*`, `?` and `$`",
        )
    return {"ArnEquals": {"aws:PrincipalArn": tuple(sorted(role_arns))}}


def workload_trust(
    *, partition: str, account: str, path: str, workload: str, role: str | None = None
) -> Statement:
    """Let sessions of a workload's role assume the role; the workload's role needs an `assume_statement` too.

    Such a session lasts an hour at most ("Roles terms and concepts", IAM User Guide). The name of the workload's role is
    generated, so it is recognized by path and the tag `WORKLOAD_TAG`. Only deployments change tags of roles there: the
    permissions boundary denies tagging roles and passing session tags. An adopted workload's `role` keeps its name.

    Raises:
        ValueError: The name would match more than itself.
    """
    roles: Conditions = {
        "ArnLike": {"aws:PrincipalArn": (f"arn:{partition}:iam::{account}:role{path}{role or '*'}",)}
    }
    return Statement(
        actions=("sts:AssumeRole",),
        principals={"AWS": (f"arn:{partition}:iam::{account}:root",)},
        conditions=merge_conditions(principal_tag_condition(WORKLOAD_TAG, workload), roles),
    )
