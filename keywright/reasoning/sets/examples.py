"""Realistic example texts: what replaces wildcards and placeholders where any value would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.policy.matching.patterns import ANY, ONE
from keywright.policy.matching.variables import Variable
from keywright.reasoning.sets.languages import LEADING_FIELDS, SEPARATOR, Dialect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.policy.matching.variables import Token
    from keywright.reasoning.sets.languages import Language

EXAMPLE = "example"
ACCOUNT = "123456789012"
REGION = "us-east-1"
PARTITION = "aws"
_PARTITION_FIELD, _REGION_FIELD, _ACCOUNT_FIELD = 1, 3, 4

LIKELY_VALUES: dict[str, tuple[str, ...]] = {
    "aws:securetransport": ("true", "false"),
    "aws:multifactorauthpresent": ("true", "false"),
    "aws:viaawsservice": ("false", "true"),
    "aws:principalisawsservice": ("false", "true"),
    "aws:requestedregion": (REGION, "eu-central-1"),
    "aws:sourceip": ("203.0.113.10", "198.51.100.10"),
    "aws:sourceaccount": (ACCOUNT,),
    "aws:resourceaccount": (ACCOUNT,),
    "aws:principalaccount": (ACCOUNT,),
    "aws:useragent": ("aws-cli/2",),
    "aws:multifactorauthage": ("60",),
    "aws:currenttime": ("2026-01-01T00:00:00Z",),
    "aws:epochtime": ("1767225600",),
}
"""Values to try first, by condition key (in lower case)."""


@dataclass(frozen=True, slots=True)
class ExampleValues:
    """The example values for the fields of an ARN and for names."""

    account: str = ACCOUNT
    region: str = REGION
    name: str = EXAMPLE


def example_text(each: Language, examples: ExampleValues) -> str:
    """Return a text of the pattern; a variable counts as a wildcard."""
    made: list[str] = []
    field, last = 0, None
    for token in each.tokens:
        if isinstance(token, str):
            made.append(token)
            field += token.count(SEPARATOR)
        else:
            in_arn = each.dialect is Dialect.ARN and field < LEADING_FIELDS
            if token is ANY and last is ONE:
                made.pop()
            made.append(_field(field, token, examples) if in_arn else _name(token, examples))
        last = token
    return "".join(made)


def _field(field: int, token: Token, examples: ExampleValues) -> str:
    if token is ONE:
        return "1"
    known = {_PARTITION_FIELD: PARTITION, _REGION_FIELD: examples.region, _ACCOUNT_FIELD: examples.account}
    return known.get(field, "")


def _name(token: Token, examples: ExampleValues) -> str:
    return examples.name if token is ANY or isinstance(token, Variable) else "x"


def likely_texts(each: Language, examples: ExampleValues) -> Iterator[str]:
    """Yield texts of the pattern, the most likely first."""
    if each.literal is not None:
        yield each.literal
        return
    yield example_text(each, examples)
    yield example_text(each, ExampleValues(examples.account, "", examples.name))
    yield example_text(each, ExampleValues("", "", examples.name))
    yield example_text(each, ExampleValues(examples.account, examples.region, ""))
