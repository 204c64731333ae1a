"""Invariants about what has ended: of what is not there nothing can be asked, and it can't break anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from keywright.model.invariant import Invariant
from keywright.model.one_or_more import several

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

Bound = TypeVar("Bound", bound=Invariant)
_NAMING = ("who", "on", "excepting")
_NEEDED = ("who", "on")


def without_ended(invariants: tuple[Bound, ...], ended: Collection[str]) -> Iterator[Bound]:
    """Give the invariants without the names of `ended` things, such as `role/vendor`; those about nothing else go."""
    for invariant in invariants:
        said = {key: getattr(invariant, key, ()) for key in _NAMING}
        kept = {
            key: tuple(each for each in several(value) if each not in ended) for key, value in said.items()
        }
        changed = {key: kept[key] for key, value in said.items() if kept[key] != several(value)}
        if all(kept[key] for key in _NEEDED):
            yield invariant.model_copy(update=changed) if changed else invariant
