"""What a group is in CloudFormation, written down once for the single construct and for many at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import aws_cdk.aws_iam as iam
from constructs import Construct

from access_constructs.shared.accepted_findings import accept_all, in_strict_packs
from access_constructs.shared.bulk import accepted_findings_of
from access_constructs.shared.identity_policies import (
    GROUP_INLINE_QUOTA,
    INLINE_ACCEPTED,
    IdentityPolicies,
    identity_policies,
    inline_policies,
)
from access_constructs.shared.resources import typed_arguments
from keywright.reporting.refusal import refusal
from keywright.statements.conditions import expire_statements
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from access_constructs.shared.resources import Properties
    from keywright.policy.statement import Statement


_MEMBERS = {"IAMGroupHasUsers": "a membership stands in its user, where these rules do not look"}


@dataclass(frozen=True, kw_only=True)
class GroupDefinition:
    """A group with its grants, or its time-bound twin when `until` is its last day; see `AccessGroup`.

    Raises:
        ValueError: A twin is given managed policies.
    """

    name: str
    path: str
    statements: Sequence[Statement] = ()
    managed_policy_arns: Sequence[str] = ()
    until: date | None = None

    def __post_init__(self) -> None:
        if self.until is not None and self.managed_policy_arns:
            raise refusal(
                f"membership in `{self.name}` cannot end on a day: the group holds managed policies",
                found=", ".join(f"`{arn}`" for arn in self.managed_policy_arns),
                accepted="`grants` in their place, or a membership without `until`",
            )

    @property
    def full_name(self) -> str:
        """Its name in IAM."""
        return self.name if self.until is None else twin_name(self.name, self.until)

    @cached_property
    def grants(self) -> Sequence[Statement]:
        """What it holds; in a twin every Allow ends."""
        return self.statements if self.until is None else expire_statements(self.statements, self.until)

    def known(self, *, inline: bool) -> Mapping[str, str]:
        """Give what rule packs find in every owner of its kind with or without inline policies, and why it is no harm."""
        return in_strict_packs(_MEMBERS | (INLINE_ACCEPTED if inline else {}))

    def properties(self, owned: IdentityPolicies) -> Properties:
        """Write it down with these policies."""
        return {"GroupName": self.full_name, "Path": self.path, **owned.properties}

    @cached_property
    def resources(self) -> Mapping[str, Properties] | None:
        """Its resource by logical id; None where its grants need policies beside it."""
        inline = inline_policies(self.grants, GROUP_INLINE_QUOTA)
        if inline is None:
            return None
        owned = IdentityPolicies(inline, list(self.managed_policy_arns))
        group = {"Type": "AWS::IAM::Group", "Properties": self.properties(owned)}
        return {logical_id("Group", self.full_name): group}


def twin_name(name: str, until: date) -> str:
    """Name the twin for memberships that end with this day."""
    return f"{name}.until-{until.isoformat()}"


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
        plain = GroupDefinition(
            name=name,
            path=path,
            statements=statements,
            managed_policy_arns=managed_policy_arns,
            until=until,
        )
        owned = identity_policies(
            self,
            kind="Group",
            name=plain.full_name,
            path=path,
            statements=plain.grants,
            managed_policy_arns=managed_policy_arns,
            inline_quota=GROUP_INLINE_QUOTA,
        )
        self.group = iam.CfnGroup(self, "Group", **typed_arguments(plain.properties(owned)))
        self.group.override_logical_id(logical_id("Group", plain.full_name))
        accept_all(self, accepted_findings_of(self, plain, inline=bool(owned.policies)))

    @cached_property
    def name(self) -> str:
        """The group's name as a reference: whoever uses it is created after the group."""
        return self.group.ref

    @staticmethod
    def twin_name(name: str, until: date) -> str:
        """Name the twin for memberships that end with this day."""
        return twin_name(name, until)
