"""An exception covers one finding, and one exception covers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.reporting.finding import Finding


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse a second exception to the same finding: the longer one would win unseen."""
    seen: dict[tuple[str, str, str | None], int] = {}
    for index, exception in draft.exceptions.items():
        first = seen.setdefault((exception.rule, exception.on, exception.finding), index)
        if first != index:
            there = draft.places.at("exceptions", first)
            yield draft.finding(
                f"a finding of {exception.rule} on `{exception.on}` is excepted twice",
                f"the first at {there}",
                "one of them",
                at=("exceptions", index),
                see=(there,),
            )
