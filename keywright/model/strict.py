"""What every declared thing has in common: unknown keys are mistakes, values never change once read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
