"""Users and roles with the policies in force for them, as proofs about everybody take them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright.policy.principals import principal
from keywright.reasoning.hearing import Levels, Policies

if TYPE_CHECKING:
    from keywright.policy.statement import Document


@dataclass(frozen=True)
class Holder:
    """A user or role, by its ARN, with the policies in force for it; `trust` is there for roles.

    The documents are the most that may be in force; `at_least` holds the same somebody with what surely is, where only
    the deployment knows. `doubt` names what may be in force beside, and is not known.
    """

    arn: str
    identity: tuple[Document, ...] = ()
    boundary: Document | None = None
    trust: Document | None = None
    service_control: Levels = ()
    at_least: Holder | None = field(default=None, compare=False)
    doubt: str = ""

    @property
    def policies(self) -> Policies:
        """What decides about its requests."""
        return Policies(identity=self.identity, boundary=self.boundary, service_control=self.service_control)

    @property
    def surely(self) -> Holder:
        """The same somebody with what is surely in force."""
        return self.at_least or self

    @property
    def account(self) -> str:
        """The account it is of."""
        return principal(self.arn).account
