"""Proving invariants: what nobody may ever do, what somebody may always do, through role assumption and all.

An invariant speaks of the principal that makes a request. Who assumes a role that is excepted acts as one that is
not bound; who assumes any other role is bound with it. Paths are followed as far as roles can be assumed within the
principals handed in; what a principal is given by the policies of resources is not looked at.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from keywright.policy.document import Document
from keywright.policy.naming import named_by
from keywright.policy.principals import principal
from keywright.policy.statement import Conditions, Effect, Statement
from keywright.policy.truth import NO, YES
from keywright.reasoning.compare import compare_access
from keywright.reasoning.evaluate import evaluate
from keywright.reasoning.hearing import Levels, Policies
from keywright.reasoning.layers import layers_of, limits_of
from keywright.reasoning.replay import Replayed
from keywright.reasoning.search import (
    Comparison,
    NewAccess,
    NoNewAccess,
    Search,
    Sides,
    UndecidedComparison,
)
from keywright.reasoning.verdict import Allowed
from keywright.reasoning.witness import Witness
from keywright.reasoning.word import covers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright.reasoning.layers import Layers
    from keywright.reasoning.request import Request

ASSUME = "sts:AssumeRole"
FREE = ("sts:GetCallerIdentity", "sts:GetSessionToken")
"""What AWS may let a principal do without a statement that allows it."""


@dataclass(frozen=True)
class Holder:
    """A user or role, by its ARN, with the policies in force for it; `trust` is there for roles."""

    arn: str
    identity: tuple[Document, ...] = ()
    boundary: Document | None = None
    trust: Document | None = None
    service_control: Levels = ()

    @property
    def policies(self) -> Policies:
        """What decides about its requests."""
        return Policies(identity=self.identity, boundary=self.boundary, service_control=self.service_control)


@dataclass(frozen=True)
class Invariant:
    """What is asked about: actions on resources under conditions, by principals named by ARN.

    `who` is None for everyone. `can` and `on` hold patterns as `Action` and `Resource` do, `when` conditions as
    `Condition` does: only requests that meet them count.
    """

    can: tuple[str, ...]
    on: tuple[str, ...] = ("*",)
    who: frozenset[str] | None = None
    excepting: frozenset[str] = frozenset()
    when: Conditions = field(default_factory=dict)

    @property
    def asked(self) -> Document:
        """The requests, as a document that allows them."""
        return Document((Statement(actions=self.can, resources=self.on, conditions=self.when),))

    def binds(self, holder: Holder) -> bool:
        """Tell whether it speaks of a principal."""
        return holder.arn not in self.excepting and (self.who is None or holder.arn in self.who)


@dataclass(frozen=True, slots=True)
class Step:
    """One request on a path: an assumption of a role, or at last what the invariant is about."""

    request: Witness


@dataclass(frozen=True, slots=True)
class Proved:
    """The invariant holds for everyone it binds."""

    name = "proved"


@dataclass(frozen=True, slots=True)
class Broken:
    """The invariant does not hold: for `never`, the requests that lead there; for `always`, the one that is refused."""

    holder: str
    path: tuple[Step, ...]
    name = "broken"


@dataclass(frozen=True, slots=True)
class Unproved:
    """Neither proved nor broken; never to be counted as a pass."""

    reason: str
    name = "undecided"


Outcome = Proved | Broken | Unproved


def never(invariant: Invariant, holders: Iterable[Holder]) -> Outcome:
    """Tell whether none of those bound can make any of the requests, as themselves or through roles."""
    everyone = tuple(holders)
    return _gathered(_never(invariant, holder, everyone) for holder in everyone if invariant.binds(holder))


def always(invariant: Invariant, holders: Iterable[Holder]) -> Outcome:
    """Tell whether each of those bound can make every one of the requests: all as itself, or all as one role."""
    everyone = tuple(holders)
    bound = [holder for holder in everyone if invariant.binds(holder)]
    if not bound:
        return Unproved("the invariant binds nobody")
    return _gathered(_always(invariant, holder, everyone) for holder in bound)


def _gathered(outcomes: Iterator[Outcome]) -> Outcome:
    """Give the first that is broken; without one, the first that is undecided."""
    undecided: Outcome = Proved()
    for outcome in outcomes:
        if isinstance(outcome, Broken):
            return outcome
        if isinstance(undecided, Proved):
            undecided = outcome
    return undecided


def _never(invariant: Invariant, holder: Holder, everyone: Sequence[Holder]) -> Outcome:
    undecided: Outcome = Proved()
    for reached in _reached(holder, everyone, invariant.excepting):
        found = _request_of(reached.holder, invariant.asked)
        if isinstance(found, UndecidedComparison):
            undecided = _untold(reached.holder, found)
        elif isinstance(found, NewAccess) and reached.doubt:
            undecided = Unproved(reached.doubt)
        elif isinstance(found, NewAccess):
            return Broken(holder.arn, (*reached.path, Step(found.witness)))
    return undecided


def _always(invariant: Invariant, holder: Holder, everyone: Sequence[Holder]) -> Outcome:
    missing: Outcome | None = None
    for reached in _reached(holder, everyone, frozenset()):
        last = reached.holder
        found = compare_access(last.policies, Policies(identity=(invariant.asked,)), last.arn)
        if isinstance(found, NoNewAccess) and not reached.doubt:
            return Proved()
        if isinstance(found, NoNewAccess):
            missing = Unproved(reached.doubt)
        elif isinstance(found, UndecidedComparison):
            missing = _untold(last, found)
        elif missing is None:
            missing = Broken(holder.arn, (Step(found.witness),))
    return missing or Proved()


def _untold(holder: Holder, found: UndecidedComparison) -> Unproved:
    return Unproved(f"what `{holder.arn}` may do can't be told: {found.reason}")


@dataclass(frozen=True, slots=True)
class _Reached:
    """Somebody a principal can act as, by a path; `doubt` says why it is not sure."""

    holder: Holder
    path: tuple[Step, ...] = ()
    doubt: str = ""


def _reached(holder: Holder, everyone: Sequence[Holder], excepting: frozenset[str]) -> Iterator[_Reached]:
    """Yield whom a principal can act as, nearest first and sure ones before those in doubt."""
    seen = {holder.arn}
    sure, doubtful = deque([_Reached(holder)]), deque[_Reached]()
    while sure or doubtful:
        last = sure.popleft() if sure else doubtful.popleft()
        if last.doubt and last.holder.arn in seen:
            continue
        seen.add(last.holder.arn)
        yield last
        for role in everyone:
            if role.trust is None or role.arn in seen or role.arn in excepting:
                continue
            found = assumption(last.holder, role)
            if isinstance(found, NewAccess) and not last.doubt:
                seen.add(role.arn)
                sure.append(_Reached(role, (*last.path, Step(found.witness))))
            elif not isinstance(found, NoNewAccess):
                doubtful.append(_Reached(role, last.path, last.doubt or _doubt(last.holder, role, found)))


def _doubt(holder: Holder, role: Holder, found: Comparison) -> str:
    reason = found.reason if isinstance(found, UndecidedComparison) else ""
    return f"whether `{holder.arn}` may assume `{role.arn}` can't be told: {reason}"


def _request_of(holder: Holder, asked: Document) -> Comparison:
    """Look for a request of those asked that a principal may make."""
    for action in FREE:
        witness = Witness(holder.arn, action, "*")
        if all(covers(each, witness.request) is YES for each in asked.statements) and isinstance(
            evaluate(witness.request, holder.policies), Allowed
        ):
            return NewAccess(witness)
    within = replace(holder.policies, service_control=(*holder.service_control, (asked,)))
    return compare_access(Policies(), within, holder.arn)


def assumption(holder: Holder, role: Holder) -> Comparison:
    """Look for a request by which a principal may assume a role: new access is one, no new access that there is none.

    Within an account a trust policy that names the role or user itself is enough; one that names the account lets the
    principal's own policies decide. Across accounts both must allow.
    """
    assert role.trust is not None
    policies = replace(holder.policies, resource=role.trust)
    unread = [each for layer in (*layers_of(holder.policies), (role.trust,)) for each in layer if each.unread]
    if unread:
        return UndecidedComparison(f"a part of a policy can't be understood: {unread[0].unread[0].reason}")
    asked = Document((Statement(actions=(ASSUME,), resources=(role.arn,)),))
    answers: list[Comparison] = []
    for layers in _ways(holder, role):
        found = Search(
            Sides([()], [*layers, (asked,)]), lambda request: _is_allowed(request, policies), holder.arn
        ).answer()
        if isinstance(found, NewAccess):
            return found
        answers.append(found)
    return next((each for each in answers if isinstance(each, UndecidedComparison)), NoNewAccess())


def _ways(holder: Holder, role: Holder) -> Iterator[Layers]:
    """Yield layers that each grant the assumption on their own: what denies is in every one."""
    assert role.trust is not None
    limits = limits_of(holder.policies)
    yield [holder.identity, *limits, (role.trust,)]
    if principal(holder.arn).account != principal(role.arn).account:
        return
    own = tuple(_only(document, Effect.DENY) for document in holder.identity)
    yield [*limits, (_naming(role.trust, holder.arn, "role"), *own)]
    caps = (holder.boundary,) if holder.boundary is not None else ()
    denials = (*own, *(_only(document, Effect.DENY) for document in caps))
    yield [*holder.service_control, (_naming(role.trust, holder.arn, "direct"), *denials)]


def _only(document: Document, effect: Effect) -> Document:
    return replace(document, statements=tuple(each for each in document.statements if each.effect is effect))


def _naming(trust: Document, arn: str, how: Literal["role", "direct"]) -> Document:
    """Keep denials, and what allows a principal by more than its account: as a role, or directly."""
    who = principal(arn)
    kept = tuple(
        each
        for each in trust.statements
        if each.effect is Effect.DENY
        or each.not_principals
        or getattr(named_by(each.principals, who), how) is not NO
    )
    return replace(trust, statements=kept)


def _is_allowed(request: Request, policies: Policies) -> Replayed:
    is_allowed = isinstance(evaluate(request, policies), Allowed)
    return Replayed.EITHER_WAY if is_allowed else Replayed.NOT_NEW
