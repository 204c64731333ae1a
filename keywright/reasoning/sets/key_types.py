"""What AWS documents about the values of condition keys: how many there are, and their type.

Sources: "AWS global condition context keys" (single-valued and multivalued keys, data types), and the
catalogue for the keys of services. A key that is not documented may have several values of any type.
"""

from __future__ import annotations

from keywright.policy.reference import catalogue
from keywright.reasoning.sets.memo import memoized
from keywright.reasoning.sets.value_sets import ValueType

_SINGLE = frozenset(
    {
        "aws:assumedroot",
        "aws:calledviafirst",
        "aws:calledvialast",
        "aws:chatbotsourcearn",
        "aws:currenttime",
        "aws:ec2instancesourceprivateipv4",
        "aws:ec2instancesourcevpc",
        "aws:epochtime",
        "aws:federatedprovider",
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principalorgid",
        "aws:principalservicename",
        "aws:principaltype",
        "aws:referer",
        "aws:requestedregion",
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:securetransport",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceidentity",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourcevpc",
        "aws:sourcevpcarn",
        "aws:sourcevpce",
        "aws:tokenissuetime",
        "aws:useragent",
        "aws:userid",
        "aws:username",
        "aws:viaawsservice",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpcsourceip",
    }
)
_SINGLE_TAGS = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/")


@memoized
def holds_one_value(key: str) -> bool:
    """Return whether AWS documents that a key (in lower case) is single-valued."""
    service, _, name = key.partition(":")
    if service == "aws":
        return key in _SINGLE or key.startswith(_SINGLE_TAGS)
    kind = catalogue.key_type(service, key)
    return name.startswith("resourcetag/") if kind is None else not kind.startswith("ArrayOf")


_BOOLEANS = frozenset(
    {
        "aws:multifactorauthpresent",
        "aws:principalisawsservice",
        "aws:securetransport",
        "aws:viaawsservice",
    }
)


@memoized
def holds_boolean(key: str) -> bool:
    """Return whether AWS documents that a key (in lower case) is a boolean."""
    service = key.partition(":")[0]
    return key in _BOOLEANS if service == "aws" else catalogue.key_type(service, key) == "Bool"


_READABLE = {
    "aws:currenttime": {ValueType.MOMENT},
    "aws:ec2instancesourceprivateipv4": {ValueType.ADDRESS},
    "aws:epochtime": {ValueType.MOMENT, ValueType.NUMBER},
    "aws:multifactorauthage": {ValueType.NUMBER},
    "aws:sourceip": {ValueType.ADDRESS},
    "aws:tokenissuetime": {ValueType.MOMENT},
    "aws:vpcsourceip": {ValueType.ADDRESS},
}
_BY_TYPE = {"Numeric": ValueType.NUMBER, "Date": ValueType.MOMENT, "IPAddress": ValueType.ADDRESS}


@memoized
def is_readable(key: str, view: ValueType) -> bool:
    """Return whether AWS documents that each value of a key (in lower case) is of a type."""
    service = key.partition(":")[0]
    if service == "aws":
        return view in _READABLE.get(key, ())
    kind = catalogue.key_type(service, key) or ""
    return _BY_TYPE.get(kind.removeprefix("ArrayOf")) is view
