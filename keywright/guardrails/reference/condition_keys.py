"""Condition keys and their types: AWS's global ones, and those of services as the reference has them.

Source: "AWS global condition context keys", IAM User Guide; Service Authorization Reference.
"""

from __future__ import annotations

from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING

from keywright.guardrails.reference.applicability import key_is_known, keys_of_service
from keywright.policy.conditions import Family
from keywright.policy.reference import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable


class KeyType(StrEnum):
    """What a key holds."""

    STRING = "text"
    ARN = "an ARN"
    BOOL = "true or false"
    NUMBER = "a number"
    DATE = "a date"
    ADDRESS = "an address"
    BINARY = "bytes"


_TEXTS = [
    "PrincipalAccount",
    "PrincipalOrgID",
    "PrincipalType",
    "userid",
    "username",
    "PrincipalServiceName",
    "RequestedRegion",
    "ResourceAccount",
    "ResourceOrgID",
    "SourceAccount",
    "SourceOrgID",
    "SourceVpc",
    "SourceVpce",
    "SourceVpcArn",
    "VpceAccount",
    "VpceOrgID",
    "SourceIdentity",
    "referer",
    "UserAgent",
    "FederatedProvider",
    "CalledViaFirst",
    "CalledViaLast",
    "Ec2InstanceSourceVpc",
    "AssumedRoot",
    "SourceOwner",
]
_LISTS = [
    "PrincipalOrgPaths",
    "ResourceOrgPaths",
    "SourceOrgPaths",
    "VpceOrgPaths",
    "TagKeys",
    "CalledVia",
    "PrincipalServiceNamesList",
]
_TAGS = ("principaltag", "requesttag", "resourcetag")
_GLOBAL: dict[str, KeyType] = {
    **{f"aws:{name.lower()}": KeyType.STRING for name in (*_TEXTS, *_LISTS)},
    "aws:principalarn": KeyType.ARN,
    "aws:sourcearn": KeyType.ARN,
    "aws:chatbotsourcearn": KeyType.ARN,
    "aws:multifactorauthpresent": KeyType.BOOL,
    "aws:securetransport": KeyType.BOOL,
    "aws:principalisawsservice": KeyType.BOOL,
    "aws:viaawsservice": KeyType.BOOL,
    "aws:viaawsmcpservice": KeyType.BOOL,
    "aws:ismcpserviceaction": KeyType.BOOL,
    "aws:multifactorauthage": KeyType.NUMBER,
    "aws:currenttime": KeyType.DATE,
    "aws:epochtime": KeyType.DATE,
    "aws:tokenissuetime": KeyType.DATE,
    "aws:sourceip": KeyType.ADDRESS,
    "aws:vpcsourceip": KeyType.ADDRESS,
    "aws:ec2instancesourceprivateipv4": KeyType.ADDRESS,
}
_MULTIVALUED = frozenset(
    (
        *(f"aws:{name.lower()}" for name in _LISTS if name != "VpceOrgPaths"),
        "dynamodb:attributes",
        "dynamodb:leadingkeys",
    )
)

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
"""The families of operators that compare each type; `Null` asks for any key."""

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
    """Return the type of a key (in lower case), None where it is unknown, and whether it surely holds several values.

    Tags hold anything, ARNs too. Of services' keys the reference is not always right about several values.
    """
    if key.startswith("aws:"):
        return _GLOBAL.get(key), key in _MULTIVALUED
    found = (catalogue.key_type(key.partition(":")[0], key) or "").lower()
    known = KeyType.ARN if "tag/" in key else _BY_REFERENCE.get(found.removeprefix("arrayof"))
    return known, key in _MULTIVALUED


def nearest_keys(key: str) -> list[str]:
    """Return the keys that a key (in lower case) is nearly called; none where it is known, or like no other."""
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
    written = {f"aws:{each.lower()}": f"aws:{each}" for each in (*_TEXTS, *_LISTS)}
    return [written.get(each, each) for each in _similar(f"aws:{name}", _GLOBAL)]


def _similar(key: str, keys: Iterable[str]) -> list[str]:
    return get_close_matches(key[:100], list(keys), n=3, cutoff=0.9)
