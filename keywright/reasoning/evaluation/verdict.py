"""Verdicts of policy evaluation: a type for each outcome, with the statements or the reason that decided."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keywright.policy.statement import Statement


class Layer(StrEnum):
    """The kinds of policy that take part in an evaluation, with AWS's names."""

    IDENTITY = "identity-based policy"
    RESOURCE = "resource-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    SERVICE_CONTROL = "service control policy"
    RESOURCE_CONTROL = "resource control policy"


@dataclass(frozen=True, slots=True)
class Ground:
    """A statement that decided: its kind of policy, and the number of the policy among its kind."""

    layer: Layer
    index: int
    statement: Statement

    def __str__(self) -> str:
        where = self.statement.pointer or "statement"
        named = f" `{self.statement.sid}`" if self.statement.sid else ""
        number = f" {self.index + 1}" if self.layer not in _SINGLE else ""
        return f"{self.layer}{number} {where}{named}"


_SINGLE = frozenset({Layer.RESOURCE, Layer.BOUNDARY})


@dataclass(frozen=True, slots=True)
class Allowed:
    """The request is allowed by these statements together, or by a documented rule that `reason` names."""

    grounds: tuple[Ground, ...] = ()
    reason: str = ""
    name = "allowed"

    @property
    def because(self) -> str:
        """Describe what decided."""
        rule = (self.reason,) if self.reason else ()
        return " and ".join((*rule, *(f"{ground} allows" for ground in self.grounds)))


@dataclass(frozen=True, slots=True)
class ExplicitlyDenied:
    """A statement denies the request; no allow overrides it."""

    grounds: tuple[Ground, ...]
    name = "explicitly-denied"

    @property
    def because(self) -> str:
        """Describe what decided."""
        return " and ".join(f"{ground} denies" for ground in self.grounds)


@dataclass(frozen=True, slots=True)
class ImplicitlyDenied:
    """Nothing denies the request, but an allow that it needs is missing."""

    reason: str
    name = "implicitly-denied"

    @property
    def because(self) -> str:
        """Describe what is missing."""
        return self.reason


@dataclass(frozen=True, slots=True)
class Undecided:
    """What is known is not enough to decide; this must never be counted as a pass.

    `is_denied` says that the request is denied in any case, and that only the kind of denial is open.
    """

    reason: str
    grounds: tuple[Ground, ...] = ()
    is_denied: bool = False
    name = "undecided"

    @property
    def because(self) -> str:
        """Describe what is not known."""
        return self.reason


Verdict = Allowed | ExplicitlyDenied | ImplicitlyDenied | Undecided
