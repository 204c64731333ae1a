"""The base class of declared things, and unions of several kinds of things.

Unknown keys and conversions are mistakes, and values never change once read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from keywright.model.fields.text import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


MISTAKE = "mistake"
"""The type of a validation error that carries a `Mistake`'s parts as its context."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a declared thing by itself.

    `at` is a key of the thing or a path from it; empty for the thing as a whole. In `message`, `{owner}` stands for
    the name of the declared thing, such as user `alice`. In `accepted`, `{nearest}` stands for the declared things of
    `kinds` whose names are most similar to the value.
    """

    message: str
    found: str = ""
    accepted: str = ""
    at: str | tuple[str | int, ...] = ()
    kinds: tuple[str, ...] = ()


class Strict(BaseModel):
    """A declared thing; refuses unknown keys, silent conversions and contradictions."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        validate_by_alias=True,
        validate_by_name=True,
        # Validators are built when a type is first used, because most commands need few of them.
        defer_build=True,
    )
    texts_of_keys: ClassVar[Mapping[str, str]] = {}
    """What the keys mean, for the JSON Schema, where a type is made from data; else their docstrings state it."""

    def changed_fields(self) -> list[str]:
        """List the fields whose value is not their default, whether or not they were written."""
        fields = type(self).model_fields.items()
        return [
            name
            for name, field in fields
            if getattr(self, name) != field.get_default(call_default_factory=True)
        ]

    def mistakes(self) -> Iterable[Mistake]:
        """Report contradictions between fields, each of which is well formed by itself."""
        return ()

    @model_validator(mode="after")
    def _refuse_mistakes(self) -> Strict:
        errors = [_as_error(mistake, self) for mistake in self.mistakes()]
        if errors:
            # pydantic adds the paths in this error to its own, so that each mistake is reported at its key.
            raise ValidationError.from_exception_data(type(self).__name__, errors)
        return self


def _as_error(mistake: Mistake, value: Strict) -> InitErrorDetails:
    parts: Mapping[str, Any] = {
        "message": mistake.message,
        "found": mistake.found,
        "accepted": mistake.accepted,
        "kinds": mistake.kinds,
    }
    error = PydanticCustomError(MISTAKE, "{message}; found {found}; accepted: {accepted}", dict(parts))
    at = (mistake.at,) if isinstance(mistake.at, str) else mistake.at
    return InitErrorDetails(type=error, loc=at, input=value)


def only_existing(thing: Strict) -> Iterator[Mistake]:
    """Refuse other fields of an existing thing: it would have to be changed for them."""
    existing = getattr(thing, "existing", None)
    for key in thing.changed_fields():
        if key != "existing":
            accepted = f"`{'existing: true' if existing is True else 'existing'}` without `{key}`"
            yield Mistake("{owner} exists already and is never changed", f"`{key}`", accepted, key)


def repetitions(
    key: str, names: Sequence[str], *inner: str, at: tuple[str | int, ...] = ()
) -> Iterator[Mistake]:
    """Report items that a list contains twice; `inner` leads from an item to its name, `at` to the list."""
    for index, name in enumerate(names):
        if name in names[:index]:
            place = (*(at or (key,)), index, *inner)
            yield Mistake(f"`{key}` of {{owner}} lists an item twice", f"`{name}`", "each once", place)


MARK = "\0"
"""Starts the tag of a kind in a union, so that it never equals a key in YAML."""


def kind_tag(key: str) -> str:
    """Give the tag of the kind that has this key."""
    return MARK + key


def tag_of(value: Any, kinds: Mapping[str, type[Strict]]) -> str | None:
    """Give the tag of a value's kind; none unless it has exactly one of the kinds' keys."""
    if isinstance(value, Mapping):
        keys = [key for key in kinds if key in value]
    else:
        # A value that was made in Python, not read from YAML.
        keys = [key for key, kind in kinds.items() if isinstance(value, kind)]
    return kind_tag(keys[0]) if len(keys) == 1 else None


MOST = 200
"""The most items of one list."""

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
    """Give a tuple also for a single text."""
    return (value,) if isinstance(value, str) else value


class Reasoned(Strict):
    """An exception to good practice, with its reason."""

    because: Reason
    """Why it is needed; a sentence for the reviewer."""
