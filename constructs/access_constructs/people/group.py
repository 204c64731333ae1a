"""An IAM group with its inline policies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, NotRequired, Unpack

import aws_cdk.aws_iam as iam
from constructs import Construct

from access_constructs.synthesis.accepted_findings import accept_all, in_strict_packs
from access_constructs.synthesis.identity import (
    INLINE_ACCEPTED,
    IdentityArguments,
    IdentityDefinition,
    IdentityPolicies,
)
from access_constructs.synthesis.resources import typed_arguments
from keywright.policy.quotas import INLINE
from keywright.reporting.text import refusal
from keywright.statements.conditions import expire_statements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from access_constructs.synthesis.resources import Properties
    from keywright.policy.statement import Statement

_MEMBERS_ACCEPTED = {
    "IAMGroupHasUsers": "memberships are properties of the users, which these rules do not read"
}


class GroupArguments(IdentityArguments):
    """The arguments of `AccessGroup`."""

    statements: NotRequired[Sequence[Statement]]
    until: NotRequired[date | None]


@dataclass(frozen=True, kw_only=True)
class GroupDefinition(IdentityDefinition):
    """The arguments of an `AccessGroup` as data.

    Raises:
        ValueError: A time-bound group with managed policies.
    """

    kind: ClassVar[str] = "Group"
    resource_type: ClassVar[str] = "AWS::IAM::Group"
    inline_quota: ClassVar[int] = INLINE["group"].default

    statements: Sequence[Statement] = ()
    until: date | None = None

    def __post_init__(self) -> None:
        if self.until is not None and self.managed_policy_arns:
            raise refusal(
                f"a membership in `{self.name}` cannot have an end: the group has managed policies",
                found=", ".join(f"`{arn}`" for arn in self.managed_policy_arns),
                accepted="`grants` in place of the policies, or a membership without `until`",
            )

    @property
    def full_name(self) -> str:
        """Its name in IAM."""
        return self.name if self.until is None else twin_name(self.name, self.until)

    @cached_property
    def grants(self) -> Sequence[Statement]:
        """Its statements; in a time-bound group every Allow ends."""
        return self.statements if self.until is None else expire_statements(self.statements, self.until)

    def accepted_by_kind(self, *, inline: bool) -> Mapping[str, str]:
        """Give the findings that every group causes, with or without inline policies, and the reasons."""
        return in_strict_packs(_MEMBERS_ACCEPTED | (INLINE_ACCEPTED if inline else {}))

    def properties(self, policies: IdentityPolicies) -> Properties:
        """Give the properties of the `AWS::IAM::Group`."""
        return {"GroupName": self.full_name, "Path": self.path, **policies.properties}


def twin_name(name: str, until: date) -> str:
    """Name the time-bound copy of a group, for memberships that end with this day."""
    return f"{name}.until-{until.isoformat()}"


class AccessGroup(Construct):
    """An IAM group with its policies, or its time-bound copy where `until` is the last day, in UTC.

    IAM memberships have no end date. So members whose membership ends are put into a copy of the group, in which every
    Allow has a date condition; a Deny never ends. A managed policy cannot get that condition, so a time-bound group
    takes none.

    Raises:
        ValueError: A time-bound group with managed policies, or statements that exceed the quotas of a group.
    """

    def __init__(self, scope: Construct, construct_id: str, **group: Unpack[GroupArguments]) -> None:
        super().__init__(scope, construct_id)
        definition = GroupDefinition(**group)
        policies = definition.policies(self)
        self.group = iam.CfnGroup(self, "Group", **typed_arguments(definition.properties(policies)))
        self.group.override_logical_id(definition.logical_id)
        accept_all(self, definition.accepted_findings(self, inline=bool(policies.policies)))

    @cached_property
    def name(self) -> str:
        """The group's name as a reference: a resource that uses it is created after the group."""
        # Cached, because each reference is a call to Node.
        return self.group.ref
