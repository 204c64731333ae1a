"""Condition operators by name: `ForAnyValue:StringNotLikeIfExists` taken apart.

Sources: "IAM JSON policy elements: Condition operators", "Set operators for multivalued context keys".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from keywright.policy.memory import remembered


class Family(StrEnum):
    """What an operator compares."""

    STRING = "string"
    NUMERIC = "numeric"
    DATE = "date"
    BOOL = "bool"
    BINARY = "binary"
    IP_ADDRESS = "ipaddress"
    ARN = "arn"
    NULL = "null"


class SetOperator(StrEnum):
    """How several values of the request are taken together."""

    ALL = "forallvalues"
    ANY = "foranyvalue"


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator's parts; `relation` is the positive one (`equals`, `like`, `lessthan` …), `negated` turns it over."""

    family: Family
    relation: str
    negated: bool = False
    quantifier: SetOperator | None = None
    if_exists: bool = False


def _table() -> dict[str, tuple[Family, str, bool]]:
    table = {
        "null": (Family.NULL, "equals", False),
        "bool": (Family.BOOL, "equals", False),
        "binaryequals": (Family.BINARY, "equals", False),
        "ipaddress": (Family.IP_ADDRESS, "within", False),
        "notipaddress": (Family.IP_ADDRESS, "within", True),
    }
    for relation in ("equals", "equalsignorecase", "like"):
        table[f"string{relation}"] = (Family.STRING, relation, False)
        table[f"stringnot{relation}"] = (Family.STRING, relation, True)
    for relation in ("equals", "like"):
        table[f"arn{relation}"] = (Family.ARN, "like", False)
        table[f"arnnot{relation}"] = (Family.ARN, "like", True)
    for family in (Family.NUMERIC, Family.DATE):
        for relation in ("equals", "lessthan", "lessthanequals", "greaterthan", "greaterthanequals"):
            table[f"{family}{relation}"] = (family, relation, False)
        table[f"{family}notequals"] = (family, "equals", True)
    return table


_BY_NAME = _table()
NAMES = (
    *(f"String{n}{r}" for r in ("Equals", "EqualsIgnoreCase", "Like") for n in ("", "Not")),
    *(
        f"{f}{r}"
        for f in ("Numeric", "Date")
        for r in (
            "Equals",
            "NotEquals",
            "LessThan",
            "LessThanEquals",
            "GreaterThan",
            "GreaterThanEquals",
        )
    ),
    *(f"Arn{n}{r}" for r in ("Equals", "Like") for n in ("", "Not")),
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "Null",
)
"""Every operator without prefix and suffix, as AWS spells it."""


@remembered
def operator_named(name: str) -> Operator | None:
    """Take an operator's name apart, in any case; None when there is no such operator."""
    prefix, colon, base = name.lower().rpartition(":")
    if colon and prefix not in set(SetOperator):
        return None
    quantifier = SetOperator(prefix) if colon else None
    if_exists = base.endswith("ifexists")
    entry = _BY_NAME.get(base.removesuffix("ifexists"))
    if entry is None or (entry[0] is Family.NULL and (quantifier or if_exists)):
        return None
    return Operator(*entry, quantifier=quantifier, if_exists=if_exists)
