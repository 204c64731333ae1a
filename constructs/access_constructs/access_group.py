"""A group: to join is to get, to leave is to lose."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import aws_cdk.aws_iam as iam
from constructs import Construct

from access_constructs.accepted_finding import in_strict_packs
from access_constructs.logical_id import logical_id
from access_constructs.necessary_wildcards import accept_necessary_wildcards
from access_constructs.owned_policies import GROUP_INLINE_QUOTA, INLINE_IS_MEANT, owned_policies
from access_constructs.refusal import refusal
from access_constructs.time_bound import bounded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from keywright.policy.statement import Statement

_MEMBERS = {"IAMGroupHasUsers": "a membership stands in its user, where these rules do not look"}


class AccessGroup(Construct):
    """An IAM group with its grants, or its time-bound twin when `until` is its last day, in UTC.

    A membership carries no end, so members with one share a twin group in which every Allow ends that day; a Deny
    does not end. Nothing can be written into a managed policy, so a twin takes none.

    Raises:
        ValueError: A twin is given managed policies, or the grants exceed what a group holds.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        path: str,
        statements: Sequence[Statement] = (),
        managed_policy_arns: Sequence[str] = (),
        until: date | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        if until is not None and managed_policy_arns:
            raise refusal(
                f"membership in `{name}` cannot end on a day: the group holds managed policies",
                found=", ".join(f"`{arn}`" for arn in managed_policy_arns),
                accepted="`grants` in their place, or a membership without `until`",
            )
        grants = statements if until is None else bounded(statements, until)
        full_name = name if until is None else self.twin_name(name, until)
        owned = owned_policies(
            self,
            kind="Group",
            name=full_name,
            path=path,
            statements=grants,
            managed_policy_arns=managed_policy_arns,
            inline_quota=GROUP_INLINE_QUOTA,
        )
        self.group = iam.CfnGroup(
            self,
            "Group",
            group_name=full_name,
            path=path,
            policies=owned.policies or None,
            managed_policy_arns=owned.managed_policy_arns or None,
        )
        self.group.override_logical_id(logical_id("Group", full_name))
        known = {**_MEMBERS, **(INLINE_IS_MEANT if owned.policies else {})}
        accept_necessary_wildcards(self, grants, beside=in_strict_packs(known))

    @cached_property
    def name(self) -> str:
        """The group's name as a reference: whoever uses it is created after the group."""
        return self.group.ref

    @staticmethod
    def twin_name(name: str, until: date) -> str:
        """Name the twin for memberships that end with this day."""
        return f"{name}.until-{until.isoformat()}"
