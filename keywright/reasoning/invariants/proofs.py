"""Proving invariants: what nobody may ever do, what somebody may always do, through role assumption and all.

An invariant speaks of the principal that makes a request. Who assumes a role that is excepted acts as one that is
not bound; who assumes any other role is bound with it. Paths are followed as far as roles can be assumed within the
principals handed in; ways to more privilege (passing a role to a service, rewriting a policy) are none of them.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.policy.statement import Conditions, Document, Statement
from keywright.reasoning.account.resource_sets import arn_language
from keywright.reasoning.comparison.compare import compare_access
from keywright.reasoning.comparison.search import Comparison, NewAccess, NoNewAccess, UndecidedComparison
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.invariants.access_queries import (
    AccessQuery,
    find_allowed_request,
    find_refused_request,
)
from keywright.reasoning.invariants.request_sets import RequestSet, may_intersect
from keywright.reasoning.invariants.role_assumption import (
    AT_DEPLOYMENT,
    UndecidedAssumption,
    can_assume,
    undecided_reason,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright.reasoning.invariants.principals import AttachedPolicy, PrincipalPolicies
    from keywright.reasoning.witnesses.witness import Witness

GENERATED_NAME = "a name is generated at deployment, and a pattern in a policy may match it"
MOST_UNDECIDED = 50
GIVEN_UP = "too many other principals are undecided"
_ASSUMING = "sts:AssumeRole*"

ActionsOnResources = tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
"""Actions, each group with the resources it is asked about on."""


@dataclass(frozen=True)
class Invariant:
    """What is asked about: actions on resources under conditions, by principals named by ARN.

    `who` is None for everyone. `can` and `on` hold patterns as `Action` and `Resource` do, `when` conditions as
    `Condition` does: only requests that meet them count; where it is given, `when_of_roles` takes their place for what
    sessions of roles must be able to do, which carry no second factor. `asks` gives what is asked where actions and
    resources do not go together in every combination, `perhaps` patterns of what a resource may turn out to be called,
    `owned_by` the account that has it all, where the ARNs do not tell. With `without_mfa`, a role whose trust asks
    everybody for a second factor is none that acts without one.
    """

    can: tuple[str, ...] = ()
    on: tuple[str, ...] = ("*",)
    who: frozenset[str] | None = None
    excepting: frozenset[str] = frozenset()
    when: Conditions = field(default_factory=dict)
    when_of_roles: Conditions | None = None
    asks: ActionsOnResources = ()
    without_mfa: bool = False
    perhaps: tuple[str, ...] = ()
    owned_by: str = ""

    @cached_property
    def asked(self) -> Document:
        """The requests, as a document that allows them."""
        return self._allowing(self.asks or ((self.can, self.on),))

    def asked_of(self, resources: tuple[str, ...]) -> Document:
        """Give the same requests on other resources."""
        return self._allowing(tuple((can, resources) for can, _ in self.asks or ((self.can, self.on),)))

    def _allowing(self, pairs: ActionsOnResources) -> Document:
        return Document(
            tuple(
                Statement(actions=can, resources=on, conditions=self.when, knows_variables=False)
                for can, on in pairs
            )
        )

    def binds(self, holder: PrincipalPolicies) -> bool:
        """Tell whether it speaks of a principal."""
        return holder.arn not in self.excepting and (self.who is None or holder.arn in self.who)


@dataclass(frozen=True, slots=True)
class PathStep:
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
    path: tuple[PathStep, ...]
    name = "broken"


@dataclass(frozen=True, slots=True)
class Unproved:
    """Neither proved nor broken; never to be counted as a pass."""

    reason: str
    name = "undecided"


Outcome = Proved | Broken | Unproved


def prove_never(
    invariant: Invariant, holders: Iterable[PrincipalPolicies], hanging: Sequence[AttachedPolicy] = ()
) -> Outcome:
    """Tell whether none of those bound can make any of the requests, as themselves or through roles."""
    proof = NeverProof(invariant, tuple(holders), tuple(hanging))
    return _combined(proof.outcome(each) for each in proof.bound)


def prove_always(
    invariant: Invariant, holders: Iterable[PrincipalPolicies], hanging: Sequence[AttachedPolicy] = ()
) -> Outcome:
    """Tell whether each of those bound can make every one of the requests: all as itself, or all as one role."""
    proof = AlwaysProof(invariant, tuple(holders), tuple(hanging))
    if not proof.bound:
        return Unproved("the invariant applies to no principal")
    return _combined(proof.outcome(each) for each in proof.bound)


def _combined(outcomes: Iterator[Outcome]) -> Outcome:
    """Give the first that is broken; without one, the first that is undecided."""
    undecided: Outcome = Proved()
    for outcome in outcomes:
        if isinstance(outcome, Broken):
            return outcome
        if isinstance(undecided, Proved):
            undecided = outcome
    return undecided


@dataclass(frozen=True, slots=True)
class _ReachedPrincipal:
    """Somebody a principal can act as, by a path; `doubt` says why it is not sure."""

    holder: PrincipalPolicies
    path: tuple[PathStep, ...] = ()
    doubt: str = ""


@dataclass(frozen=True, eq=False)
class _Proof:
    """One invariant, everybody whose policies are known, and the policies on resources."""

    invariant: Invariant
    everyone: tuple[PrincipalPolicies, ...]
    hanging: tuple[AttachedPolicy, ...] = ()

    @cached_property
    def bound(self) -> tuple[PrincipalPolicies, ...]:
        """Those of whom it speaks."""
        return tuple(each for each in self.everyone if self.invariant.binds(each))

    @cached_property
    def asked(self) -> RequestSet:
        """The requests it is about."""
        return RequestSet(self.invariant.asked, self.invariant.owned_by)

    @cached_property
    def at_most(self) -> AccessQuery:
        """The same, with all that policies on resources may allow."""
        return AccessQuery.at_most(self.asked, self.hanging)

    @cached_property
    def at_least(self) -> AccessQuery:
        """The same, with what they surely allow."""
        return AccessQuery.at_least(self.asked, self.hanging)

    @cached_property
    def _roles(self) -> tuple[PrincipalPolicies, ...]:
        return tuple(each for each in self.everyone if each.trust is not None)

    @cached_property
    def _assumptions(self) -> dict[tuple[int, int], Comparison | UndecidedAssumption]:
        return {}

    def reached(self, holder: PrincipalPolicies, excepting: frozenset[str]) -> Iterator[_ReachedPrincipal]:
        """Yield whom a principal can act as, nearest first and sure ones before those in doubt."""
        seen = {id(holder)}
        sure, doubtful = deque([_ReachedPrincipal(holder)]), deque[_ReachedPrincipal]()
        while sure or doubtful:
            last = sure.popleft() if sure else doubtful.popleft()
            if last.doubt and id(last.holder) in seen:
                continue
            seen.add(id(last.holder))
            yield last
            for role in self._roles:
                if id(role) in seen or role.arn in excepting:
                    continue
                found = self._assumption(last.holder, role)
                if isinstance(found, NewAccess) and not last.doubt:
                    seen.add(id(role))
                    sure.append(_ReachedPrincipal(role, (*last.path, PathStep(found.witness))))
                elif not isinstance(found, NoNewAccess):
                    doubt = last.doubt or undecided_reason(last.holder, role, found)
                    doubtful.append(_ReachedPrincipal(role, last.path, doubt))

    def _assumption(
        self, holder: PrincipalPolicies, role: PrincipalPolicies
    ) -> Comparison | UndecidedAssumption:
        key = id(holder), id(role)
        if key not in self._assumptions:
            self._assumptions[key] = can_assume(holder, role)
        return self._assumptions[key]


class NeverProof(_Proof):
    """That nobody bound can make any of the requests."""

    def outcome(self, holder: PrincipalPolicies) -> Outcome:
        """Tell it of one who is bound, as itself or as a role it can come to act as."""
        own = self.by_itself(holder)
        if isinstance(own, Broken) or self.invariant.who is None or not self._dangerous:
            return own
        return self._through_roles(holder, own)

    def by_itself(self, holder: PrincipalPolicies) -> Outcome:
        """Tell it of one somebody alone."""
        if id(holder) not in self._told:
            self._told[id(holder)] = self._tell(holder)
        return self._told[id(holder)]

    @cached_property
    def _untold(self) -> list[PrincipalPolicies]:
        """Those of whom it could not be told; after many, nobody else is looked at."""
        return []

    @cached_property
    def _told(self) -> dict[int, Outcome]:
        return {}

    @cached_property
    def _dangerous(self) -> bool:
        """Whether some role not excepted may make a request; while none does, no path matters."""
        roles = (each for each in self._roles if each.arn not in self.invariant.excepting)
        return any(not isinstance(self.by_itself(each), Proved) for each in roles)

    def _through_roles(self, holder: PrincipalPolicies, undecided: Outcome) -> Outcome:
        for reached in self.reached(holder, self.invariant.excepting):
            found = self.by_itself(reached.holder)
            if isinstance(found, Broken) and not reached.doubt:
                return Broken(holder.arn, (*reached.path, *found.path))
            if not isinstance(found, Proved) and isinstance(undecided, Proved):
                undecided = Unproved(reached.doubt) if reached.doubt else found
        return undecided

    def _tell(self, holder: PrincipalPolicies) -> Outcome:
        if len(self._untold) >= MOST_UNDECIDED:
            return Unproved(GIVEN_UP)
        found = find_allowed_request(self.at_most, holder)
        if isinstance(found, NoNewAccess):
            doubt = holder.doubt or self._generated(holder)
            return Unproved(doubt) if doubt else Proved()
        if isinstance(found, UndecidedComparison):
            self._untold.append(holder)
            return _undecided(holder, found)
        return self._found(holder, found)

    def _found(self, holder: PrincipalPolicies, found: NewAccess) -> Outcome:
        """Tell whether what somebody may be able to do it surely is, and whether that counts."""
        guard = self._guard(holder)
        if isinstance(guard, NoNewAccess):
            return Proved()
        is_certain = holder.at_least is None and all(each.at_least is None for each in self.hanging)
        sure = found if is_certain else find_allowed_request(self.at_least, holder.surely)
        if isinstance(guard, UndecidedComparison):
            return Unproved(f"whether the trust policy of `{holder.arn}` requires MFA is undecided")
        if isinstance(sure, NewAccess):
            return Broken(holder.arn, (PathStep(sure.witness),))
        return Unproved(
            f"whether `{holder.arn}` can {_in_words(found.witness)} is undecided: {AT_DEPLOYMENT}"
        )

    def _generated(self, holder: PrincipalPolicies) -> str:
        """Say whether a pattern of a policy may happen to fit a name that the deployment makes up."""
        if not self.invariant.perhaps:
            return ""
        fitting = tuple(dict.fromkeys(text for each in holder.identity for text in self._fitting(each)))
        asked = RequestSet(self.invariant.asked_of(fitting))
        if not fitting or isinstance(
            find_allowed_request(AccessQuery.at_most(asked, self.hanging), holder), NoNewAccess
        ):
            return ""
        return f"whether `{holder.arn}` can do it is undecided: {GENERATED_NAME}"

    def _fitting(self, document: Document) -> tuple[str, ...]:
        if id(document) not in self._fits:
            texts = dict.fromkeys(text for each in document.statements for text in each.resources)
            self._fits[id(document)] = tuple(each for each in texts if self._may_fit(each))
        return self._fits[id(document)]

    @cached_property
    def _fits(self) -> dict[int, tuple[str, ...]]:
        return {}

    def _may_fit(self, text: str) -> bool:
        name = text.partition("/")[0]
        if not {"*", "?"} & set(name):
            return False
        return any(may_intersect(arn_language(name), arn_language(each)) for each in self.invariant.perhaps)

    def _guard(self, holder: PrincipalPolicies) -> Comparison | None:
        """Look for a way to assume a role without a second factor, where that is what counts."""
        if not self.invariant.without_mfa or holder.trust is None:
            return None
        return compare_access(Policies(), Policies(resource=holder.trust, service_control=((_UNGUARDED,),)))


class AlwaysProof(_Proof):
    """That everybody bound can make every one of the requests."""

    @cached_property
    def _of_roles(self) -> AlwaysProof:
        """The same of sessions of roles."""
        when = self.invariant.when_of_roles
        if when is None:
            return self
        return AlwaysProof(replace(self.invariant, when=when, when_of_roles=None), (), self.hanging)

    def outcome(self, holder: PrincipalPolicies) -> Outcome:
        """Tell it of one who is bound: as itself, or as one role that it surely can act as."""
        missing: Outcome | None = None
        for reached in self.reached(holder, frozenset()):
            proof = self if reached.holder.trust is None else self._of_roles
            found = proof.by_itself(reached.holder)
            if isinstance(found, Proved) and not reached.doubt:
                return found
            if isinstance(found, Proved):
                missing = Unproved(reached.doubt)
            elif missing is None:
                missing = found if isinstance(found, Unproved) else Broken(holder.arn, found.path)
        return missing or Proved()

    def by_itself(self, holder: PrincipalPolicies) -> Outcome:
        """Tell it of one somebody alone."""
        found = find_refused_request(self.at_least, holder.surely)
        if isinstance(found, NoNewAccess):
            return Unproved(holder.doubt) if holder.doubt else Proved()
        if isinstance(found, UndecidedComparison):
            return _undecided(holder, found)
        refused = find_refused_request(self.at_most, holder)
        if isinstance(refused, NewAccess) and not holder.doubt:
            return Broken(holder.arn, (PathStep(refused.witness),))
        reason = holder.doubt or AT_DEPLOYMENT
        return Unproved(f"whether `{holder.arn}` can {_in_words(found.witness)} is undecided: {reason}")


_UNGUARDED = Document(
    (
        Statement(
            actions=(_ASSUMING,),
            resources=("*",),
            conditions={"BoolIfExists": {"aws:MultiFactorAuthPresent": ("false",)}},
        ),
    )
)


def _in_words(witness: Witness) -> str:
    return f"perform `{witness.action}` on `{witness.resource}`"


def _undecided(holder: PrincipalPolicies, found: UndecidedComparison) -> Unproved:
    return Unproved(f"what `{holder.arn}` can do is undecided: {found.reason}")
