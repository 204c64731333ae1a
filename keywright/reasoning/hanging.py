"""Policies that hang on resources, each held to what it hangs on.

A statement about `*` in a queue's policy is about that queue. Where a policy counts for what it allows it is read as
wide as it may be, where it counts for what it denies as narrow as it surely is.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from keywright.policy.statement import Effect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.policy.statement import Document, Statement

_BELOW = ("/", ":")
"""What stands between an ARN and what is part of it: an object, an index, a version."""


@dataclass(frozen=True, eq=False)
class Hanging:
    """A policy that names principals. `targets` are ARNs, `owner` the account that owns them, empty where unknown.

    `at_least` is the least that it may come to, where only the deployment knows all of it.
    """

    document: Document
    targets: tuple[str, ...] = ()
    owner: str = ""
    at_least: Document | None = field(default=None)

    def is_on(self, resource: str) -> bool:
        """Tell whether it hangs on a resource, or on what that is part of."""
        return any(resource == each or resource.startswith(_below(each)) for each in self.targets)

    def at_most_allowing(self) -> Document:
        """Give it with all that it may allow and what it surely denies."""
        return self._held(self.document, wide=Effect.ALLOW)

    def at_least_allowing(self) -> Document:
        """Give it with what it surely allows and all that it may deny."""
        return self._held(self.at_least or self.document, wide=Effect.DENY)

    def _held(self, document: Document, *, wide: Effect) -> Document:
        statements = (
            found
            for each in document.statements
            for found in [self._on_targets(each, is_wide=each.effect is wide)]
            if found is not None
        )
        return replace(document, statements=tuple(statements))

    def _on_targets(self, statement: Statement, *, is_wide: bool) -> Statement | None:
        everything = not statement.resources or "*" in statement.resources
        if statement.not_resources:
            everything = is_wide
            statement = replace(statement, not_resources=())
        if everything:
            own = tuple(self._whole())
            return replace(statement, resources=own or ("*",)) if own or is_wide else None
        if is_wide:
            return statement
        kept = tuple(each for each in statement.resources if self.is_on(each))
        return replace(statement, resources=kept) if kept else None

    def _whole(self) -> Iterator[str]:
        for each in self.targets:
            yield each
            yield from (f"{each}{sign}*" for sign in _BELOW)


def _below(arn: str) -> tuple[str, ...]:
    return tuple(f"{arn}{sign}" for sign in _BELOW)
