"""`exceptions:` — a finding that is accepted, for a reason, until a day."""

from __future__ import annotations

from keywright.model.strict import Day, Reason, Strict


class FindingException(Strict):
    """Covers exactly one finding of one rule at one place, until its last day."""

    rule: str
    on: str
    finding: str | None = None
    because: Reason
    until: Day
