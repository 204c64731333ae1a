"""`existing:` - a thing that is referenced, and never created, changed or deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.strict import Mistake, Strict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


def says_only_existing(thing: Strict, *, besides: Collection[str] = ()) -> Iterator[Mistake]:
    """Refuse what an existing thing says beyond that: we would have to change it to make it true."""
    for key in sorted(thing.model_fields_set - {"existing", *besides}):
        yield Mistake(
            "{owner} exists already and is never changed",
            f"`{key}`",
            f"`existing: true` without `{key}`",
            key,
        )
