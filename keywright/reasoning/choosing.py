"""Choosing who makes a request and what its keys hold, so that it meets what is asked and looks real."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.conditions import Condition
from keywright.policy.matching.arn import Arn
from keywright.policy.matching.context import Context
from keywright.policy.principals import ACCOUNT_ID, PrincipalKind, principal
from keywright.reasoning.condition_sets import accepts, find_values, key_test
from keywright.reasoning.constraints import constraint
from keywright.reasoning.emptiness import TooManyTextsError, text_of
from keywright.reasoning.filling import EXAMPLE, LIKELY_VALUES, Filling, likely_texts
from keywright.reasoning.request import EVERY_REQUEST_HAS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.policy.matching.context import Values
    from keywright.reasoning.constraints import Constraint, KeyConstraints, KeyTest
    from keywright.reasoning.principal_sets import PrincipalClass


def principal_text(who: PrincipalClass, resource: str, asked: KeyConstraints, filling: Filling) -> str | None:
    """Name a principal of a class; `asked` is what the key that names it must meet. None when nothing meets that."""
    if who.named_by:
        owner = Arn.parse(resource)
        account = owner.account if owner is not None and owner.account.isdigit() else filling.account
        found = values_for(who.named_by, asked, Context(), Filling(account, "", filling.name))
        return found[0] if found else None
    each = principal(who.text)
    if not who.is_unnamed:
        return who.text
    account = each.account
    if who.is_of_any_account:
        owner = Arn.parse(resource)
        wanted = (
            owner.account if owner is not None and ACCOUNT_ID.fullmatch(owner.account) else filling.account
        )
        account = account if wanted in who.barred_accounts else wanted
    name = filling.name if each.kind is PrincipalKind.USER else EXAMPLE
    return f"arn:aws:iam::{account}:{each.kind}/{name}"


def values_for(key: str, constraints: KeyConstraints, told: Context, filling: Filling) -> Values | None:
    """Choose what a key holds: what AWS derives, a likely value, or any; none when it is best absent."""
    derived = told.lookup(key)
    if isinstance(derived, tuple) and accepts(constraints, derived):
        return derived
    if not isinstance(derived, tuple) and key not in EVERY_REQUEST_HAS and accepts(constraints, ()):
        return ()
    for text in (*LIKELY_VALUES.get(key, ()), *_likely(constraints, filling), EXAMPLE):
        if accepts(constraints, (text,)):
            return (text,)
    try:
        found = find_values(constraints | {_is_present(key)})
    except TooManyTextsError:
        return None
    if found is None:
        return None
    texts = tuple(text_of(word) for word in found.words)
    return None if None in texts else tuple(str(text) for text in texts)


def _is_present(key: str) -> Constraint[KeyTest]:
    return constraint(key_test(Condition("Null", key, ("false",), knows_variables=False)))


def _likely(constraints: KeyConstraints, filling: Filling) -> Iterator[str]:
    for each in constraints:
        values = each.test.values
        if values is not None and each.holds is not each.test.negated:
            for language in sorted(values.texts, key=lambda one: (one.head, one.spelling)):
                yield from likely_texts(language, filling)
