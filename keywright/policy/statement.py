"""Policy statements as values: what AWS calls the elements of the JSON policy language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from keywright.policy.actions import ActionPattern, action_pattern
from keywright.policy.arn import ArnPattern, arn_pattern
from keywright.policy.conditions import Condition, conditions_of
from keywright.policy.truth import NO, YES, Truth, negation

if TYPE_CHECKING:
    from keywright.policy.context import Context

Conditions = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Operator to condition key to values, such as {"Bool": {"aws:MultiFactorAuthPresent": ("true",)}}."""

VERSION_WITH_VARIABLES = "2012-10-17"


class Effect(StrEnum):
    """Whether a statement allows or denies."""

    ALLOW = "Allow"
    DENY = "Deny"


@dataclass(frozen=True)
class Statement:
    """One statement. Of each pair (actions, not_actions …) at most one is non-empty.

    `principals` maps the kind (`AWS`, `Service`, `Federated`, `CanonicalUser`, `*`) to its values.
    A value may be a deploy-time token; it stays one string. `knows_variables` comes from the document's version.
    `pointer` is the statement's place in its document, as a JSON pointer; it does not count in comparison.
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
    knows_variables: bool = True
    pointer: str = field(default="", compare=False)

    @cached_property
    def action_patterns(self) -> tuple[ActionPattern, ...]:
        """The patterns of `Action` or `NotAction`."""
        return tuple(map(action_pattern, self.actions or self.not_actions))

    @cached_property
    def resource_patterns(self) -> tuple[ArnPattern, ...]:
        """The patterns of `Resource` or `NotResource`."""
        return tuple(arn_pattern(text, self.knows_variables) for text in self.resources or self.not_resources)

    @cached_property
    def condition_tests(self) -> tuple[Condition, ...]:
        """The conditions, all of which must hold."""
        return conditions_of(self.conditions, knows_variables=self.knows_variables)

    @cached_property
    def covers_action(self) -> Callable[[str], bool]:
        """Tell whether `Action` or `NotAction` covers an action *in lower case*."""
        return _covering(self.actions or self.not_actions, not self.not_actions)

    def covers_resource(self, resource: str, context: Context) -> Truth:
        """Tell whether `Resource` or `NotResource` covers a resource; a statement with neither covers its own.

        What holds a variable without a value matches no resource, in either element.
        """
        if self.not_resources:
            return negation(self._among(resource, context))
        return self._among(resource, context) if self.resources else YES

    def _among(self, resource: str, context: Context) -> Truth:
        found = NO
        for pattern in self.resource_patterns:
            found = max(found, pattern.match(resource, context))
            if found is YES:
                break
        return found

    def holds(self, context: Context) -> Truth:
        """Tell whether every condition holds."""
        found = YES
        for test in self.condition_tests:
            found = min(found, test.holds(context))
            if found is NO:
                break
        return found

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


@lru_cache(maxsize=4096)
def _covering(texts: tuple[str, ...], wanted: bool) -> Callable[[str], bool]:  # noqa: FBT001 - cached by position
    """Read `Action`, or `NotAction` where its patterns are not wanted; many statements are about the same actions."""
    lowered = {text.lower() for text in texts}
    literals = {text for text in lowered if "*" not in text and "?" not in text}
    tests = tuple(action_pattern(text).covers for text in lowered - literals)

    def covers(action: str) -> bool:
        return (action in literals or any(test(action) for test in tests)) is wanted

    return covers


def one_or_list(values: tuple[str, ...]) -> str | list[str]:
    """Write a set of values the way the policy language likes it."""
    return values[0] if len(values) == 1 else list(values)


def policy_document(*statements: Statement) -> dict[str, Any]:
    """Give a policy document of these statements, in the language version that knows variables."""
    return {
        "Version": VERSION_WITH_VARIABLES,
        "Statement": [statement.to_json() for statement in statements],
    }
