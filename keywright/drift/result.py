"""The result of a comparison, which every report renders."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from keywright.reporting.exit_codes import exit_code_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.reporting.finding import Location
    from keywright.review.result import Change


class Direction(StrEnum):
    """What a difference does to access, the most serious first."""

    MORE = "can do more"
    LIMIT = "is no longer limited"
    UNDECLARED = "is not declared"
    UNDECIDED = "undecided"
    LESS = "can do less"
    SAME = "differs without a change of access"

    @property
    def rank(self) -> int:
        """Give the place in the order of a report."""
        return list(Direction).index(self)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that differs: what the account has (`found`), and what is declared (`accepted`).

    `keep` says what to declare if it should stay, `repair` which command or step restores what is declared; both may be
    empty. `place` is in the snapshot.
    """

    message: str
    found: str = ""
    accepted: str = ""
    direction: Direction = Direction.SAME
    keep: str = ""
    repair: str = ""
    place: Location | None = None
    is_certain: bool = True
    """Whether it certainly differs, and not only in words that may mean the same."""


@dataclass(frozen=True, kw_only=True)
class Drift:
    """One identity or policy that differs. `changes` are those of its access and trust policy, from declared to found.

    `affects` names others whose access changes with it: the members of a group, the holders of a policy.
    """

    name: str
    arn: str
    direction: Direction
    differences: tuple[Difference, ...] = ()
    changes: tuple[Change, ...] = ()
    affects: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    declared: Location | None = None
    is_pending: bool | None = None
    """Whether the next deployment changes the resource, because its template was edited since; None if that is not known."""

    @property
    def is_certain(self) -> bool:
        """Tell whether something certainly differs, even if its effect on access is undecided."""
        return bool(self.changes) or any(each.is_certain for each in self.differences)

    @property
    def order(self) -> tuple[object, ...]:
        """Sort key: direction, then the access gained or lost, then the name."""
        weight = min((each.weight for each in self.changes), default=(9, 0, 0, ""))
        return (self.direction.rank, weight, self.name)


@dataclass(frozen=True, kw_only=True)
class DriftReport:
    """All drift of one account.

    `compared` and `rewritten` count identities and policies: all that were compared, and those whose policies are written
    in another way and allow the same (proved). `undecided` are open questions beside those of a single identity, such as
    parts of the account that could not be read. `read_at` is when the account was read, `notes` are for people.
    """

    account: str
    drifts: tuple[Drift, ...] = ()
    compared: int = 0
    rewritten: int = 0
    read_at: str = ""
    undecided: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    names: Mapping[str, str]
    """The names of identities by ARN."""

    @property
    def certain(self) -> tuple[Drift, ...]:
        """The drift that is certain."""
        return tuple(each for each in self.drifts if each.is_certain)

    @property
    def open_questions(self) -> int:
        """How many questions are undecided."""
        return len(self.undecided) + sum(len(each.undecided) for each in self.drifts)

    @property
    def exit_code(self) -> int:
        """0 no drift, 1 drift, 3 undecided."""
        return exit_code_for(findings=self.certain, undecided=self.open_questions)

    def of(self, direction: Direction) -> tuple[Drift, ...]:
        """Give the drift of one direction."""
        return tuple(each for each in self.drifts if each.direction is direction)
