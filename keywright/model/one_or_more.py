"""What may be written as one thing or as a list of things."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import Discriminator, Field, Tag

from keywright.model.kind import kind_tag

MOST = 200
"""Things of one list; more is no declaration."""

Thing = TypeVar("Thing")
_ONE, _SEVERAL = kind_tag("one"), kind_tag("several")


def _how_many(value: Any) -> str:
    return _SEVERAL if isinstance(value, list | tuple) else _ONE


OneOrMore = Annotated[
    Annotated[Thing, Tag(_ONE)]
    | Annotated[tuple[Thing, ...], Field(min_length=1, max_length=MOST), Tag(_SEVERAL)],
    Discriminator(_how_many),
]
"""One thing, or a list of at least one."""


def several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """Give a list, also of one."""
    return (value,) if isinstance(value, str) else value
