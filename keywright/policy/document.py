"""Policy documents: statements with the version that governs how they are read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from keywright.policy.statement import VERSION_WITH_VARIABLES, Effect, Statement

if TYPE_CHECKING:
    from collections.abc import Callable

_ACTIONS_REMEMBERED = 64
UNHEARD_OF = "unheard-of:Action"
"""An action of no pattern in particular."""


class Kind(StrEnum):
    """What a document hangs on, which decides what AWS takes in it.

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
    """A policy document. `file` and the statements' pointers say where they stand; they don't count in comparison.

    What could not be understood is in `unread`: whoever evaluates the document must not take it for complete.
    """

    statements: tuple[Statement, ...]
    version: str = VERSION_WITH_VARIABLES
    id: str = ""
    kind: Kind = field(default=Kind.IDENTITY, compare=False)
    file: str = field(default="", compare=False)
    unread: tuple[Unread, ...] = field(default=(), compare=False)

    @cached_property
    def concerning(self) -> Callable[[str], tuple[Statement, ...]]:
        """Give the statements that cover an action *in lower case*; some actions asked for are remembered."""
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
    def allows_the_unheard_of(self) -> bool:
        """Tell whether an Allow covers an action that nobody has heard of: all of them, or all but some."""
        return any(
            each.effect is Effect.ALLOW and each.covers_action(UNHEARD_OF.lower()) for each in self.statements
        )

    def only(self, effect: Effect) -> Document:
        """Give the document with the statements of one effect alone."""
        return replace(self, statements=tuple(each for each in self.statements if each.effect is effect))

    def to_json(self) -> dict[str, Any]:
        """Give the document as AWS reads it; what was not understood is missing from it."""
        head: dict[str, Any] = {"Version": self.version}
        if self.id:
            head["Id"] = self.id
        return head | {"Statement": [statement.to_json() for statement in self.statements]}
