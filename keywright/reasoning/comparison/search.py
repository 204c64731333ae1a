"""The search for a request that one side permits and the other does not; each is confirmed by evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING

from keywright.policy.principals import PrincipalKind
from keywright.policy.statement import Kind
from keywright.reasoning.evaluation.aws_refusals import NOT_REFUSED
from keywright.reasoning.evaluation.evaluate import aws_refusal
from keywright.reasoning.evaluation.service_rules import allowed_by_rule
from keywright.reasoning.sets.access_sets import access
from keywright.reasoning.sets.action_sets import Actions, TooManyActionsError
from keywright.reasoning.sets.constraints import condition_keys, spellings
from keywright.reasoning.sets.differences import Cover, Differences, StatementsTooComplexError
from keywright.reasoning.sets.emptiness import PatternsTooComplexError
from keywright.reasoning.sets.memo import MEMO
from keywright.reasoning.sets.principal_sets import (
    TooManyPrincipalsError,
    always_present,
    class_of_principal,
    identity_classes,
    principal_classes,
)
from keywright.reasoning.sets.product import BUDGET, Budget
from keywright.reasoning.witnesses.replay import ReplayResult
from keywright.reasoning.witnesses.witness import Witness, Witnesses

if TYPE_CHECKING:
    from collections.abc import Callable

    from keywright.policy.statement import Document
    from keywright.reasoning.evaluation.policies import Policies
    from keywright.reasoning.evaluation.request import Request
    from keywright.reasoning.sets.action_sets import ActionClass
    from keywright.reasoning.sets.principal_sets import PrincipalClass
    from keywright.reasoning.witnesses.witness import Candidate


_MOST_REPLAYS = 200
"""How many requests are tried before giving up."""
_MOST_CANDIDATES = 24
"""How many requests of one difference are tried."""
_ENOUGH_REPLAYS = 20
"""How many are tried for a better example, once one is confirmed."""


@dataclass(frozen=True, slots=True)
class NoNewAccess:
    """Proved: *before* permitted everything that *after* permits."""

    name = "no-new-access"


@dataclass(frozen=True, slots=True)
class NewAccess:
    """The witness is permitted by *after* and was not permitted by *before*."""

    witness: Witness
    name = "new-access"


@dataclass(frozen=True, slots=True)
class UndecidedComparison:
    """Neither proved nor shown; this must never be counted as a pass."""

    reason: str
    name = "undecided"


Comparison = NoNewAccess | NewAccess | UndecidedComparison


@dataclass(frozen=True)
class Sides:
    """Two accesses, as layers of documents."""

    before: Layers
    after: Layers

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """All documents of both sides."""
        return tuple(chain.from_iterable((*self.before, *self.after)))


@dataclass(frozen=True)
class Search:
    """One comparison: two sides and the search for a difference.

    `confirm` evaluates a request on both sides. `principal_arn` is the principal whose access is compared,
    empty for any; with `names_principals` the documents name the principals; with `may_be_linked` a service-linked role
    may be the principal.
    """

    sides: Sides
    confirm: Callable[[Request], ReplayResult]
    principal_arn: str = ""
    names_principals: bool = False
    may_be_linked: bool = False

    def answer(self) -> Comparison:
        """Search within the budget."""
        token = BUDGET.set(Budget())
        try:
            return self._answer()
        except TooManyActionsError:
            return UndecidedComparison("the action patterns overlap in too many ways")
        except TooManyPrincipalsError:
            return UndecidedComparison("the policies name too many principals")
        except PatternsTooComplexError:
            return UndecidedComparison("the patterns of a resource or condition overlap in too many ways")
        except StatementsTooComplexError:
            return UndecidedComparison("the statements combine in too many ways")
        finally:
            BUDGET.reset(token)
            MEMO.clear_if_large()

    def _answer(self) -> Comparison:
        found = self._between(self.sides)
        # What AWS refuses is left out only where it matters, because each pattern more makes the search slower.
        if found.is_open and found.has_refused and not (self.names_principals or self.may_be_linked):
            found = self._between(Sides(self.sides.before, [*self.sides.after, (NOT_REFUSED,)]))
        return found.answer()

    def _between(self, sides: Sides) -> _Shown:
        actions = Actions()
        before, after = (access(layers, actions) for layers in (sides.before, sides.after))
        keys = condition_keys(rule.box for rule in (*before.rules, *after.rules))
        classes = actions.classes()
        if not self.names_principals:
            # No identity-based policy decides about calls that AWS always allows.
            classes = {membership: each for membership, each in classes.items() if depends_on_policies(each)}
        who, given = self._principals(keys), always_present(keys)
        differences = Differences(before, after, classes, who, given, Cover())
        spelled = spellings(self.sides.documents)
        return self._confirmed(differences, Witnesses(actions, spelled, self.names_principals))

    def _principals(self, keys: frozenset[str]) -> tuple[PrincipalClass, ...]:
        if self.principal_arn:
            return (class_of_principal(self.principal_arn, keys),)
        if not self.names_principals:
            return identity_classes(keys)
        documents = self.sides.documents
        statements = [statement for document in documents for statement in document.statements]
        is_trust = all(document.kind is Kind.TRUST for document in documents)
        return principal_classes(statements, keys, is_trust=is_trust)

    def _confirmed(self, differences: Differences, witnesses: Witnesses) -> _Shown:
        """Evaluate requests of the differences until one is confirmed."""
        shown = _Shown()
        try:
            for difference in differences:
                # From here on "no new access" would be wrong, even if no request is
                # confirmed.
                shown.is_proved = False
                for candidate in islice(witnesses.of(difference), _MOST_CANDIDATES):
                    request = candidate.witness.request
                    shown.has_refused = shown.has_refused or bool(aws_refusal(request))
                    is_confirmed = shown.add(candidate, self.confirm(request))
                    if shown.is_settled:
                        return shown
                    if is_confirmed:
                        break
        except (StatementsTooComplexError, PatternsTooComplexError):
            # A confirmed witness stands, even if the search could not be finished.
            if shown.best is None:
                raise
        return shown


def depends_on_policies(actions: ActionClass) -> bool:
    """Return whether policies decide about some of the actions at all."""
    literals = (literal.lower() for literal in actions.literals)
    is_answered = all(allowed_by_rule(each, PrincipalKind.USER) for each in literals)
    return bool(actions.overlaps) or not is_answered


@dataclass
class _Shown:
    """The results of evaluation so far."""

    best: Candidate | None = None
    best_replayed: ReplayResult = ReplayResult.NOT_NEW
    tried: int = 0
    is_proved: bool = True
    has_refused: bool = False

    @property
    def is_open(self) -> bool:
        """Whether there are differences, but no request of them is confirmed."""
        return self.best is None and not self.is_proved

    def add(self, candidate: Candidate, replayed: ReplayResult) -> bool:
        """Add a result; return whether it confirms a request that AWS is known to support."""
        self.tried += 1
        rank = (candidate.is_typical, replayed)
        if replayed and (self.best is None or rank > (self.best.is_typical, self.best_replayed)):
            self.best, self.best_replayed = candidate, replayed
        return bool(replayed) and candidate.is_typical

    @property
    def is_settled(self) -> bool:
        if self.best is None or not self.best.is_typical:
            return self.tried >= _MOST_REPLAYS
        return self.best_replayed is ReplayResult.EITHER_WAY or self.tried >= _ENOUGH_REPLAYS

    def answer(self) -> Comparison:
        if self.best is not None:
            return NewAccess(self.best.witness)
        if self.is_proved:
            return NoNewAccess()
        return UndecidedComparison("candidate requests were found, but policy evaluation confirmed none")


Layers = list[tuple["Document", ...]]


def layers_of(policies: Policies) -> Layers:
    """Return the layers of an identity's or a resource's policies: its own, then those that limit it."""
    if policies.resource is not None:
        return [(policies.resource,), *policies.service_control]
    return [policies.identity, *limits_of(policies)]


def limits_of(policies: Policies) -> Layers:
    """Return the layers that limit an identity's own policies."""
    limits = [policies.session] if policies.session else []
    if policies.boundary is not None:
        limits.append((policies.boundary,))
    return [*limits, *policies.service_control]
