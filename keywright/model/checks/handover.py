"""Somebody is left to hand first passwords over when others leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.checks.emergency import has_lasting_person
from keywright.reporting.finding import Severity
from keywright.reporting.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.reporting.finding import Finding


def check(draft: Draft) -> Iterator[Finding]:
    """Warn of a handover group of ours in which nobody stays, where somebody gets a first password."""
    handover = draft.account.handover if draft.account else None
    newcomers = [name for name, user in draft.users.items() if user.person is not None and user.console]
    group = draft.groups.get(handover) if handover else None
    if handover is None or group is None or group.existing or not newcomers:
        return
    if not has_lasting_person(draft, handover):
        yield draft.finding(
            f"nobody who stays is in group `{handover}`, which hands over first passwords",
            f"`console: true` of {listed(newcomers[:3])}",
            f"a person with `console: true` in `{handover}`, who stays",
            at=("account", "handover"),
            severity=Severity.WARNING,
        )
