"""How a statement's conditions are compared with a request.

AWS: "IAM JSON policy elements: Condition operators" and "Set operators for multivalued context keys" in the
IAM User Guide.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import Any

from keywright.sandbox.patches.authorization.patterns import Resolve, arn_matches, literal, matches

Compare = Callable[[str, str, Resolve | None], bool]
Lookup = Callable[[str], Any]
"""Give a condition key's value in the request: a text, a list of texts, or None where the request carries none."""


def met(conditions: Mapping[str, Any], lookup: Lookup, resolve: Resolve | None) -> bool:
    """Tell whether every condition of a statement is met.

    Raises:
        Unresolved: A policy variable in a value has no value in the request.
        UnknownOperator: An operator that does not exist; IAM refuses such a document when it is created.
    """
    return all(
        _is_met(name, _as_list(wanted), lookup(key), resolve)
        for name, keys in conditions.items()
        for key, wanted in keys.items()
    )


class UnknownOperator(Exception):  # noqa: N818 - the event's name
    """A condition operator that does not exist."""


def _is_met(name: str, wanted: Sequence[str], value: Any, resolve: Resolve | None) -> bool:
    quantifier, plain, if_exists = _parse_operator(name)
    if plain == "null":
        return (value is None) == (wanted[0].lower() == "true")
    if plain not in OPERATORS:
        raise UnknownOperator(name)
    values = [] if value is None else _as_list(value)
    if not values:
        # Without the key, `ForAllValues` and negated operators match ("Set operators for multivalued context
        # keys").
        absent = if_exists or quantifier == "forallvalues"
        return absent or (not quantifier and plain in NEGATED)
    # A negated operator must differ from every listed value ("Conditions with multiple context keys or
    # values").
    combine = all if plain in NEGATED else any

    def fits(each: str) -> bool:
        return combine(OPERATORS[plain](each, expected, resolve) for expected in wanted)

    if quantifier == "forallvalues" or (plain in NEGATED and not quantifier):
        return all(map(fits, values))
    return any(map(fits, values))


def _parse_operator(name: str) -> tuple[str, str, bool]:
    quantifier, _, plain = name.lower().rpartition(":")
    return quantifier, plain.removesuffix("ifexists"), plain.endswith("ifexists")


def _as_list(value: Any) -> list[str]:
    return [_text(each) for each in value] if isinstance(value, list) else [_text(value)]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _equals(value: str, wanted: str, resolve: Resolve | None) -> bool:
    return value == literal(wanted, resolve)


def _equals_any_case(value: str, wanted: str, resolve: Resolve | None) -> bool:
    return value.casefold() == literal(wanted, resolve).casefold()


def _like(value: str, wanted: str, resolve: Resolve | None) -> bool:
    return matches(value, wanted, resolve)


def _bool(value: str, wanted: str, _resolve: Resolve | None) -> bool:
    return value.lower() == wanted.lower()


def _address(value: str, wanted: str, _resolve: Resolve | None) -> bool:
    try:
        return ip_address(value) in ip_network(wanted, strict=False)
    except ValueError:
        return False


def _not(compare: Compare) -> Compare:
    return lambda value, wanted, resolve: not compare(value, wanted, resolve)


def _ordered(read: Callable[[str], Any], compare: Callable[[Any, Any], bool]) -> Compare:
    def ordered(value: str, wanted: str, _resolve: Resolve | None) -> bool:
        try:
            return compare(read(value), read(wanted))
        except ValueError:
            return False

    return ordered


def _instant(value: str) -> datetime:
    """Read a date of the W3C's ISO 8601 profile, or seconds since the epoch."""
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except ValueError:
        read = datetime.fromisoformat(value)
        return read if read.tzinfo else read.replace(tzinfo=UTC)


_COMPARISONS = {
    "equals": operator.eq,
    "notequals": operator.ne,
    "lessthan": operator.lt,
    "lessthanequals": operator.le,
    "greaterthan": operator.gt,
    "greaterthanequals": operator.ge,
}
OPERATORS: Mapping[str, Compare] = {
    "stringequals": _equals,
    "stringnotequals": _not(_equals),
    "stringequalsignorecase": _equals_any_case,
    "stringnotequalsignorecase": _not(_equals_any_case),
    "stringlike": _like,
    "stringnotlike": _not(_like),
    "bool": _bool,
    "binaryequals": _equals,
    "ipaddress": _address,
    "notipaddress": _not(_address),
    "arnequals": arn_matches,
    "arnlike": arn_matches,
    "arnnotequals": _not(arn_matches),
    "arnnotlike": _not(arn_matches),
    **{f"numeric{name}": _ordered(float, compare) for name, compare in _COMPARISONS.items()},
    **{f"date{name}": _ordered(_instant, compare) for name, compare in _COMPARISONS.items()},
}
NEGATED = frozenset(name for name in OPERATORS if "not" in name)
