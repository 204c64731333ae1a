"""Places as a reader wants them: files of an assembly by their names in it, wherever it was read from."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from keywright.reporting.finding import Finding, Location

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keywright.review.change import Review


def shortened(review: Review, folders: Sequence[str]) -> Review:
    """Leave folders out of all places of a review."""
    starts = tuple(f"{each}/" for each in folders if each)
    found: Review = _shortened(review, starts)
    return found


def _shortened(value: Any, starts: tuple[str, ...]) -> Any:
    if isinstance(value, Location):
        file = next(
            (value.file.removeprefix(each) for each in starts if value.file.startswith(each)), value.file
        )
        return value if file == value.file else replace(value, file=file)
    if isinstance(value, str):
        return next((value.removeprefix(each) for each in starts if value.startswith(each)), value)
    if isinstance(value, tuple):
        return tuple(_shortened(each, starts) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            each.name: _shortened(getattr(value, each.name), starts)
            for each in fields(value)
            if each.init and isinstance(getattr(value, each.name), tuple | Location | Finding)
        }
        return replace(value, **changed) if changed else value
    return value
