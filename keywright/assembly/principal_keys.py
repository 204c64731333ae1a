"""Condition keys that are about who makes a request, or about the session it is made in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.policy.context import Values

_OF_PRINCIPALS = (
    "aws:principal",
    "aws:userid",
    "aws:username",
    "aws:tokenissuetime",
    "ec2:",
    "lambda:sourcef",
    "saml:",
)
"""How keys (in lower case) begin that tell of a principal or its session."""


def without_principal(context: Mapping[str, Values]) -> Mapping[str, Values]:
    """Leave out what is known of who began: a role that is come to on the way has tags, and a name, of its own."""
    return {key: values for key, values in context.items() if not tells_of_principal(key)}


def tells_of_principal(key: str) -> bool:
    """Tell whether a condition key (in any case) is about who makes the request, or about the session it is made in."""
    return key.lower().startswith(_OF_PRINCIPALS)
