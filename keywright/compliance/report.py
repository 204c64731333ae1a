"""What a report says beside the controls: of which framework, of what, on which day, and how many stand how."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.compliance.answer import Status

if TYPE_CHECKING:
    from datetime import date

    from keywright.compliance.answer import Judged
    from keywright.compliance.framework import Framework

ORDER = (
    Status.NOT_MET,
    Status.UNDECIDED,
    Status.PARTLY,
    Status.BY_HAND,
    Status.DECLARED,
    Status.ENFORCED,
)
"""How a reader meets them: what needs doing first."""
SCOPE = (
    "Judged is what these declarations and templates hold. Who else is in the account, no template says:"
    " look with the commands of each control, and with `keywright verify`."
)


@dataclass(frozen=True)
class Report:
    """A framework's controls as they stand for an account; `of` names what was looked at."""

    framework: Framework
    of: tuple[str, ...]
    today: date
    controls: tuple[Judged, ...]

    def standing(self, status: Status) -> tuple[Judged, ...]:
        """Return the controls that stand so."""
        return tuple(each for each in self.controls if each.status is status)

    @property
    def counted(self) -> str:
        """Return how many stand how, what needs doing first."""
        count = Counter(each.status for each in self.controls)
        return ", ".join(f"{count[status]} {status}" for status in ORDER if count[status])
