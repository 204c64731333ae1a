"""A group: to join is to get, to leave is to lose."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import aws_cdk.aws_iam as iam
from constructs import Construct

from access_constructs.accepted_finding import accept_all
from access_constructs.owned_policies import GROUP_INLINE_QUOTA, owned_policies
from access_constructs.plain_group import PlainGroup, twin_name
from access_constructs.plain_owner import accepted_in
from access_constructs.plain_resource import arguments
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from keywright.policy.statement import Statement


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
        plain = PlainGroup(
            name=name,
            path=path,
            statements=statements,
            managed_policy_arns=managed_policy_arns,
            until=until,
        )
        owned = owned_policies(
            self,
            kind="Group",
            name=plain.full_name,
            path=path,
            statements=plain.grants,
            managed_policy_arns=managed_policy_arns,
            inline_quota=GROUP_INLINE_QUOTA,
        )
        self.group = iam.CfnGroup(self, "Group", **arguments(plain.properties(owned)))
        self.group.override_logical_id(logical_id("Group", plain.full_name))
        accept_all(self, accepted_in(self, plain, inline=bool(owned.policies)))

    @cached_property
    def name(self) -> str:
        """The group's name as a reference: whoever uses it is created after the group."""
        return self.group.ref

    @staticmethod
    def twin_name(name: str, until: date) -> str:
        """Name the twin for memberships that end with this day."""
        return twin_name(name, until)
