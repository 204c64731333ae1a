"""`existing:` - a thing that is referenced, and never created, changed or deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.strict import Mistake, Strict

if TYPE_CHECKING:
    from collections.abc import Iterator


def says_only_existing(thing: Strict) -> Iterator[Mistake]:
    """Refuse what an existing thing says beyond that: we would have to change it to make it true."""
    existing = getattr(thing, "existing", None)
    for key in thing.said():
        if key != "existing":
            way_on = f"`{'existing: true' if existing is True else 'existing'}` without `{key}`"
            yield Mistake("{owner} exists already and is never changed", f"`{key}`", way_on, key)
