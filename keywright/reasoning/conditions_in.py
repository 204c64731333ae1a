"""The condition keys that policies ask about, be it as a key or as a variable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.reasoning.constraints import RESOURCE, KeyTest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.policy.statement import Document
    from keywright.reasoning.constraints import AnyTest, Box, Constraint
    from keywright.reasoning.languages import Language


def languages_of(constraint: Constraint[AnyTest]) -> frozenset[Language]:
    """Give the patterns that a constraint compares with, whatever the outcome it asks for."""
    test = constraint.test
    if isinstance(test, KeyTest):
        return test.values.texts if test.values is not None else frozenset()
    return test.texts  # type: ignore[attr-defined, no-any-return]


def condition_keys(boxes: Iterable[Box]) -> frozenset[str]:
    """Give the keys in lower case."""
    constraints = {each for box in boxes for each in box}
    keys = {each.part for each in constraints if each.part != RESOURCE}
    for each in constraints:
        for one in languages_of(each):
            keys.update(variable.key for variable in one.variables)
    return frozenset(keys)


def spellings(documents: Iterable[Document]) -> dict[str, str]:
    """Give the keys of conditions, in lower case, with their spelling in the documents."""
    found: dict[str, str] = {}
    for document in documents:
        for statement in document.statements:
            for condition in statement.condition_tests:
                found.setdefault(condition.lowered_key, condition.key)
    return found
