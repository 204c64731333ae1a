"""A role for another account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.access_role import AccessRole
from access_constructs.account_trust import account_trust

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct

    from keywright.policy.statement import Statement


class AccountRole(AccessRole):
    """A role for one other account: exactly one of `external_id` (software) and `mfa_within_seconds` (people)."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        path: str,
        boundary_arn: str | None,
        partition: str,
        account: str,
        session_seconds: int,
        statements: Sequence[Statement],
        external_id: str | None = None,
        mfa_within_seconds: int | None = None,
        managed_policy_arns: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
    ) -> None:
        trust = account_trust(
            partition=partition,
            account=account,
            external_id=external_id,
            mfa_within_seconds=mfa_within_seconds,
        )
        super().__init__(
            scope,
            construct_id,
            name=name,
            path=path,
            boundary_arn=boundary_arn,
            trust=(trust,),
            session_seconds=session_seconds,
            statements=statements,
            managed_policy_arns=managed_policy_arns,
            tags=tags,
        )
