"""Policy documents and statements as values: what AWS calls the elements of the JSON policy language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Conditions = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Operator to condition key to values, such as {"Bool": {"aws:MultiFactorAuthPresent": ("true",)}}."""


class Effect(StrEnum):
    """Whether a statement allows or denies."""

    ALLOW = "Allow"
    DENY = "Deny"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. Of each pair (actions, not_actions …) at most one is non-empty.

    `principals` maps the kind (`AWS`, `Service`, `Federated`, `CanonicalUser`, `*`) to its values.
    A value may be a deploy-time token; it stays one string.
    """

    effect: Effect = Effect.ALLOW
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_principals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    conditions: Conditions = field(default_factory=dict)
    sid: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give the statement as AWS reads it; a single value stands alone, several stand in a list."""
        document: dict[str, Any] = {"Sid": self.sid} if self.sid else {}
        document["Effect"] = str(self.effect)
        for key, kinds in (("Principal", self.principals), ("NotPrincipal", self.not_principals)):
            if kinds:
                document[key] = (
                    "*"
                    if set(kinds) == {"*"}
                    else {kind: one_or_list(values) for kind, values in kinds.items()}
                )
        for key, values in (
            ("Action", self.actions),
            ("NotAction", self.not_actions),
            ("Resource", self.resources),
            ("NotResource", self.not_resources),
        ):
            if values:
                document[key] = one_or_list(values)
        if self.conditions:
            document["Condition"] = {
                operator: {key: one_or_list(values) for key, values in keys.items()}
                for operator, keys in self.conditions.items()
            }
        return document


def one_or_list(values: tuple[str, ...]) -> str | list[str]:
    """Write a set of values the way the policy language likes it."""
    return values[0] if len(values) == 1 else list(values)


def policy_document(*statements: Statement) -> dict[str, Any]:
    """Give a policy document of these statements, in the language version that knows variables."""
    return {"Version": "2012-10-17", "Statement": [statement.to_json() for statement in statements]}
