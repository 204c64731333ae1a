"""What a group is in CloudFormation, written down once for the single construct and for many at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from access_constructs.accepted_finding import in_strict_packs
from access_constructs.owned_policies import (
    GROUP_INLINE_QUOTA,
    INLINE_IS_MEANT,
    OwnedPolicies,
    inline_policies,
)
from keywright.reporting.refusal import refusal
from keywright.statements.conditions import bounded
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from access_constructs.plain_resource import Properties
    from keywright.policy.statement import Statement

_MEMBERS = {"IAMGroupHasUsers": "a membership stands in its user, where these rules do not look"}


@dataclass(frozen=True, kw_only=True)
class PlainGroup:
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
        return self.statements if self.until is None else bounded(self.statements, self.until)

    def known(self, *, inline: bool) -> Mapping[str, str]:
        """Give what rule packs find in every owner of its kind with or without inline policies, and why it is no harm."""
        return in_strict_packs(_MEMBERS | (INLINE_IS_MEANT if inline else {}))

    def properties(self, owned: OwnedPolicies) -> Properties:
        """Write it down with these policies."""
        return {"GroupName": self.full_name, "Path": self.path, **owned.properties}

    @cached_property
    def resources(self) -> Mapping[str, Properties] | None:
        """Its resource by logical id; None where its grants need policies beside it."""
        inline = inline_policies(self.grants, GROUP_INLINE_QUOTA)
        if inline is None:
            return None
        owned = OwnedPolicies(inline, list(self.managed_policy_arns))
        group = {"Type": "AWS::IAM::Group", "Properties": self.properties(owned)}
        return {logical_id("Group", self.full_name): group}


def twin_name(name: str, until: date) -> str:
    """Name the twin for memberships that end with this day."""
    return f"{name}.until-{until.isoformat()}"
