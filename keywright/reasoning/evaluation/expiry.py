"""Removes the Allow statements of a policy whose time limit has passed.

Source: "IAM JSON policy elements: Condition operators" (date condition operators).
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from keywright.policy.conditions import Family, SetOperator, instant
from keywright.policy.statement import Effect

if TYPE_CHECKING:
    from datetime import datetime

    from keywright.policy.conditions import Condition
    from keywright.policy.statement import Document, Statement

_CLOCKS = frozenset({"aws:currenttime", "aws:epochtime"})


def without_expired(document: Document, now: datetime) -> Document:
    """Return the document without the Allow statements that have expired.

    The document itself where none has.
    """
    kept = tuple(each for each in document.statements if not _is_expired(each, now))
    return document if len(kept) == len(document.statements) else replace(document, statements=kept)


def _is_expired(statement: Statement, now: datetime) -> bool:
    tests = statement.condition_tests if statement.effect is Effect.ALLOW else ()
    return any(_is_over(test, Decimal(int(now.timestamp()))) for test in tests)


def _is_over(test: Condition, now: Decimal) -> bool:
    operator = test.operator
    if operator is None or test.lowered_key not in _CLOCKS or operator.quantifier is SetOperator.ALL:
        return False
    if operator.family not in {Family.DATE, Family.NUMERIC} or not operator.relation.startswith("lessthan"):
        return False
    ends = [instant(value) for value in test.values]
    return bool(ends) and all(end is not None and end < now for end in ends)
