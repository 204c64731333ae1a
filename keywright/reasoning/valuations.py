"""Giving policy variables values, so that a request can be made of what was left open."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from keywright.policy.conditions import Condition
from keywright.policy.matching.variables import Variable
from keywright.reasoning.choosing import principal_text
from keywright.reasoning.condition_sets import accepts, find_values, key_test
from keywright.reasoning.conditions_in import languages_of
from keywright.reasoning.constraints import RESOURCE, KeyTest, all_of, constraint
from keywright.reasoning.emptiness import text_of
from keywright.reasoning.filling import ACCOUNT, EXAMPLE, LIKELY_VALUES, Filling
from keywright.reasoning.languages import Language, pattern
from keywright.reasoning.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.policy.matching.variables import Token
    from keywright.reasoning.constraints import Constraint, KeyConstraints, Parts
    from keywright.reasoning.principal_sets import PrincipalClass

_MOST = 24
"""How many sets of values are tried."""
_MOST_CHOICES = 6


def valuations(parts: Parts, who: PrincipalClass) -> Iterator[Parts]:
    """Yield the constraints with values in place of variables, and with the keys bound to those values."""
    yield from islice(_valuations(parts, who), _MOST)


def _valuations(parts: Parts, who: PrincipalClass) -> Iterator[Parts]:
    """Give one key a value after another, first those that depend on no other."""
    keys = {variable.key for each in all_of(parts) for variable in _variables(each)}
    if not keys:
        yield parts
        return
    key = min(sorted(keys), key=lambda each: len(_depends_on(each, parts)))
    for value in islice(_choices(key, parts, who), _MOST_CHOICES):
        yield from _valuations(_bound(parts, key, value), who)


def _depends_on(key: str, parts: Parts) -> set[str]:
    constraints = parts.get(key, frozenset())
    return {variable.key for each in constraints for variable in _variables(each)} - {key}


def _variables(each: Constraint[Any]) -> set[Variable]:
    return {variable for one in languages_of(each) for variable in one.variables}


def _choices(key: str, parts: Parts, who: PrincipalClass) -> Iterator[str | None]:
    """Yield values the key may have: what AWS derives, what is asked of it, likely ones, none."""
    fixed = _fixed(key, parts)
    named = principal_text(who, "*", _fixed(who.named_by, parts), Filling()) if who.named_by else None
    derived = Request(named or who.text, "", "*").context.values.get(key, ())
    found = find_values(fixed) if fixed else None
    sample = text_of(found.words[0]) if found is not None and found.words else None
    likely = (*derived, *([sample] if sample else []), *LIKELY_VALUES.get(key, ()), EXAMPLE, ACCOUNT)
    likely = (*likely, *sorted(_beside(key, parts)))
    yield from (text for text in dict.fromkeys(likely) if accepts(fixed, (text,)))
    if accepts(fixed, ()):
        yield None


def _fixed(key: str, parts: Parts) -> KeyConstraints:
    """Give what is asked of a key whatever the variables are."""
    return frozenset(each for each in parts.get(key, frozenset()) if not _variables(each))


def _beside(key: str, parts: Parts) -> set[str]:
    """Give the texts that stand beside a pattern with the key in it: perhaps both can be one."""
    found: set[str] = set()
    for part, constraints in parts.items():
        if part != RESOURCE and any(
            variable.key == key for each in constraints for variable in _variables(each)
        ):
            found |= {one.literal for each in constraints for one in languages_of(each) if one.literal}
    return found


def _bound(parts: Parts, key: str, value: str | None) -> Parts:
    """Write a key's value, None when the request lacks it, wherever it is a variable, and ask for that value."""
    operator, wanted = ("Null", "true") if value is None else ("StringEquals", value)
    asked = constraint(key_test(Condition(operator, key, (wanted,), knows_variables=False)))
    found = {
        part: frozenset(_written(each, key, value) for each in constraints)
        for part, constraints in parts.items()
    }
    return {**found, key: found.get(key, frozenset()) | {asked}}


def _written(each: Constraint[Any], key: str, value: str | None) -> Constraint[Any]:
    if all(variable.key != key for variable in _variables(each)):
        return each
    written = (_with_value(one, key, value) for one in languages_of(each))
    texts = frozenset(one for one in written if one is not None)
    test = each.test
    if isinstance(test, KeyTest) and test.values is not None:
        is_open = any(one.variables for one in texts)
        made = constraint(replace(test, values=replace(test.values, texts=texts, is_open=is_open)))
    else:
        made = constraint(replace(test, texts=texts))
    return made if each.holds else made.opposite


def _with_value(each: Language, key: str, value: str | None) -> Language | None:
    """Write a value into a pattern; None when it has none, and so nothing matches."""
    tokens: list[Token] = []
    for token in each.tokens:
        if not isinstance(token, Variable) or token.key != key:
            tokens.append(token)
            continue
        written = token.default if value is None else value
        if written is None:
            return None
        tokens.append(written)
    return pattern(tokens, each.dialect)
