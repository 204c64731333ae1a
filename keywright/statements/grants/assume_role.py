"""The grant to assume one role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.statement import Conditions, Statement
from keywright.reporting.text import refusal
from keywright.statements.conditions import (
    external_id_condition,
    merge_conditions,
    mfa_condition,
    until_condition,
)

if TYPE_CHECKING:
    from datetime import date


def assume_statement(
    *,
    role_arn: str,
    mfa_within_seconds: int | None = None,
    external_id: str | None = None,
    until: date | None = None,
) -> Statement:
    """Allow assuming one role, of this account or another one, until a last day in UTC if one is given.

    People do so with MFA used at most `mfa_within_seconds` ago; software sends the `external_id` if the role requires one.
    A role of another account must trust this account too ("Cross-account policy evaluation logic", IAM User Guide).

    Raises:
        ValueError: The ARN is a pattern, both conditions are given, or one is malformed.
    """
    if {"*", "?"} & set(role_arn):
        raise refusal(
            "a grant to assume a role names one role",
            found=f"`{role_arn}`",
            accepted="an ARN without `*` and `?`",
        )
    # The console's Switch Role sends no external ID, and software has no MFA, so nothing could meet both
    # conditions.
    if mfa_within_seconds is not None and external_id is not None:
        raise refusal(
            f"role `{role_arn}` is assumed by people or by software",
            found="`mfa_within_seconds` and `external_id`",
            accepted="one of them",
        )
    mfa: Conditions = {} if mfa_within_seconds is None else mfa_condition(mfa_within_seconds)
    external: Conditions = {} if external_id is None else external_id_condition(external_id)
    return Statement(
        actions=("sts:AssumeRole",),
        resources=(role_arn,),
        conditions=merge_conditions(mfa, external, until_condition(until)),
    )
