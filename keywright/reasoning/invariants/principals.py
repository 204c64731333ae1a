"""Principals with their policies, and resource-based policies with their targets, as invariants need them.

A statement about `*` in the policy of a queue is about that queue. Where a policy matters for what it allows,
it is read as widely as possible; where it matters for what it denies, as narrowly as is certain.
"""

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
    """A user or role (by ARN) with its policies; `trust` is the trust policy of a role.

    The documents are the most that may apply; `at_least` has those that certainly apply, where only the
    deployment decides. `doubt` describes further policies that may apply but are not known.
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
        """The policies that decide about its requests."""
        return Policies(identity=self.identity, boundary=self.boundary, service_control=self.service_control)

    @property
    def surely(self) -> PrincipalPolicies:
        """The same principal with only the policies that certainly apply."""
        return self.at_least or self

    @property
    def account(self) -> str:
        """The account of the principal."""
        return principal(self.arn).account


_BELOW = ("/", ":")
"""What separates an ARN from the ARN of a part of it: an object, an index, a version."""


@dataclass(frozen=True, eq=False)
class AttachedPolicy:
    """A resource-based policy on `targets` (ARNs) that `owner` (an account, empty if not known) owns.

    `at_least` is the part of it that is certain, where only the deployment decides about the rest.
    """

    document: Document
    targets: tuple[str, ...] = ()
    owner: str = ""
    at_least: Document | None = field(default=None)

    def is_on(self, resource: str) -> bool:
        """Return whether the policy is attached to a resource, or to one that contains it."""
        return any(resource == each or resource.startswith(_below(each)) for each in self.targets)

    def at_most_allowing(self) -> Document:
        """Return the document with everything that it may allow and only what it certainly denies."""
        return self._held(self.document, wide=Effect.ALLOW)

    def at_least_allowing(self) -> Document:
        """Return the document with only what it certainly allows and everything that it may deny."""
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
