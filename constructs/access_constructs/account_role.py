"""A role for another account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from access_constructs.access_role import AccessRole
from keywright.statements.trusts.accounts import account_trust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from access_constructs.role_arguments import RoleArguments


class AccountRole(AccessRole):
    """A role for one other account: exactly one of `external_id` (software) and `mfa_within_seconds` (people).

    For an account of one's own `organization`, named `role_arns` of it will do instead; see `account_trust`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        partition: str,
        account: str,
        external_id: str | None = None,
        mfa_within_seconds: int | None = None,
        role_arns: Sequence[str] = (),
        organization: str | None = None,
        **role: Unpack[RoleArguments],
    ) -> None:
        trust = account_trust(
            partition=partition,
            account=account,
            external_id=external_id,
            mfa_within_seconds=mfa_within_seconds,
            role_arns=role_arns,
            organization=organization,
        )
        super().__init__(scope, construct_id, trust=(trust,), **role)
