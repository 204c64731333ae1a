"""What every role takes, beside whom it trusts: the arguments of `AccessRole` that constructs for one kind of trust hand on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keywright.policy.statement import Statement


class RoleArguments(TypedDict):
    """Each by its name; what is missing, or none of them, is an error of `mypy` and of the call."""

    name: str
    path: str
    boundary_arn: str | None
    session_seconds: int
    statements: Sequence[Statement]
    managed_policy_arns: NotRequired[Sequence[str]]
    tags: NotRequired[Mapping[str, str] | None]
