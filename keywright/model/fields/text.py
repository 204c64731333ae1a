"""Texts of a certain form, such as names and ids, each with a description for messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


SHAPE = "shape"
"""The type of the validation error of a text of another form."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The form of a text: a pattern and lengths, with its description for messages.

    `what` completes "is not …", `accepted` completes "accepted: …". The pattern runs in linear time, so that no text
    can make reading slow. `kinds` are those of declared things that it can name, such as `role` for `role/vendor`.
    """

    what: str
    accepted: str
    pattern: str | None = None
    shortest: int | None = None
    longest: int | None = None
    strip: bool = False
    kinds: tuple[str, ...] = ()

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema  # noqa: PLC0415 - guardrails read shapes without it

        text = core_schema.str_schema(
            pattern=self.pattern,
            min_length=self.shortest,
            max_length=self.longest,
            strip_whitespace=self.strip,
            strict=True,
        )
        # One error for pattern, length and type, so that a mistake is reported once.
        return core_schema.custom_error_schema(
            text,
            custom_error_type=SHAPE,
            custom_error_message="is not {what}; accepted: {accepted}",
            custom_error_context={
                "what": self.what,
                "accepted": self.accepted,
                "pattern": self.pattern or "",
                "kinds": self.kinds,
            },
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        written = handler(schema)
        written["description"] = f"{self.what[0].upper()}{self.what[1:]}; accepted: {self.accepted}"
        return written


LITERAL_BUT_SLASH = r"\x20-\x23\x25-\x29\x2b-\x2e\x30-\x3e\x40-\x7e\xa0-\xff"
LITERAL = rf"{LITERAL_BUT_SLASH}/"
"""The characters with no special meaning in policies: Latin 1 without `*`, `?` and `$` ("CreatePolicy", IAM API
Reference), for use between brackets in a regular expression."""

# 64 is the limit for users and roles; a group's name could have 128 characters.
IdentityName = Annotated[
    str,
    Shape(
        "a valid IAM name",
        "1 to 64 letters, digits and `+=,.@_-`",
        pattern=r"^[A-Za-z0-9+=,.@_-]{1,64}$",
    ),
]
"""A user's, group's or role's name ("IAM and AWS STS quotas", IAM User Guide)."""

DeclaredName = Annotated[
    str,
    Shape(
        "a valid name",
        "1 to 40 lower-case letters, digits and hyphens, a letter first",
        pattern=r"^[a-z][a-z0-9-]{0,39}$",
    ),
]
"""A bucket's, workload's or provider's name."""

AccountId = Annotated[
    str,
    Shape("an account number", 'twelve digits in quotes, such as `"111111111111"`', pattern=r"^[0-9]{12}$"),
]

Reason = Annotated[
    str,
    Shape("a reason", "a sentence of 10 to 500 characters", shortest=10, longest=500, strip=True),
]
"""A sentence for the reviewer."""

Reference = Annotated[
    str,
    Shape(
        "a declared thing",
        "`user/`, `group/`, `role/`, `workload/`, `policy/`, `bucket/`, `provider/` or `permissionset/` and its name",
        pattern=r"^(user|group|role|workload|policy|bucket|provider|permissionset)/[A-Za-z0-9+=,.@_-]{1,64}$",
        kinds=("user", "group", "role", "workload", "policy", "bucket", "provider", "permissionset"),
    ),
]
"""A declared thing by kind and name, such as `role/break-glass`."""


UnlistedName = Annotated[
    str,
    Shape(
        "an action or a condition key",
        "its exact text beside it, such as `s3:NewAction`",
        pattern=r"^[A-Za-z0-9*?.-]+:[A-Za-z0-9*?._:/+=@${} -]+$",
        longest=256,
    ),
]
"""An action or condition key that AWS's reference does not list; declared so, it is not taken for a misspelling."""


ExternalId = Annotated[
    str,
    Shape(
        "an external ID",
        "2 to 1224 letters, digits and `+=,.@:/_-`",
        pattern=r"^[A-Za-z0-9_+=,.@:/-]+$",
        shortest=2,
        longest=1224,
    ),
]


GitName = Annotated[
    str,
    Shape(
        "a branch or tag",
        "its exact name, such as `main`, without `*`, `?`, `$` and characters that git refuses",
        pattern=r"^[\x21-\x23\x25-\x29\x2b-\x39\x3b-\x3e\x40-\x5a\x5d\x5f-\x7d\xa1-\xff]+$",
        longest=255,
    ),
]


Uuid = Annotated[
    str,
    Shape(
        "a UUID",
        "such as `1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50`, in lower case and without braces",
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
    ),
]


Region = Annotated[
    str, Shape("a region", "such as `eu-central-1`", pattern=r"^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$", longest=30)
]


Audience = Annotated[
    str,
    Shape(
        "an audience",
        "1 to 255 characters without white space, `*` and `?`",
        pattern=r"^[^\s*?$]+$",
        longest=255,
    ),
]
"""The audience of a token, its `aud` claim."""
