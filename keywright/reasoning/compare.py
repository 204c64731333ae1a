"""Comparing what policies permit: does *after* permit a request that *before* did not?

The answer is a proof, a witness or undecided, never a guess. Two policies that differ only in order, case of action
names, spelling or redundant statements compare as equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from keywright.policy.document import Document, Kind
from keywright.reasoning.access_sets import access
from keywright.reasoning.action_sets import Actions, TooManyActionsError
from keywright.reasoning.conditions_in import condition_keys, spellings
from keywright.reasoning.cover import Cover, TooManyChoicesError
from keywright.reasoning.differences import Differences
from keywright.reasoning.emptiness import TooManyTextsError
from keywright.reasoning.hearing import Policies
from keywright.reasoning.principal_sets import always_present, identity_classes, principal_classes
from keywright.reasoning.replay import Replayed, replay
from keywright.reasoning.walk import METER, Meter
from keywright.reasoning.witness import Witness, Witnesses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.reasoning.witness import Candidate

_MOST_REPLAYS = 200
"""How many requests are tried before giving up."""
_MOST_CANDIDATES = 24
"""How many requests of one difference are tried."""
_ENOUGH_REPLAYS = 20
"""How many are tried for a better one, once one is confirmed."""


@dataclass(frozen=True, slots=True)
class NoNewAccess:
    """Proved: whatever *after* permits, *before* permitted."""

    name = "no-new-access"


@dataclass(frozen=True, slots=True)
class NewAccess:
    """The witness is permitted by *after* and was not by *before*."""

    witness: Witness
    name = "new-access"


@dataclass(frozen=True, slots=True)
class UndecidedComparison:
    """Neither proved nor shown; never to be counted as a pass."""

    reason: str
    name = "undecided"


Comparison = NoNewAccess | NewAccess | UndecidedComparison


def compare(before: Document, after: Document) -> Comparison:
    """Compare two documents of one kind: identity-based, resource-based or trust policies, as their `kind` says."""
    if after.kind is Kind.IDENTITY:
        return compare_access(Policies(identity=(before,)), Policies(identity=(after,)))
    return compare_access(Policies(resource=before), Policies(resource=after))


def compare_access(before: Policies, after: Policies) -> Comparison:
    """Compare sets of policies: a user's own and groups' with boundary, session and service control policies.

    A resource-based policy is compared alone: naming an account counts as permitting whom the account permits.
    """
    reason = _unfit(before) or _unfit(after)
    if reason:
        return UndecidedComparison(reason)
    token = METER.set(Meter())
    try:
        return _Comparing(before, after).answer()
    except TooManyActionsError:
        return UndecidedComparison("the action patterns overlap in too many ways")
    except TooManyTextsError:
        return UndecidedComparison("the patterns of a resource or condition overlap in too many ways")
    except TooManyChoicesError:
        return UndecidedComparison("the statements combine in too many ways")
    finally:
        METER.reset(token)


def _unfit(policies: Policies) -> str:
    """Say why policies can't be compared; empty when they can."""
    documents = [document for layer in _layers(policies) for document in layer]
    for document in documents:
        if document.unread:
            return f"a part of a policy can't be understood: {document.unread[0].reason}"
    if policies.resource is not None and (policies.identity or policies.boundary or policies.session):
        return "a resource-based policy is compared alone"
    if policies.resource_control:
        return "resource control policies are not compared"
    return ""


def _layers(policies: Policies) -> list[tuple[Document, ...]]:
    if policies.resource is not None:
        return [(policies.resource,), *policies.service_control]
    limits = [policies.session] if policies.session else []
    if policies.boundary is not None:
        limits.append((policies.boundary,))
    return [policies.identity, *limits, *policies.service_control]


class _Comparing:
    """One comparison: both sides laid out, and the search over them."""

    def __init__(self, before: Policies, after: Policies) -> None:
        self.before_policies, self.after_policies = before, after
        self.actions = Actions()
        self.before = access(_layers(before), self.actions)
        self.after = access(_layers(after), self.actions)

    def answer(self) -> Comparison:
        keys = condition_keys(rule.box for rule in (*self.before.rules, *self.after.rules))
        is_of_resource = self.before_policies.resource is not None or self.after_policies.resource is not None
        statements = [statement for document in self._documents() for statement in document.statements]
        is_trust = all(document.kind is Kind.TRUST for document in self._documents())
        who = identity_classes(keys)
        if is_of_resource:
            who = principal_classes(statements, keys, is_trust=is_trust)
        classes = self.actions.classes()
        differences = Differences(self.before, self.after, classes, who, always_present(keys), Cover())
        return self._shown(differences, Witnesses(self.actions, spellings(self._documents()), is_of_resource))

    def _documents(self) -> Iterator[Document]:
        for policies in (self.before_policies, self.after_policies):
            for layer in _layers(policies):
                yield from layer

    def _shown(self, differences: Differences, witnesses: Witnesses) -> Comparison:
        """Replay what differs until a request is confirmed."""
        shown = _Shown()
        try:
            for difference in differences:
                shown.is_proved = False
                for candidate in islice(witnesses.of(difference), _MOST_CANDIDATES):
                    request = candidate.witness.request
                    is_confirmed = shown.add(
                        candidate, replay(request, self.before_policies, self.after_policies)
                    )
                    if shown.is_settled:
                        return shown.answer()
                    if is_confirmed:
                        break
        except (TooManyChoicesError, TooManyTextsError):
            if shown.best is None:
                raise
        return shown.answer()


@dataclass
class _Shown:
    """What replays have shown so far."""

    best: Candidate | None = None
    best_replayed: Replayed = Replayed.NOT_NEW
    tried: int = 0
    is_proved: bool = True

    def add(self, candidate: Candidate, replayed: Replayed) -> bool:
        """Take a replay into account; tell whether it confirms a request that AWS is known to make."""
        self.tried += 1
        rank = (candidate.is_typical, replayed)
        if replayed and (self.best is None or rank > (self.best.is_typical, self.best_replayed)):
            self.best, self.best_replayed = candidate, replayed
        return bool(replayed) and candidate.is_typical

    @property
    def is_settled(self) -> bool:
        if self.best is None or not self.best.is_typical:
            return self.tried >= _MOST_REPLAYS
        return self.best_replayed is Replayed.EITHER_WAY or self.tried >= _ENOUGH_REPLAYS

    def answer(self) -> Comparison:
        if self.best is not None:
            return NewAccess(self.best.witness)
        if self.is_proved:
            return NoNewAccess()
        return UndecidedComparison("requests that may be new were found, but none that evaluation confirms")
