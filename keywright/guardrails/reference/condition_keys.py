"""Condition keys and their types: the global ones, and those of services.

Source: "AWS global condition context keys", IAM User Guide; Service Authorization Reference.
"""

from __future__ import annotations

from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING

from keywright.guardrails.reference.applicability import key_is_known, keys_of_service
from keywright.guardrails.reference.tables import table
from keywright.policy.conditions import Family
from keywright.policy.reference import catalogue
from keywright.policy.reference.condition_keys import global_keys

if TYPE_CHECKING:
    from collections.abc import Iterable


class KeyType(StrEnum):
    """The type of a condition key."""

    STRING = "string"
    ARN = "ARN"
    BOOL = "boolean"
    NUMBER = "numeric"
    DATE = "date"
    ADDRESS = "IP address"
    BINARY = "binary"


_GLOBAL_NAMES = {name.lower(): name for name in global_keys()}
_GLOBAL = {name.lower(): KeyType[kind.upper()] for name, kind in global_keys().items()}
_MULTIVALUED = frozenset(table("multivalued_condition_keys"))
_TAGS = ("principaltag", "requesttag", "resourcetag")

_BY_REFERENCE = {
    "string": KeyType.STRING,
    "arn": KeyType.ARN,
    "bool": KeyType.BOOL,
    "boolean": KeyType.BOOL,
    "numeric": KeyType.NUMBER,
    "long": KeyType.NUMBER,
    "date": KeyType.DATE,
    "ipaddress": KeyType.ADDRESS,
    "binary": KeyType.BINARY,
}
OPERATOR_FAMILIES = {
    KeyType.STRING: (Family.STRING,),
    KeyType.ARN: (Family.ARN, Family.STRING),
    KeyType.BOOL: (Family.BOOL,),
    KeyType.NUMBER: (Family.NUMERIC,),
    KeyType.DATE: (Family.DATE, Family.NUMERIC),
    KeyType.ADDRESS: (Family.IP_ADDRESS,),
    KeyType.BINARY: (Family.BINARY, Family.STRING),
}
"""The families of operators for each type; `Null` is for any key."""

OPERATOR_EXAMPLES = {
    KeyType.STRING: "`StringEquals`, `StringLike`",
    KeyType.ARN: "`ArnEquals`, `ArnLike`",
    KeyType.BOOL: "`Bool`",
    KeyType.NUMBER: "`NumericEquals`, `NumericLessThan`",
    KeyType.DATE: "`DateLessThan`, `DateGreaterThan`",
    KeyType.ADDRESS: "`IpAddress`, `NotIpAddress`",
    KeyType.BINARY: "`BinaryEquals`",
}


def key_type(key: str) -> tuple[KeyType | None, bool]:
    """Return the type of a key (in lower case), None if unknown, and whether it is certainly multivalued.

    Tags contain anything, ARNs too. For keys of services the reference is not always right about several values.
    """
    if key.startswith("aws:"):
        return _GLOBAL.get(key), key in _MULTIVALUED
    found = (catalogue.key_type(key.partition(":")[0], key) or "").lower()
    known = KeyType.ARN if "tag/" in key else _BY_REFERENCE.get(found.removeprefix("arrayof"))
    return known, key in _MULTIVALUED


def nearest_keys(key: str) -> list[str]:
    """Return the keys with a similar name to a key (in lower case); none for a known key."""
    service, _, name = key.partition(":")
    if service == "aws":
        return _similar_global(name)
    known = keys_of_service(service) if service in catalogue.services() else {}
    if not known or key_is_known(key, known):
        return []
    return [known[each] for each in _similar(key, known)]


def _similar_global(name: str) -> list[str]:
    head, slash, _ = name.partition("/")
    if head in _TAGS or f"aws:{name}" in _GLOBAL or slash:
        return (
            [] if not slash or head in _TAGS else _similar(f"aws:{head}", [f"aws:{each}" for each in _TAGS])
        )
    return [_GLOBAL_NAMES[each] for each in _similar(f"aws:{name}", _GLOBAL)]


def _similar(key: str, keys: Iterable[str]) -> list[str]:
    return get_close_matches(key[:100], list(keys), n=3, cutoff=0.9)
