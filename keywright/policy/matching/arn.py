"""ARNs and their patterns: five leading fields that match one by one, then the rest as one string."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeVar

from keywright.policy.matching.context import MAYBE, NO, Missing, Truth, truth
from keywright.policy.matching.memoize import memoized
from keywright.policy.matching.patterns import Glob
from keywright.policy.matching.variables import has_variable, substitute, tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from keywright.policy.matching.context import Context
    from keywright.policy.matching.variables import Token


FIELDS = 6
Fields = tuple[str, ...]
Other = TypeVar("Other")


def split_arn(text: str) -> Fields:
    """Split at the first five colons; an ARN has six fields, anything else fewer or another beginning."""
    return tuple(text.split(":", FIELDS - 1))


@dataclass(frozen=True, slots=True)
class Arn:
    """One resource or principal; fields as written, so `account` may be empty (a bucket has none in its ARN)."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn | None:
        """Read an ARN; None for any other text."""
        fields = split_arn(text)
        return cls(*fields[1:]) if len(fields) == FIELDS and fields[0] == "arn" else None

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


@dataclass(frozen=True)
class ArnPattern:
    """A pattern of `Resource`, `NotResource` or the Arn operators: an ARN with wildcards and variables.

    The last field of a shorter pattern (such as `*`) matches the whole rest.
    """

    text: str
    knows_variables: bool = True

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The pattern's tokens."""
        return tokens(self.text, self.knows_variables)

    @cached_property
    def has_variables(self) -> bool:
        """Whether the pattern depends on the request."""
        return has_variable(self.tokens)

    @cached_property
    def fields(self) -> tuple[tuple[Token, ...], ...]:
        """The pattern's pieces by ARN field; a colon within `${…}` separates nothing."""
        return split_tokens(self.tokens)

    @cached_property
    def head(self) -> str:
        """The literal beginning of every text the pattern covers."""
        first = self.tokens[0] if self.tokens else ""
        return first if isinstance(first, str) else ""

    @cached_property
    def globs(self) -> tuple[Glob, ...] | None:
        """One pattern a field; None when a variable has yet to be resolved."""
        if self.has_variables:
            return None
        return tuple(Glob.of(field) for field in self.fields)  # type: ignore[arg-type]

    @cached_property
    def covers(self) -> Callable[[str], bool]:
        """Tell whether a pattern without variables covers a resource."""
        return matcher(self.globs or ())

    def match(self, resource: str, context: Context) -> Truth:
        """Tell whether the pattern covers a resource, with the request's values for variables.

        A variable without a value covers nothing.
        """
        if not self.has_variables:
            return truth(self.covers(resource))
        if not resource.startswith(self.head):
            return NO
        globs = self.resolved(context)
        if isinstance(globs, Missing):
            return NO if globs is Missing.ABSENT else MAYBE
        return truth(matcher(globs)(resource))

    def resolved(self, context: Context) -> tuple[Glob, ...] | Missing:
        """Give one pattern a field with the request's values written in, or why that can't be done."""
        found = [substitute(field, context) for field in self.fields]
        missing = [each for each in found if isinstance(each, Missing)]
        if missing:
            return Missing.ABSENT if Missing.ABSENT in missing else missing[0]
        return tuple(Glob.of(each) for each in found if not isinstance(each, Missing))


@memoized
def arn_pattern(text: str, knows_variables: bool = True) -> ArnPattern:  # noqa: FBT001, FBT002 - cached by position
    """Give the one pattern of a text, its parts computed once."""
    return ArnPattern(text, knows_variables)


def split_tokens(parts: tuple[Other | str, ...]) -> tuple[tuple[Other | str, ...], ...]:
    """Split a pattern (strings and whatever else) into at most six ARN fields."""
    fields: list[list[Other | str]] = [[]]
    for part in parts:
        if not isinstance(part, str) or len(fields) == FIELDS:
            fields[-1].append(part)
            continue
        head, *rest = part.split(":", FIELDS - len(fields))
        fields[-1].append(head)
        fields.extend([piece] for piece in rest)
    return tuple(tuple(piece for piece in field if piece) for field in fields)


def matcher(globs: tuple[Glob, ...]) -> Callable[[str], bool]:
    """Make the test of an ARN pattern given a pattern for each field."""
    if all(glob.literal is not None for glob in globs[:-1]):
        return whole(globs).matches  # literal leading fields hold the last one in its place
    tests = tuple(glob.matches for glob in globs)
    colons = len(globs) - 1

    def covers(resource: str) -> bool:
        fields = resource.split(":", colons)
        return len(fields) == len(tests) and all(
            test(field) for test, field in zip(tests, fields, strict=True)
        )

    return covers


def whole(globs: tuple[Glob, ...]) -> Glob:
    """Join the patterns of fields to one of the whole text, in which a leading `*` may match colons."""
    parts = list(globs[0].parts) if globs else []
    for glob in globs[1:]:
        parts += [":", *glob.parts]
    return Glob.of(parts)


@lru_cache(maxsize=1024)
def partition_of(region: str) -> str:
    """Give a region's partition, the second field of its ARNs ("Amazon Resource Names (ARNs)", IAM User Guide)."""
    prefixes = {
        "cn-": "aws-cn",
        "us-gov-": "aws-us-gov",
        "us-iso-": "aws-iso",
        "us-isob-": "aws-iso-b",
        "eu-isoe-": "aws-iso-e",
        "us-isof-": "aws-iso-f",
        "eusc-": "aws-eusc",
    }
    return next((partition for prefix, partition in prefixes.items() if region.startswith(prefix)), "aws")
