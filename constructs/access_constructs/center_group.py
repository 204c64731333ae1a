"""A group of an identity store, where no directory keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk.aws_identitystore as identitystore
from constructs import Construct

from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Mapping

CALLED = "keywright:called"
"""Metadata: by which name people know whom an id of the identity store means."""


class CenterGroup(Construct):
    """An `AWS::IdentityStore::Group` with its members; `members` gives the ids of users by the names that people know.

    Users themselves are no resource of CloudFormation: a directory or an administrator makes them. `name` is where its
    logical id comes from, so that another `display_name` changes the group in place.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        identity_store: str,
        display_name: str,
        members: Mapping[str, str],
    ) -> None:
        super().__init__(scope, construct_id)
        self.name = name
        self.group = identitystore.CfnGroup(
            self, "Group", identity_store_id=identity_store, display_name=display_name
        )
        self.group.override_logical_id(logical_id("CenterGroup", name))
        for called, member in sorted(members.items()):
            membership = identitystore.CfnGroupMembership(
                self,
                f"Member-{called}",
                identity_store_id=identity_store,
                group_id=self.group_id,
                member_id={"userId": member},
            )
            membership.override_logical_id(logical_id("CenterMembership", f"{name}/{member}"))
            membership.add_metadata(CALLED, called)

    @property
    def group_id(self) -> str:
        """The group's id, a reference inside its stack: AWS makes it up."""
        return self.group.attr_group_id
