"""Chooses principals, context values and variables so that a request satisfies constraints."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from keywright.policy.conditions import Condition
from keywright.policy.matching.arn import Arn
from keywright.policy.matching.context import Context
from keywright.policy.matching.variables import Variable
from keywright.policy.principals import ACCOUNT_ID, PrincipalKind, principal
from keywright.reasoning.evaluation.request import ALWAYS_PRESENT_KEYS, Request
from keywright.reasoning.sets.condition_sets import accepts, find_values, key_test
from keywright.reasoning.sets.constraints import RESOURCE, KeyTest, all_of, constraint, languages_of
from keywright.reasoning.sets.emptiness import PatternsTooComplexError, text_of
from keywright.reasoning.sets.examples import ACCOUNT, EXAMPLE, LIKELY_VALUES, ExampleValues, likely_texts
from keywright.reasoning.sets.languages import Language, pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.policy.matching.context import Values
    from keywright.policy.matching.variables import Token
    from keywright.reasoning.sets.constraints import Constraint, KeyConstraints, Parts
    from keywright.reasoning.sets.principal_sets import PrincipalClass


def choose_principal(
    who: PrincipalClass, resource: str, asked: KeyConstraints, examples: ExampleValues
) -> str | None:
    """Choose a principal of a class; `asked` constrains the key that names it.

    None where nothing satisfies that.
    """
    if who.named_by:
        owner = Arn.parse(resource)
        account = owner.account if owner is not None and owner.account.isdigit() else examples.account
        found = choose_values(who.named_by, asked, Context(), ExampleValues(account, "", examples.name))
        return found[0] if found else None
    each = principal(who.text)
    if not who.is_unnamed:
        return who.text
    account = each.account
    if who.is_of_any_account:
        owner = Arn.parse(resource)
        wanted = (
            owner.account if owner is not None and ACCOUNT_ID.fullmatch(owner.account) else examples.account
        )
        account = account if wanted in who.excluded_accounts else wanted
    name = examples.name if each.kind is PrincipalKind.USER else EXAMPLE
    return f"arn:aws:iam::{account}:{each.kind}/{name}"


def choose_values(
    key: str, constraints: KeyConstraints, known: Context, examples: ExampleValues
) -> Values | None:
    """Choose the values of a key: what AWS derives, a likely value, or any.

    None where the key is better absent.
    """
    derived = known.lookup(key)
    if isinstance(derived, tuple) and accepts(constraints, derived):
        return derived
    if not isinstance(derived, tuple) and key not in ALWAYS_PRESENT_KEYS and accepts(constraints, ()):
        return ()
    for text in (*LIKELY_VALUES.get(key, ()), *_likely(constraints, examples), EXAMPLE):
        if accepts(constraints, (text,)):
            return (text,)
    try:
        found = find_values(constraints | {_is_present(key)})
    except PatternsTooComplexError:
        return None
    if found is None:
        return None
    texts = tuple(text_of(word) for word in found.words)
    return None if None in texts else tuple(str(text) for text in texts)


def _is_present(key: str) -> Constraint[KeyTest]:
    return constraint(key_test(Condition("Null", key, ("false",), knows_variables=False)))


def _likely(constraints: KeyConstraints, examples: ExampleValues) -> Iterator[str]:
    for each in constraints:
        values = each.test.values
        if values is not None and each.holds is not each.test.negated:
            for language in sorted(values.texts, key=lambda one: (one.head, one.spelling)):
                yield from likely_texts(language, examples)


_MOST = 24
"""How many assignments are tried."""
_MOST_CHOICES = 6


def valuations(parts: Parts, who: PrincipalClass) -> Iterator[Parts]:
    """Yield the constraints with values in place of variables, and with the keys bound to these values."""
    yield from islice(_valuations(parts, who), _MOST)


def _valuations(parts: Parts, who: PrincipalClass) -> Iterator[Parts]:
    """Assign values to one key after another, starting with those that depend on the fewest others."""
    keys = {variable.key for each in all_of(parts) for variable in _variables(each)}
    if not keys:
        yield parts
        return
    # The key that depends on the fewest others first; sorting makes the choice reproducible.
    key = min(sorted(keys), key=lambda each: len(_depends_on(each, parts)))
    for value in islice(_choices(key, parts, who), _MOST_CHOICES):
        yield from _valuations(_bound(parts, key, value), who)


def _depends_on(key: str, parts: Parts) -> set[str]:
    constraints = parts.get(key, frozenset())
    return {variable.key for each in constraints for variable in _variables(each)} - {key}


def _variables(each: Constraint[Any]) -> set[Variable]:
    return {variable for one in languages_of(each) for variable in one.variables}


def _choices(key: str, parts: Parts, who: PrincipalClass) -> Iterator[str | None]:
    """Yield values for a key: derived, required, likely ones, and None for absent."""
    fixed = _fixed(key, parts)
    named = choose_principal(who, "*", _fixed(who.named_by, parts), ExampleValues()) if who.named_by else None
    derived = Request(named or who.text, "", "*").context.values.get(key, ())
    found = find_values(fixed) if fixed else None
    sample = text_of(found.words[0]) if found is not None and found.words else None
    likely = (*derived, *([sample] if sample else []), *LIKELY_VALUES.get(key, ()), EXAMPLE, ACCOUNT)
    likely = (*likely, *sorted(_beside(key, parts)))
    yield from (text for text in dict.fromkeys(likely) if accepts(fixed, (text,)))
    if accepts(fixed, ()):
        yield None


def _fixed(key: str, parts: Parts) -> KeyConstraints:
    """Return the constraints on a key that do not depend on variables."""
    return frozenset(each for each in parts.get(key, frozenset()) if not _variables(each))


def _beside(key: str, parts: Parts) -> set[str]:
    """Return the texts that occur beside a pattern with the key: perhaps the key can have the same value."""
    found: set[str] = set()
    for part, constraints in parts.items():
        if part != RESOURCE and any(
            variable.key == key for each in constraints for variable in _variables(each)
        ):
            found |= {one.literal for each in constraints for one in languages_of(each) if one.literal}
    return found


def _bound(parts: Parts, key: str, value: str | None) -> Parts:
    """Replace the variable by its value (None: absent) wherever it occurs, and require that value."""
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
    """Replace a variable in a pattern by its value; None where it has none, so that nothing matches."""
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
