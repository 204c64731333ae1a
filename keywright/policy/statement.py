"""Policy statements and documents as values, with the element names of the IAM JSON policy language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from keywright.policy.conditions import Condition, conditions_of
from keywright.policy.matching.arn import ArnPattern, arn_pattern
from keywright.policy.matching.context import NO, YES, Truth, negation
from keywright.policy.matching.patterns import ActionPattern, action_pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from keywright.policy.matching.context import Context


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
        """The conditions, all of which must be met."""
        return conditions_of(self.conditions, knows_variables=self.knows_variables)

    @cached_property
    def covers_action(self) -> Callable[[str], bool]:
        """Tell whether `Action` or `NotAction` covers an action *in lower case*."""
        return _covering(self.actions or self.not_actions, not self.not_actions)

    def covers_resource(self, resource: str, context: Context) -> Truth:
        """Tell whether `Resource` or `NotResource` covers a resource; without either, its own.

        A value with a variable that has no value matches no resource, in either element.
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
        """Tell whether every condition is met."""
        found = YES
        for test in self.condition_tests:
            found = min(found, test.holds(context))
            if found is NO:
                break
        return found

    def to_json(self) -> dict[str, Any]:
        """Give the statement as JSON; a single value is a string, several are a list."""
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


_ACTIONS_REMEMBERED = 64
UNKNOWN_ACTION = "unheard-of:Action"
"""An action of no pattern in particular."""


class Kind(StrEnum):
    """The type of a policy, which decides what AWS accepts in it.

    Boundaries, session policies and service control policies are written like identity-based ones, resource control
    policies like resource-based ones.
    """

    IDENTITY = "identity"
    RESOURCE = "resource"
    TRUST = "trust"


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of a document that could not be understood; it may allow or deny anything."""

    pointer: str
    reason: str


@dataclass(frozen=True)
class Document:
    """A policy document. `file` and the statements' pointers are its location; they do not count in comparisons.

    `unread` has what could not be understood: whoever evaluates the document must not treat it as complete.
    """

    statements: tuple[Statement, ...]
    version: str = VERSION_WITH_VARIABLES
    id: str = ""
    kind: Kind = field(default=Kind.IDENTITY, compare=False)
    file: str = field(default="", compare=False)
    unread: tuple[Unread, ...] = field(default=(), compare=False)

    @cached_property
    def concerning(self) -> Callable[[str], tuple[Statement, ...]]:
        """Give the statements that cover an action *in lower case*; the latest actions are cached."""
        known: dict[str, tuple[Statement, ...]] = {}

        def concerning(action: str) -> tuple[Statement, ...]:
            found = known.get(action)
            if found is None:
                if len(known) >= _ACTIONS_REMEMBERED:
                    known.clear()
                found = known[action] = tuple(each for each in self.statements if each.covers_action(action))
            return found

        return concerning

    @cached_property
    def allows_unknown_actions(self) -> bool:
        """Tell whether an Allow covers an action that does not exist yet: all actions, or all but some."""
        return any(
            each.effect is Effect.ALLOW and each.covers_action(UNKNOWN_ACTION.lower())
            for each in self.statements
        )

    def only(self, effect: Effect) -> Document:
        """Give the document with the statements of one effect alone."""
        return replace(self, statements=tuple(each for each in self.statements if each.effect is effect))

    def to_json(self) -> dict[str, Any]:
        """Give the document as JSON, without what was not understood."""
        head: dict[str, Any] = {"Version": self.version}
        if self.id:
            head["Id"] = self.id
        return head | {"Statement": [statement.to_json() for statement in self.statements]}
