"""Conditions: one operator, one key and its values, evaluated for a request's context.

Sources: "IAM JSON policy elements: Condition operators", "Conditions with multiple context keys or values", "Set
operators for multivalued context keys".
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.policy.matching.arn import matcher, split_tokens
from keywright.policy.matching.context import ABSENT, MAYBE, NO, YES, Missing, Truth, negation, truth
from keywright.policy.matching.memoize import memoized
from keywright.policy.matching.patterns import Glob, Piece, Wildcard
from keywright.policy.matching.variables import has_variable, substitute, tokens

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keywright.policy.matching.context import Context, Values
    from keywright.policy.matching.variables import Token


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
    """How several values of the request are combined."""

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
"""Every operator without prefix and suffix."""


@memoized
def operator_named(name: str) -> Operator | None:
    """Parse an operator's name, in any case; None if it is unknown."""
    prefix, colon, base = name.lower().rpartition(":")
    if colon and prefix not in set(SetOperator):
        return None
    quantifier = SetOperator(prefix) if colon else None
    if_exists = base.endswith("ifexists")
    entry = _BY_NAME.get(base.removesuffix("ifexists"))
    if entry is None or (entry[0] is Family.NULL and (quantifier or if_exists)):
        return None
    return Operator(*entry, quantifier=quantifier, if_exists=if_exists)


Test = Callable[[str], Truth]
Order = Callable[[Decimal, Decimal], bool]

_NUMBER = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})")
_DATE = re.compile(
    r"(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d)"
    r"(T(?P<hour>\d\d):(?P<minute>\d\d)(:(?P<second>\d\d)(\.(?P<fraction>\d{1,9}))?)?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?)?)?)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_SECONDS = re.compile(r"-?\d{5,19}(\.\d{1,9})?")
ORDERS: dict[str, Order] = {
    "equals": operator.eq,
    "lessthan": operator.lt,
    "lessthanequals": operator.le,
    "greaterthan": operator.gt,
    "greaterthanequals": operator.ge,
}


@memoized
def number(text: str) -> Decimal | None:
    """Read an integer or decimal; None for anything else."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


@memoized
def instant(text: str) -> Decimal | None:
    """Read an ISO 8601 date (W3C profile) or Unix seconds, as Unix seconds; None for anything else.

    A time without a zone is UTC, a date without a time its first moment.
    """
    if _EPOCH_SECONDS.fullmatch(text):
        return Decimal(text)
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    try:
        return _seconds(match)
    except (ValueError, OverflowError):
        return None


def _seconds(match: re.Match[str]) -> Decimal:
    part = match.groupdict()
    moment = datetime(
        int(part["year"]),
        int(part["month"] or 1),
        int(part["day"] or 1),
        int(part["hour"] or 0),
        int(part["minute"] or 0),
        int(part["second"] or 0),
        tzinfo=UTC,
    )
    whole = (moment - _EPOCH) // timedelta(seconds=1) - _offset(part["zone"] or "Z")
    return whole + Decimal(f"0.{part['fraction'] or 0}")


def _offset(zone: str) -> int:
    if zone == "Z":
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
    return -seconds if zone[0] == "-" else seconds


_NETWORK = re.compile(r"[0-9A-Fa-f:.]+(/\d{1,3})?")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@memoized
def network(text: str) -> Network | None:
    """Read an IP address or CIDR block, without the bits beyond the prefix; None for anything else.

    Masks written as addresses, and zones, which Python's parser accepts, are refused.
    """
    if not _NETWORK.fullmatch(text):
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def test_of(operator: Operator, parts: tuple[Piece, ...]) -> Test:
    """Make the positive test of one policy value (its variables written in) for any operator but `Null`."""
    family = operator.family
    if family is Family.ARN or operator.relation == "like":
        return _pattern_test(family, parts)
    wanted = spelled(parts)
    if family in _READERS:
        return _ordered(_READERS[family], ORDERS[operator.relation], wanted)
    if operator.relation == "equalsignorecase":
        return compare_ignoring_case(wanted)
    return _BY_FAMILY[family](wanted)


def spelled(parts: tuple[Piece, ...]) -> str:
    """Give the text of a value for which wildcards are plain characters."""
    return "".join(part.value if isinstance(part, Wildcard) else part for part in parts)


def _pattern_test(family: Family, parts: tuple[Piece, ...]) -> Test:
    if not any(isinstance(part, Wildcard) for part in parts):
        wanted = spelled(parts)
        return lambda value: YES if value == wanted else NO
    if family is Family.ARN:
        matches = matcher(tuple(Glob.of(field) for field in split_tokens(parts)))
    else:
        matches = Glob.of(parts).matches
    return lambda value: YES if matches(value) else NO


def _ordered(read: Callable[[str], Decimal | None], order: Order, wanted: str) -> Test:
    bound = read(wanted)

    def test(value: str) -> Truth:
        found = read(value)
        return MAYBE if bound is None or found is None else truth(order(found, bound))

    return test


def compare_booleans(wanted: str) -> Test:
    """Compare as true or false, in any case."""
    lowered = wanted.lower()
    if lowered not in {"true", "false"}:
        return lambda _: MAYBE
    return lambda value: truth(value.lower() == lowered)


def compare_bytes(wanted: str) -> Test:
    """Compare the bytes of two base64 texts."""
    bytes_wanted = _decoded(wanted)

    def test(value: str) -> Truth:
        found = _decoded(value)
        return MAYBE if bytes_wanted is None or found is None else truth(found == bytes_wanted)

    return test


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def compare_addresses(wanted: str) -> Test:
    """Tell whether an address is in a block of the same IP version."""
    block = network(wanted)

    def test(value: str) -> Truth:
        found = network(value)
        if block is None or found is None:
            return MAYBE
        if found.version != block.version:
            return NO
        return truth(within(found, block))

    return test


def within(inner: Network, outer: Network) -> bool:
    """Tell whether one block is in another of the same IP version."""
    if inner.version != outer.version or inner.prefixlen < outer.prefixlen:
        return False
    shift = outer.max_prefixlen - outer.prefixlen
    return int(inner.network_address) >> shift == int(outer.network_address) >> shift


def compare_exactly(wanted: str) -> Test:
    """Compare character by character."""
    return lambda value: YES if value == wanted else NO


def compare_ignoring_case(wanted: str) -> Test:
    """Compare without regard to case."""
    lowered = wanted.lower()
    return lambda value: YES if value.lower() == lowered else NO


_READERS = {Family.NUMERIC: number, Family.DATE: instant}
_BY_FAMILY = {
    Family.STRING: compare_exactly,
    Family.BOOL: compare_booleans,
    Family.BINARY: compare_bytes,
    Family.IP_ADDRESS: compare_addresses,
}
READABLE: dict[Family, Callable[[str], bool]] = {
    Family.NUMERIC: lambda text: number(text) is not None,
    Family.DATE: lambda text: instant(text) is not None,
    Family.BOOL: lambda text: text.lower() in {"true", "false"},
    Family.NULL: lambda text: text.lower() in {"true", "false"},
    Family.BINARY: lambda text: _decoded(text) is not None,
    Family.IP_ADDRESS: lambda text: network(text) is not None,
}
"""Whether a policy value is what its operator compares; families that compare any text are not listed."""


_TAKING_VARIABLES = frozenset({Family.STRING, Family.ARN, Family.BOOL})


@dataclass(frozen=True)
class Condition:
    """The condition of one key. `operator_name` and `key` are as written; an unknown operator is undecided."""

    operator_name: str
    key: str
    values: Values
    knows_variables: bool = True

    @cached_property
    def operator(self) -> Operator | None:
        """The parsed operator; None if it is unknown."""
        return operator_named(self.operator_name)

    @cached_property
    def lowered_key(self) -> str:
        """The key in lower case, as contexts have it: key names are case-insensitive."""
        return self.key.lower()

    @cached_property
    def tokens(self) -> tuple[tuple[Token, ...], ...]:
        """The tokens of each value; only String, Arn and Bool operators take variables."""
        takes = self.operator is not None and self.operator.family in _TAKING_VARIABLES
        return tuple(tokens(value, self.knows_variables and takes) for value in self.values)

    @cached_property
    def has_variables(self) -> bool:
        """Whether a value depends on the request."""
        return any(map(has_variable, self.tokens))

    @property
    def unreadable_values(self) -> Values:
        """The values that the operator cannot compare; those with variables are skipped."""
        if self.operator is None:
            return ()
        readable = READABLE.get(self.operator.family)
        if readable is None:
            return ()
        pairs = zip(self.values, self.tokens, strict=True)
        return tuple(value for value, parts in pairs if not has_variable(parts) and not readable(value))

    def holds(self, context: Context) -> Truth:
        """Tell whether the request meets the condition."""
        if self.operator is None:
            return MAYBE
        found = context.lookup(self.lowered_key)
        if self.operator.family is Family.NULL:
            return self._is_null(found)
        if isinstance(found, Missing):
            return self._without_value(self.operator, found)
        return self._with_values(self.operator, found, context)

    def _is_null(self, found: Values | Missing) -> Truth:
        if found is Missing.UNKNOWN:
            wanted = {value.lower() for value in self.values}
            return YES if wanted >= {"true", "false"} else MAYBE
        is_absent = "true" if found is ABSENT else "false"
        return max((compare_booleans(value)(is_absent) for value in self.values), default=NO)

    def _without_value(self, operator: Operator, missing: Missing) -> Truth:
        if missing is ABSENT:
            return truth(when_absent(operator))
        return MAYBE

    def _with_values(self, operator: Operator, found: Values, context: Context) -> Truth:
        test = self._test(context)
        if operator.quantifier is None:
            return _without_set_operator([test(each) for each in found])
        # A key that resolves to a null data set, such as an empty string, meets ForAllValues and fails ForAnyValue ("Set
        # operators for multivalued context keys").
        is_null = found == ("",)
        if operator.quantifier is SetOperator.ALL:
            return YES if is_null else min(map(test, found))
        return NO if is_null else max(map(test, found))

    def _test(self, context: Context) -> Test:
        return self._resolved(context) if self.has_variables else self._fixed

    @cached_property
    def _fixed(self) -> Test:
        """The test of one value of the request, when nothing depends on the request."""
        return self._any_of([test_of(self._known_operator, parts) for parts in self.tokens])  # type: ignore[arg-type]

    def _resolved(self, context: Context) -> Test:
        """The same with the request's values written in; a variable without a value equals nothing.

        Source: "IAM policy elements: Variables and tags", policy variables with no value.
        """
        found = [substitute(parts, context) for parts in self.tokens]
        open_ended = any(each is not ABSENT for each in found if isinstance(each, Missing))
        tests = [test_of(self._known_operator, each) for each in found if not isinstance(each, Missing)]
        return self._any_of(tests, at_least=MAYBE if open_ended else NO)

    def _any_of(self, tests: list[Test], at_least: Truth = NO) -> Test:
        negated = self._known_operator.negated

        def test(value: str) -> Truth:
            found = max((each(value) for each in tests), default=NO)
            found = max(found, at_least)
            return negation(found) if negated else found

        return test

    @property
    def _known_operator(self) -> Operator:
        assert self.operator is not None
        return self.operator


def when_absent(operator: Operator) -> bool:
    """Give the result of an operator other than `Null` for an absent key."""
    if operator.if_exists or operator.quantifier is SetOperator.ALL:
        return True
    return operator.negated and operator.quantifier is None


def _without_set_operator(answers: Sequence[Truth]) -> Truth:
    """Several values need a set operator; what AWS answers without one is not documented, but for a value that none meets.

    Source: "Single-valued vs. multivalued context keys".
    """
    if len(answers) == 1:
        return answers[0]
    return min(MAYBE, max(answers, default=MAYBE))


def conditions_of(
    element: Mapping[str, Mapping[str, Values]], *, knows_variables: bool
) -> tuple[Condition, ...]:
    """Give the conditions of a statement; all must be met."""
    return tuple(
        Condition(name, key, tuple(values), knows_variables)
        for name, keys in element.items()
        for key, values in keys.items()
    )
