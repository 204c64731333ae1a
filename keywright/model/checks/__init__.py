"""What no single declared thing can know of itself: references, quotas, look-alikes, dates, files beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.checks import ends

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from keywright.finding import Finding
    from keywright.model.draft import Draft

_CHECKS: tuple[Callable[[Draft], Iterator[Finding]], ...] = (ends.check,)


def check(draft: Draft) -> list[Finding]:
    """Give the findings of all checks, in no particular order."""
    return [finding for one in _CHECKS for finding in one(draft)]
