"""When statements name a class of principals: for sure, never, or where AWS leaves it open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright.policy.matching.context import ABSENT, MAYBE, NO, YES
from keywright.policy.principals import named_by, not_excepted_by, principal
from keywright.reasoning.constraints import Box, Constraint, KeyTest, constraint

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    from keywright.policy.matching.context import Missing, Truth, Values
    from keywright.policy.principals import Principal
    from keywright.policy.statement import Statement
    from keywright.reasoning.principal_sets import PrincipalClass

PRINCIPAL = " principal"
"""The part that whether a statement names the principal is about, where AWS leaves that open."""
Name = tuple[str, str]
"""A kind (`AWS`, `Service` …) and what it names."""


@dataclass
class Namings:
    """Remembers what it has told; statements are told apart by identity."""

    _told: dict[tuple[int, PrincipalClass], tuple[Box, ...]] = field(default_factory=dict)
    _names: dict[int, _Names] = field(default_factory=dict)

    def of(self, statement: Statement, who: PrincipalClass) -> tuple[Box, ...]:
        """Give what must hold for a statement to name a class of principals, be it by their account alone.

        Nothing (an empty box) when it does for sure; else a riddle for each name of which AWS leaves open whether it
        means them; no box when it does not.
        """
        told = self._told.get((id(statement), who))
        if told is None:
            told = self._told[id(statement), who] = self._tell(statement, who)
        return told

    def _tell(self, statement: Statement, who: PrincipalClass) -> tuple[Box, ...]:
        user_id = (who.user_id,) if who.user_id else ABSENT
        each = principal(who.text)
        if statement.not_principals:
            excepted = statement.not_principals
            answer = MAYBE if _has_pattern(excepted) else not_excepted_by(excepted, each, user_id)
            return _boxes({frozenset(_concerning(excepted, each, user_id)): answer})
        names = self._names.get(id(statement))
        if names is None:
            names = self._names[id(statement)] = _Names.of(statement.principals)
        return _boxes({name: _is_named(name, each, user_id) for name in names.near(each)})


def _boxes(answers: Mapping[Hashable, Truth]) -> tuple[Box, ...]:
    if YES in answers.values():
        return (frozenset(),)
    return tuple(frozenset({_riddle(name)}) for name, answer in answers.items() if answer is MAYBE)


def _riddle(name: Hashable) -> Constraint[KeyTest]:
    """Stand for whether a name means the principal: one answer for each name and request."""
    return constraint(KeyTest(PRINCIPAL, None, riddle=name))


@dataclass(frozen=True, slots=True)
class _Names:
    """The names of an element, by the account or text without which they can't mean a principal."""

    by_account: dict[str, list[Name]]
    by_text: dict[str, list[Name]]
    others: list[Name]

    @classmethod
    def of(cls, element: Mapping[str, Values]) -> _Names:
        made = cls({}, {}, [])
        for kind, values in element.items():
            for value in values:
                made._add((kind, value))
        return made

    def _add(self, name: Name) -> None:
        kind, value = name
        account = principal(value).account if kind == "AWS" else ""
        if account and not _has_pattern({kind: (value,)}):
            self.by_account.setdefault(account, []).append(name)
        elif kind in {"Service", "Federated"} and not _has_pattern({kind: (value,)}):
            self.by_text.setdefault(value, []).append(name)
        else:
            self.others.append(name)

    def near(self, who: Principal) -> Iterator[Name]:
        """Yield the names that may mean somebody."""
        yield from self.by_account.get(who.account, ())
        yield from self.by_text.get(who.text, ())
        yield from self.others


def _concerning(element: Mapping[str, Values], who: Principal, user_id: Values | Missing) -> Iterator[Name]:
    """Yield the names that whether an element excepts somebody hangs on; others make no difference."""
    for kind, values in element.items():
        for value in values:
            if _is_named((kind, value), who, user_id) is not NO:
                yield kind, value


def _is_named(name: Name, who: Principal, user_id: Values | Missing) -> Truth:
    element = {name[0]: (name[1],)}
    return MAYBE if _has_pattern(element) else named_by(element, who, user_id).account


def _has_pattern(element: Mapping[str, Values]) -> bool:
    """Tell whether a name has a wildcard in it, which AWS takes in no policy, so that it may mean anything."""
    names = (name for values in element.values() for name in values)
    return any(name != "*" and ("*" in name or "?" in name) for name in names)
