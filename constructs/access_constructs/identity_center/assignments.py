"""A group of an identity store, where no directory keeps it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import aws_cdk.aws_identitystore as identitystore
import aws_cdk.aws_sso as sso
from constructs import Construct

from keywright.reporting.refusal import refusal
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from access_constructs.identity_center.permission_set import PermissionSet


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


_ID = re.compile(r"([0-9a-f]{10}-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ACCOUNT = re.compile(r"[0-9]{12}")


class CenterAssignment(Construct):
    """An `AWS::SSO::Assignment`; without it nobody of the group acts by the permission set in that account any more.

    All of it is create-only, and its logical id comes from all of it: whatever changes is another assignment, which is
    made before the former is removed, and no other one is touched. `permission_set` is ours, or the ARN of one that
    exists. `principal` is a group that is made here, or the id of a group or user in the identity store, called `called`.

    Raises:
        ValueError: An id or account that IAM Identity Center would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        instance_arn: str,
        permission_set: PermissionSet | str,
        account: str,
        principal: CenterGroup | str,
        called: str,
        kind: Literal["GROUP", "USER"] = "GROUP",
    ) -> None:
        super().__init__(scope, construct_id)
        if not _ACCOUNT.fullmatch(account):
            raise refusal("an account is named by its number", found=f"`{account}`", accepted="12 digits")
        if isinstance(principal, str) and not _ID.fullmatch(principal):
            raise refusal(
                "whom a permission set is assigned to is known by an id",
                found=f"`{principal}`",
                accepted="the id in the identity store, in small letters",
            )
        self.assignment = sso.CfnAssignment(
            self,
            "Assignment",
            instance_arn=instance_arn,
            permission_set_arn=permission_set if isinstance(permission_set, str) else permission_set.arn,
            principal_type=kind,
            principal_id=principal if isinstance(principal, str) else principal.group_id,
            target_type="AWS_ACCOUNT",
            target_id=account,
        )
        parts = (*_of_set(permission_set), account, *_of_principal(principal))
        self.assignment.override_logical_id(logical_id("SetAssignment", "/".join(parts)))
        self.assignment.add_metadata(CALLED, called)


def _of_set(permission_set: PermissionSet | str) -> tuple[str, ...]:
    if isinstance(permission_set, str):
        return ("existing", permission_set.rpartition("/")[2])
    return (permission_set.name,)


def _of_principal(principal: CenterGroup | str) -> tuple[str, ...]:
    return (principal,) if isinstance(principal, str) else ("made", principal.name)
