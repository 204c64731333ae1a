"""A role for the members of a group inside the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from access_constructs.access_role import AccessRole, role_arn
from keywright.statements.grants.assume_role import assume_statement
from keywright.statements.trusts.same_account import group_trust

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from constructs import Construct

    from access_constructs.role_arguments import RoleArguments
    from keywright.policy.statement import Statement


class GroupRole(AccessRole):
    """A role that members of a group assume with their second factor: they hold little, and take more for a while.

    The trust lets in the `members` by name, or every user under the path; give `assume_statement()` to the groups that
    may.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        partition: str,
        account: str,
        mfa_within_seconds: int,
        members: Sequence[str] | None = None,
        **role: Unpack[RoleArguments],
    ) -> None:
        path = role.get("path", "")  # without one the next call says that it is missing
        trust = group_trust(partition, account, path, mfa_within_seconds, members)
        super().__init__(scope, construct_id, trust=(trust,), **role)
        self._literal_arn = role_arn(partition=partition, account=account, path=path, name=role["name"])
        self._mfa_within_seconds = mfa_within_seconds

    def assume_statement(self, until: date | None = None) -> Statement:
        """Give the group's side: its members may assume this role, perhaps until a last day in UTC."""
        return assume_statement(
            role_arn=self._literal_arn, mfa_within_seconds=self._mfa_within_seconds, until=until
        )
