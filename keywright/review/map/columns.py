"""The columns of the access map: resources that policies name, and the actions that apply to them."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from keywright.policy.matching.arn import Arn, arn_pattern
from keywright.policy.reference import catalogue
from keywright.reasoning.account.resource_sets import arn_language
from keywright.reasoning.sets.emptiness import is_disjoint, is_subset
from keywright.reasoning.sets.product import PatternsTooComplexError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.policy.reference.catalogue import Action, ResourceType

EVERYTHING = "*"
ALWAYS_KNOWN = ("ec2", "iam", "kms", "lambda", "s3", "sts")
"""Services that represent everything in a column for `*`."""


Types = frozenset[tuple[str, str]]
"""Resource types, as service and name; an empty name means any type of the service."""


@dataclass(frozen=True)
class Column:
    """A resource as policies name it, often a pattern; `*` means everything in the service, or in all services."""

    service: str
    text: str

    @property
    def label(self) -> str:
        """The last field of its ARN."""
        arn = Arn.parse(self.text)
        return arn.resource if arn else self.text


@dataclass
class Columns:
    """All columns, in the order of first mention; `mentioned` are the services that policies name."""

    mentioned: frozenset[str] = frozenset()
    all: dict[Column, int] = field(default_factory=dict, init=False)
    _kinds: dict[Column, Kinds] = field(default_factory=dict, init=False)
    _within: dict[str, tuple[int, ...]] = field(default_factory=dict, init=False)
    _by_types: dict[Types, Kinds] = field(default_factory=dict, init=False)

    def add(self, column: Column) -> int:
        """Give a column its number."""
        return self.all.setdefault(column, len(self.all))

    def within(self, text: str) -> tuple[int, ...]:
        """Give the numbers of the columns within a pattern; requires that all columns were added."""
        if text not in self._within:
            head = arn_pattern(text).head
            # Texts that a pattern covers share its literal beginning, so only that part of the sorted columns
            # is compared.
            start = bisect_left(self._sorted, (head, -1))
            near = takewhile(lambda one: one[0].startswith(head), islice(self._sorted, start, None))
            self._within[text] = tuple(number for each, number in near if covers(text, each))
        return self._within[text]

    @cached_property
    def by_kinds(self) -> dict[Kinds, list[int]]:
        """The numbers of all columns by resource types."""
        found: dict[Kinds, list[int]] = {}
        for column, number in self.all.items():
            found.setdefault(self.kinds(column), []).append(number)
        return found

    @cached_property
    def _sorted(self) -> list[tuple[str, int]]:
        return sorted((column.text, number) for column, number in self.all.items())

    def kinds(self, column: Column) -> Kinds:
        """Give the resource types of a column; cached."""
        if column not in self._kinds:
            types = self._types_of(column)
            self._kinds[column] = self._by_types.setdefault(types, Kinds(types))
        return self._kinds[column]

    def _types_of(self, column: Column) -> Types:
        if column.text == EVERYTHING:
            services = (column.service,) if column.service else (*self.mentioned, *ALWAYS_KNOWN)
            return frozenset((each, "") for each in services)
        arn = Arn.parse(column.text)
        types = self._types.get(arn.service, ()) if arn else ()
        found = frozenset((each.service, each.name) for each in _narrowest(column, types))
        return found or frozenset({(column.service, "")})

    @cached_property
    def _types(self) -> dict[str, tuple[ResourceType, ...]]:
        """The resource types of the mentioned services, by the service in their ARNs."""
        found: dict[str, tuple[ResourceType, ...]] = {}
        for service in sorted({*self.mentioned, *ALWAYS_KNOWN, *(each.service for each in self.all)}):
            for each in catalogue.resource_types_of(service):
                arn = Arn.parse(each.arn_format)
                if arn:
                    found[arn.service] = (*found.get(arn.service, ()), each)
        return found


@dataclass(frozen=True, eq=False)
class Kinds:
    """Possible resource types of columns, with their actions; shared by columns."""

    types: Types

    @cached_property
    def actions(self) -> tuple[Action, ...]:
        """The known actions on these types."""
        services = sorted({service for service, _ in self.types})
        return tuple(
            each for service in services for each in catalogue.actions_of(service) if self._has(each)
        )

    @cached_property
    def names(self) -> frozenset[str]:
        """Their names, in lower case."""
        return frozenset(str(each).lower() for each in self.actions)

    def _has(self, action: Action) -> bool:
        if (action.service, "") in self.types:
            return True
        return any((action.service, name) in self.types for name in action.resource_types)


def _narrowest(column: Column, types: Iterable[ResourceType]) -> Iterator[ResourceType]:
    """Yield the possible types of a column; of those that cover all of it, only the most specific.

    The bucket type's pattern covers object ARNs too: without this, listing a bucket would apply to each object.
    """
    beginning = _beginning(column.text)
    possible = [
        each
        for each in types
        if _agree(beginning, _beginning(each.arn_pattern)) and overlaps(column.text, each.arn_pattern)
    ]
    holding = [each for each in possible if covers(each.arn_pattern, column.text)]
    for each in possible:
        rivals = [one for one in holding if one.service == each.service]
        most = max((_literal(one) for one in rivals), default=0)
        if each not in holding or _literal(each) == most:
            yield each


@lru_cache(maxsize=4_096)
def _beginning(text: str) -> str:
    """Give the literal beginning of an ARN's last field."""
    arn = Arn.parse(text)
    return arn_pattern(arn.resource).head if arn else ""


def _agree(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _literal(kind: ResourceType) -> int:
    return len(kind.arn_pattern.replace("*", ""))


@lru_cache(maxsize=65_536)
def covers(outer: str, inner: str) -> bool:
    """Tell whether one pattern covers another; False if this is too expensive to decide."""
    if outer in (inner, EVERYTHING):
        return True
    try:
        return is_subset(arn_language(inner, True), arn_language(outer, True))  # noqa: FBT003
    except PatternsTooComplexError:
        return False


@lru_cache(maxsize=65_536)
def overlaps(one: str, other: str) -> bool:
    """Tell whether two patterns overlap; True if this is too expensive to decide."""
    if EVERYTHING in (one, other):
        return True
    try:
        return not is_disjoint(arn_language(one, True), arn_language(other, True))  # noqa: FBT003
    except PatternsTooComplexError:
        return True


def is_pattern(text: str) -> bool:
    """Tell whether a text is a pattern."""
    return bool(set("*?") & set(text)) or arn_pattern(text).has_variables


def service_of_arn(text: str) -> str:
    """Give the service of an ARN; empty if it is a pattern or not an ARN."""
    arn = Arn.parse(text)
    return arn.service if arn and not set("*?$<") & set(arn.service) else ""
