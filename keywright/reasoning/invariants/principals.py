"""Users and roles with the policies in force for them, as proofs about everybody take them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from keywright.policy.principals import principal
from keywright.policy.statement import Effect
from keywright.reasoning.evaluation.policies import Levels, Policies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.policy.statement import Document, Statement


@dataclass(frozen=True)
class PrincipalPolicies:
    """A user or role, by its ARN, with the policies in force for it; `trust` is there for roles.

    The documents are the most that may be in force; `at_least` holds the same somebody with what surely is, where only
    the deployment knows. `doubt` names what may be in force beside, and is not known.
    """

    arn: str
    identity: tuple[Document, ...] = ()
    boundary: Document | None = None
    trust: Document | None = None
    service_control: Levels = ()
    at_least: PrincipalPolicies | None = field(default=None, compare=False)
    doubt: str = ""

    @property
    def policies(self) -> Policies:
        """What decides about its requests."""
        return Policies(identity=self.identity, boundary=self.boundary, service_control=self.service_control)

    @property
    def surely(self) -> PrincipalPolicies:
        """The same somebody with what is surely in force."""
        return self.at_least or self

    @property
    def account(self) -> str:
        """The account it is of."""
        return principal(self.arn).account


_BELOW = ("/", ":")
"""What stands between an ARN and what is part of it: an object, an index, a version."""


@dataclass(frozen=True, eq=False)
class AttachedPolicy:
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
