"""Proves invariants: what no principal can do, and what a principal can always do, role assumption included.

An invariant is about the principal that makes a request. Whoever assumes an exempt role acts as a principal
that the invariant does not apply to; whoever assumes another role stays subject to it. Paths consist of role
assumptions among the given principals; other escalation techniques (passing a role to a service, rewriting a
policy) are not part of them.
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
"""Actions, each group with the resources it is combined with."""


@dataclass(frozen=True)
class Invariant:
    """The requests of an invariant, and the principals (ARNs) that it applies to.

    `who` is None for every principal. `can` and `on` contain patterns as in `Action` and `Resource`, `when`
    conditions as in `Condition`: only requests that meet them count. `when_of_roles` replaces `when` for role
    sessions, which cannot carry MFA. `pairs` lists actions with resources where not every combination counts,
    `possible_names` patterns of a resource name that is generated, `owned_by` the account of the resources,
    where their ARNs do not say. With `without_mfa`, a role counts only if it can be assumed without MFA.
    """

    can: tuple[str, ...] = ()
    on: tuple[str, ...] = ("*",)
    who: frozenset[str] | None = None
    excepting: frozenset[str] = frozenset()
    when: Conditions = field(default_factory=dict)
    when_of_roles: Conditions | None = None
    pairs: ActionsOnResources = ()
    without_mfa: bool = False
    possible_names: tuple[str, ...] = ()
    owned_by: str = ""

    @cached_property
    def requests(self) -> Document:
        """The requests, as a document that allows them."""
        return self._allowing(self.pairs or ((self.can, self.on),))

    def requests_on(self, resources: tuple[str, ...]) -> Document:
        """Return the same requests on other resources."""
        return self._allowing(tuple((can, resources) for can, _ in self.pairs or ((self.can, self.on),)))

    def _allowing(self, pairs: ActionsOnResources) -> Document:
        return Document(
            tuple(
                Statement(actions=can, resources=on, conditions=self.when, knows_variables=False)
                for can, on in pairs
            )
        )

    def applies_to(self, subject: PrincipalPolicies) -> bool:
        """Return whether the invariant applies to a principal."""
        return subject.arn not in self.excepting and (self.who is None or subject.arn in self.who)


@dataclass(frozen=True, slots=True)
class PathStep:
    """One request on a path: a role assumption, or finally a request of the invariant."""

    request: Witness


@dataclass(frozen=True, slots=True)
class Proved:
    """The invariant holds for every principal that it applies to."""

    name = "proved"


@dataclass(frozen=True, slots=True)
class Broken:
    """The invariant is violated: by the requests on the path (`never`), or a refused request (`always`)."""

    subject: str
    path: tuple[PathStep, ...]
    name = "broken"


@dataclass(frozen=True, slots=True)
class Unproved:
    """Neither proved nor violated; this must never be counted as a pass."""

    reason: str
    name = "undecided"


Outcome = Proved | Broken | Unproved


def prove_never(
    invariant: Invariant, principals: Iterable[PrincipalPolicies], attached: Sequence[AttachedPolicy] = ()
) -> Outcome:
    """Prove that no subject can make any of the requests, directly or through roles."""
    proof = NeverProof(invariant, tuple(principals), tuple(attached))
    return _combined(proof.outcome(each) for each in proof.subjects)


def prove_always(
    invariant: Invariant, principals: Iterable[PrincipalPolicies], attached: Sequence[AttachedPolicy] = ()
) -> Outcome:
    """Prove that each subject can make every one of the requests: all as itself, or all as one role."""
    proof = AlwaysProof(invariant, tuple(principals), tuple(attached))
    if not proof.subjects:
        return Unproved("the invariant applies to no principal")
    return _combined(proof.outcome(each) for each in proof.subjects)


def _combined(outcomes: Iterator[Outcome]) -> Outcome:
    """Return the first violation, else the first undecided outcome."""
    undecided: Outcome = Proved()
    for outcome in outcomes:
        if isinstance(outcome, Broken):
            return outcome
        if isinstance(undecided, Proved):
            undecided = outcome
    return undecided


@dataclass(frozen=True, slots=True)
class _ReachedPrincipal:
    """A principal that a subject can act as, with the path to it; `doubt` says why that is not certain."""

    subject: PrincipalPolicies
    path: tuple[PathStep, ...] = ()
    doubt: str = ""


@dataclass(frozen=True, eq=False)
class _Proof:
    """One invariant, all principals whose policies are known, and the resource-based policies."""

    invariant: Invariant
    everyone: tuple[PrincipalPolicies, ...]
    attached: tuple[AttachedPolicy, ...] = ()

    @cached_property
    def subjects(self) -> tuple[PrincipalPolicies, ...]:
        """The principals that the invariant applies to."""
        return tuple(each for each in self.everyone if self.invariant.applies_to(each))

    @cached_property
    def requests(self) -> RequestSet:
        """The requests of the invariant."""
        return RequestSet(self.invariant.requests, self.invariant.owned_by)

    @cached_property
    def at_most(self) -> AccessQuery:
        """The query with everything that resource-based policies may allow."""
        return AccessQuery.at_most(self.requests, self.attached)

    @cached_property
    def at_least(self) -> AccessQuery:
        """The query with only what resource-based policies certainly allow."""
        return AccessQuery.at_least(self.requests, self.attached)

    @cached_property
    def _roles(self) -> tuple[PrincipalPolicies, ...]:
        return tuple(each for each in self.everyone if each.trust is not None)

    @cached_property
    def _assumptions(self) -> dict[tuple[int, int], Comparison | UndecidedAssumption]:
        return {}

    def reached(self, subject: PrincipalPolicies, excepting: frozenset[str]) -> Iterator[_ReachedPrincipal]:
        """Yield the principals that a subject can act as.

        Nearest first, and certain ones before doubtful ones.
        """
        seen = {id(subject)}
        sure, doubtful = deque([_ReachedPrincipal(subject)]), deque[_ReachedPrincipal]()
        while sure or doubtful:
            last = sure.popleft() if sure else doubtful.popleft()
            # Doubtful principals wait until all certain ones are reached; a certain path is
            # then preferred.
            if last.doubt and id(last.subject) in seen:
                continue
            seen.add(id(last.subject))
            yield last
            for role in self._roles:
                if id(role) in seen or role.arn in excepting:
                    continue
                found = self._assumption(last.subject, role)
                if isinstance(found, NewAccess) and not last.doubt:
                    seen.add(id(role))
                    sure.append(_ReachedPrincipal(role, (*last.path, PathStep(found.witness))))
                elif not isinstance(found, NoNewAccess):
                    doubt = last.doubt or undecided_reason(last.subject, role, found)
                    doubtful.append(_ReachedPrincipal(role, last.path, doubt))

    def _assumption(
        self, subject: PrincipalPolicies, role: PrincipalPolicies
    ) -> Comparison | UndecidedAssumption:
        key = id(subject), id(role)
        if key not in self._assumptions:
            self._assumptions[key] = can_assume(subject, role)
        return self._assumptions[key]


class NeverProof(_Proof):
    """The proof that no subject can make any of the requests."""

    def outcome(self, subject: PrincipalPolicies) -> Outcome:
        """Prove it of one subject, as itself or as a role that it can assume."""
        own = self.by_itself(subject)
        # Where the invariant applies to everyone, each role is a subject itself, so paths add
        # nothing.
        if isinstance(own, Broken) or self.invariant.who is None or not self._dangerous:
            return own
        return self._through_roles(subject, own)

    def by_itself(self, subject: PrincipalPolicies) -> Outcome:
        """Prove it of one principal without role assumption."""
        if id(subject) not in self._outcomes:
            self._outcomes[id(subject)] = self._prove(subject)
        return self._outcomes[id(subject)]

    @cached_property
    def _undecided_principals(self) -> list[PrincipalPolicies]:
        """The principals that were undecided; after a number of them, no others are checked."""
        return []

    @cached_property
    def _outcomes(self) -> dict[int, Outcome]:
        return {}

    @cached_property
    def _dangerous(self) -> bool:
        """Whether some role that is not exempt may make a request; otherwise no path matters."""
        roles = (each for each in self._roles if each.arn not in self.invariant.excepting)
        return any(not isinstance(self.by_itself(each), Proved) for each in roles)

    def _through_roles(self, subject: PrincipalPolicies, undecided: Outcome) -> Outcome:
        for reached in self.reached(subject, self.invariant.excepting):
            found = self.by_itself(reached.subject)
            if isinstance(found, Broken) and not reached.doubt:
                return Broken(subject.arn, (*reached.path, *found.path))
            if not isinstance(found, Proved) and isinstance(undecided, Proved):
                undecided = Unproved(reached.doubt) if reached.doubt else found
        return undecided

    def _prove(self, subject: PrincipalPolicies) -> Outcome:
        if len(self._undecided_principals) >= MOST_UNDECIDED:
            return Unproved(GIVEN_UP)
        found = find_allowed_request(self.at_most, subject)
        if isinstance(found, NoNewAccess):
            doubt = subject.doubt or self._generated_name_doubt(subject)
            return Unproved(doubt) if doubt else Proved()
        if isinstance(found, UndecidedComparison):
            self._undecided_principals.append(subject)
            return _undecided(subject, found)
        return self._found(subject, found)

    def _found(self, subject: PrincipalPolicies, found: NewAccess) -> Outcome:
        """Return whether an allow that was found is certain, and whether it counts."""
        bypass = self._mfa_bypass(subject)
        if isinstance(bypass, NoNewAccess):
            return Proved()
        is_certain = subject.at_least is None and all(each.at_least is None for each in self.attached)
        # A violation must hold for the least that the deployment may give, otherwise it is
        # undecided.
        sure = found if is_certain else find_allowed_request(self.at_least, subject.surely)
        if isinstance(bypass, UndecidedComparison):
            return Unproved(f"whether the trust policy of `{subject.arn}` requires MFA is undecided")
        if isinstance(sure, NewAccess):
            return Broken(subject.arn, (PathStep(sure.witness),))
        return Unproved(
            f"whether `{subject.arn}` can {_in_words(found.witness)} is undecided: {AT_DEPLOYMENT}"
        )

    def _generated_name_doubt(self, subject: PrincipalPolicies) -> str:
        """Describe a name that is generated at deployment and that a pattern in a policy may match."""
        if not self.invariant.possible_names:
            return ""
        fitting = tuple(dict.fromkeys(text for each in subject.identity for text in self._fitting(each)))
        requests = RequestSet(self.invariant.requests_on(fitting))
        if not fitting or isinstance(
            find_allowed_request(AccessQuery.at_most(requests, self.attached), subject), NoNewAccess
        ):
            return ""
        return f"whether `{subject.arn}` can do it is undecided: {GENERATED_NAME}"

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
        return any(
            may_intersect(arn_language(name), arn_language(each)) for each in self.invariant.possible_names
        )

    def _mfa_bypass(self, subject: PrincipalPolicies) -> Comparison | None:
        """Look for a way to assume a role without MFA, where the invariant is about that."""
        if not self.invariant.without_mfa or subject.trust is None:
            return None
        return compare_access(
            Policies(), Policies(resource=subject.trust, service_control=((_WITHOUT_MFA,),))
        )


class AlwaysProof(_Proof):
    """The proof that every subject can make every one of the requests."""

    @cached_property
    def _of_roles(self) -> AlwaysProof:
        """The same proof for role sessions."""
        when = self.invariant.when_of_roles
        if when is None:
            return self
        return AlwaysProof(replace(self.invariant, when=when, when_of_roles=None), (), self.attached)

    def outcome(self, subject: PrincipalPolicies) -> Outcome:
        """Prove it of one subject: as itself, or as one role that it can certainly assume."""
        missing: Outcome | None = None
        for reached in self.reached(subject, frozenset()):
            proof = self if reached.subject.trust is None else self._of_roles
            found = proof.by_itself(reached.subject)
            if isinstance(found, Proved) and not reached.doubt:
                return found
            if isinstance(found, Proved):
                missing = Unproved(reached.doubt)
            elif missing is None:
                missing = found if isinstance(found, Unproved) else Broken(subject.arn, found.path)
        return missing or Proved()

    def by_itself(self, subject: PrincipalPolicies) -> Outcome:
        """Prove it of one principal without role assumption."""
        found = find_refused_request(self.at_least, subject.surely)
        if isinstance(found, NoNewAccess):
            return Unproved(subject.doubt) if subject.doubt else Proved()
        if isinstance(found, UndecidedComparison):
            return _undecided(subject, found)
        refused = find_refused_request(self.at_most, subject)
        if isinstance(refused, NewAccess) and not subject.doubt:
            return Broken(subject.arn, (PathStep(refused.witness),))
        reason = subject.doubt or AT_DEPLOYMENT
        return Unproved(f"whether `{subject.arn}` can {_in_words(found.witness)} is undecided: {reason}")


_WITHOUT_MFA = Document(
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


def _undecided(subject: PrincipalPolicies, found: UndecidedComparison) -> Unproved:
    return Unproved(f"what `{subject.arn}` can do is undecided: {found.reason}")
