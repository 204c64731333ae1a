"""Giving policy variables values, so that a request can be made of what was left open."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice, product
from typing import TYPE_CHECKING, Any

from keywright.policy.conditions import Condition
from keywright.policy.glob import normal
from keywright.policy.variables import Variable
from keywright.reasoning.condition_sets import accepts, find_values, key_test
from keywright.reasoning.constraints import KeyTest, ResourceTest, all_of, constraint
from keywright.reasoning.emptiness import text_of
from keywright.reasoning.filling import ACCOUNT, EXAMPLE, LIKELY_VALUES
from keywright.reasoning.languages import Language, language
from keywright.reasoning.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.reasoning.constraints import Constraint, Parts
    from keywright.reasoning.principal_sets import PrincipalClass

_MOST = 12
Valuation = dict[str, str | None]
"""A value by key, in lower case; None where the request lacks the key."""


def valuations(parts: Parts, who: PrincipalClass) -> Iterator[Parts]:
    """Yield the constraints with values in place of variables, and with the keys bound to those values."""
    variables = {variable for each in all_of(parts) for variable in _variables(each)}
    if not variables:
        yield parts
        return
    keys = sorted({variable.key for variable in variables})
    choices = [list(_choices(key, parts, who)) for key in keys]
    for values in islice(product(*choices), _MOST):
        yield _bound(parts, dict(zip(keys, values, strict=True)))


def _variables(each: Constraint[Any]) -> set[Variable]:
    return {variable for one in _languages(each) for variable in one.letters}


def _languages(each: Constraint[Any]) -> frozenset[Language]:
    if isinstance(each.test, ResourceTest):
        return each.test.texts
    return each.test.values.texts if each.test.values is not None else frozenset()


def _choices(key: str, parts: Parts, who: PrincipalClass) -> Iterator[str | None]:
    """Yield values the key may have: what AWS derives, what is asked of it, likely ones, none."""
    asked = parts.get(key, frozenset())
    fixed = frozenset(each for each in asked if not _variables(each))
    derived = Request(who.text, "", "*").context.values.get(key, ())
    found = find_values(fixed, False) if fixed else None  # noqa: FBT003 - present rather than absent
    sample = text_of(found.words[0]) if found is not None and found.words else None
    likely = (*derived, *([sample] if sample else []), *LIKELY_VALUES.get(key, ()), EXAMPLE, ACCOUNT)
    yield from (text for text in dict.fromkeys(likely) if accepts(fixed, (text,)))
    if accepts(fixed, ()):
        yield None


def _bound(parts: Parts, values: Valuation) -> Parts:
    found: dict[str, set[Constraint[Any]]] = {
        part: {_written(each, values) for each in constraints} for part, constraints in parts.items()
    }
    for key, value in values.items():
        operator, wanted = ("Null", "true") if value is None else ("StringEquals", value)
        test = Condition(operator, key, (wanted,), knows_variables=False)
        found.setdefault(key, set()).add(constraint(key_test(test)))
    return {part: frozenset(constraints) for part, constraints in found.items()}


def _written(each: Constraint[Any], values: Valuation) -> Constraint[Any]:
    if not _variables(each):
        return each
    written = (_with_values(one, values) for one in _languages(each))
    texts = frozenset(one for one in written if one is not None)
    test = each.test
    if isinstance(test, KeyTest) and test.values is not None:
        made = constraint(replace(test, values=replace(test.values, texts=texts, is_open=False)))
    else:
        made = constraint(replace(test, texts=texts, is_open=False))
    return made if each.holds else made.opposite


def _with_values(each: Language, values: Valuation) -> Language | None:
    """Write values into a pattern; None when a variable has none, and so nothing matches."""
    tokens = []
    for token in each.tokens:
        if not isinstance(token, Variable):
            tokens.append(token)
            continue
        value = values.get(token.key)
        if value is None:
            value = token.default
        if value is None:
            return None
        tokens.append(value)
    return language(normal(tokens), each.dialect)
