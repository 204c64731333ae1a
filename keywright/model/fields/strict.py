"""What every declared thing has in common: unknown keys are mistakes, values never change once read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from keywright.model.fields.text import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


MISTAKE = "mistake"
"""The type of a validation error that carries a `Mistake`'s parts as its context."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a declared thing by itself.

    `at` leads to where it shows, a key or a path from here; empty for the thing as a whole. In `message`, `{owner}` stands for the thing's
    name as its reader knows it, such as user `alice`.
    """

    message: str
    found: str = ""
    accepted: str = ""
    at: str | tuple[str | int, ...] = ()


class Strict(BaseModel):
    """A declared thing; refuses unknown keys, silent conversions and contradictions."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        validate_by_alias=True,
        validate_by_name=True,
        defer_build=True,
    )
    texts_of_keys: ClassVar[Mapping[str, str]] = {}
    """What the keys mean, for the JSON Schema, where a type is made from data; else their docstrings state it."""

    def said(self) -> list[str]:
        """Name the fields that say something other than their default, whether or not they were written."""
        fields = type(self).model_fields.items()
        return [
            name
            for name, field in fields
            if getattr(self, name) != field.get_default(call_default_factory=True)
        ]

    def mistakes(self) -> Iterable[Mistake]:
        """Say what contradicts itself although each field is well formed; all of it, not the first alone."""
        return ()

    @model_validator(mode="after")
    def _hold_together(self) -> Strict:
        errors = [_as_error(mistake, self) for mistake in self.mistakes()]
        if errors:
            raise ValidationError.from_exception_data(type(self).__name__, errors)
        return self


def _as_error(mistake: Mistake, value: Strict) -> InitErrorDetails:
    parts: Mapping[str, Any] = {
        "message": mistake.message,
        "found": mistake.found,
        "accepted": mistake.accepted,
    }
    error = PydanticCustomError(MISTAKE, "{message}; found {found}; accepted: {accepted}", dict(parts))
    at = (mistake.at,) if isinstance(mistake.at, str) else mistake.at
    return InitErrorDetails(type=error, loc=at, input=value)


def says_only_existing(thing: Strict) -> Iterator[Mistake]:
    """Refuse what an existing thing says beyond that: we would have to change it to make it true."""
    existing = getattr(thing, "existing", None)
    for key in thing.said():
        if key != "existing":
            way_on = f"`{'existing: true' if existing is True else 'existing'}` without `{key}`"
            yield Mistake("{owner} exists already and is never changed", f"`{key}`", way_on, key)


MARK = "\0"
"""Starts a kind's tag, so that no key of a YAML file is ever mistaken for one."""


def kind_tag(key: str) -> str:
    """Give the tag of the kind that has this key."""
    return MARK + key


def tag_of(value: Any, kinds: Mapping[str, type[Strict]]) -> str | None:
    """Tell the kind of a value; none when it has not exactly one of the kinds' keys."""
    if isinstance(value, Mapping):
        keys = [key for key in kinds if key in value]
    else:
        keys = [key for key, kind in kinds.items() if isinstance(value, kind)]
    return kind_tag(keys[0]) if len(keys) == 1 else None


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


class Argued(Strict):
    """An exception to good practice, and why it is made."""

    because: Reason
    """Why nothing better will do; a sentence for the reviewer."""
