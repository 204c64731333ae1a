"""Text with a form of its own, which says in human words what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import CoreSchema, core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

SHAPE = "shape"
"""The type of the validation error of text that has not its form."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The form of a text: a linear-time regular expression and lengths, and how a person calls it.

    `what` completes "is not …", `accepted` completes "accepted: …".
    """

    what: str
    accepted: str
    pattern: str | None = None
    shortest: int | None = None
    longest: int | None = None
    strip: bool = False

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(
            pattern=self.pattern,
            min_length=self.shortest,
            max_length=self.longest,
            strip_whitespace=self.strip,
            strict=True,
        )
        return core_schema.custom_error_schema(
            text,
            custom_error_type=SHAPE,
            custom_error_message="is not {what}; accepted: {accepted}",
            custom_error_context={
                "what": self.what,
                "accepted": self.accepted,
                "pattern": self.pattern or "",
            },
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        written = handler(schema)
        written["description"] = f"{self.what[0].upper()}{self.what[1:]}; accepted: {self.accepted}"
        return written
