"""Trust in the instances of a workload, whose role has a generated name: by the tag that the role carries."""

from __future__ import annotations

from access_constructs.by_tag import principal_tag_condition
from access_constructs.time_bound import joined
from keywright.model.workloads import WORKLOAD_TAG
from keywright.policy.statement import Conditions, Statement


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
        conditions=joined(principal_tag_condition(WORKLOAD_TAG, workload), roles),
    )
