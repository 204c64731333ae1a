"""Sets of requests, as documents that allow them, and the statements of other policies that concern them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.policy.matching.arn import Arn
from keywright.policy.matching.context import Context
from keywright.policy.matching.patterns import action_pattern
from keywright.reasoning.account.resource_sets import resource_languages
from keywright.reasoning.sets.emptiness import PatternsTooComplexError, is_disjoint, is_subset
from keywright.reasoning.sets.languages import Dialect, Language, language
from keywright.reasoning.sets.product import BUDGET, Budget

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.policy.statement import Document, Statement

_NOTHING_KNOWN = Context(complete=False)
_WILDCARDS = frozenset("*?")


@dataclass(frozen=True, eq=False)
class RequestSet:
    """The requests that a document allows; every other document is filtered once.

    All pattern comparisons share a budget; when it is spent, every further statement counts as relevant.
    """

    document: Document
    owned_by: str = ""
    """The account of the resources, where their ARNs do not say."""
    _budget: Budget = field(default_factory=Budget, init=False)
    _concerned: dict[int, tuple[Document, Document]] = field(default_factory=dict, init=False)

    def concerned(self, document: Document) -> Document:
        """Return the document with only the statements that may concern some of the requests."""
        known = self._concerned.get(id(document))
        if known is None:
            kept = self._about(document)
            smaller = (
                document if len(kept) == len(document.statements) else replace(document, statements=kept)
            )
            known = self._concerned[id(document)] = document, smaller
        return known[1]

    def _about(self, document: Document) -> tuple[Statement, ...]:
        # One budget for all documents, so that hostile patterns cannot multiply the time.
        token = BUDGET.set(self._budget)
        try:
            return tuple(each for each in document.statements if self._is_about(each))
        finally:
            BUDGET.reset(token)

    def _is_about(self, statement: Statement) -> bool:
        return any(
            _share_an_action(statement, each) and _share_a_resource(statement, each)
            for each in self.document.statements
        )

    @cached_property
    def resources(self) -> tuple[str, ...]:
        """All resource patterns of the requests."""
        return tuple(dict.fromkeys(text for each in self.document.statements for text in each.resources))

    @cached_property
    def owner(self) -> str:
        """The one account that owns all the resources; empty where it is not known.

        No account owns AWS managed policies, whose ARNs have `aws` instead: the caller's own policies decide.
        """
        if self.owned_by:
            return self.owned_by
        arns = [Arn.parse(each) for each in self.resources]
        owners = {each.account if each is not None and each.account != "aws" else "" for each in arns}
        return owners.pop() if len(owners) == 1 else ""


def may_intersect(one: Language, other: Language) -> bool:
    """Return whether two patterns may match a common text."""
    try:
        return not is_disjoint(one, other)
    except PatternsTooComplexError:
        return True


def _share_an_action(statement: Statement, requests: Statement) -> bool:
    if statement.not_actions:
        return not all(any(_covers(one, each) for one in statement.not_actions) for each in requests.actions)
    return any(_both_cover(one, each) for one in statement.actions for each in requests.actions)


def _covers(pattern: str, action: str) -> bool:
    if not _WILDCARDS & set(action):
        return action_pattern(pattern).covers(action.lower())
    return _is_within(_language(action), _language(pattern))


def _both_cover(one: str, other: str) -> bool:
    """Return whether both patterns match a common action.

    A pattern without wildcards is looked up directly.
    """
    if not _WILDCARDS & set(one):
        return action_pattern(other).covers(one.lower())
    if not _WILDCARDS & set(other):
        return action_pattern(one).covers(other.lower())
    return may_intersect(_language(one), _language(other))


def _language(pattern: str) -> Language:
    return language(action_pattern(pattern).glob.parts, Dialect.ANY_CASE)


def _share_a_resource(statement: Statement, requests: Statement) -> bool:
    if statement.not_resources or not statement.resources:
        return True
    return _meet(resource_languages(statement, _NOTHING_KNOWN), resource_languages(requests, _NOTHING_KNOWN))


def _meet(some: Iterable[Language], others: Iterable[Language]) -> bool:
    found = tuple(others)
    return any(may_intersect(one, other) for one in some for other in found)


def _is_within(one: Language, other: Language) -> bool:
    try:
        return is_subset(one, other)
    except PatternsTooComplexError:
        return False
