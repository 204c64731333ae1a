"""Whether a principal can make some request of a set, by its own policies and by resource-based policies.

Within an account, a resource-based policy that names the user itself is sufficient; one that names the role
grants within the role's limits; one that names the account leaves the decision to the principal's own
policies. KMS keys and roles always need their own policy to allow. Across accounts both sides must allow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal

from keywright.policy.matching.context import NO, YES
from keywright.policy.matching.patterns import service_of
from keywright.policy.principals import named_by, principal
from keywright.policy.statement import Document, Effect, Kind
from keywright.reasoning.comparison.search import (
    Comparison,
    NewAccess,
    NoNewAccess,
    Search,
    Sides,
    UndecidedComparison,
    layers_of,
    limits_of,
)
from keywright.reasoning.evaluation.aws_refusals import REFUSED, REFUSED_ACTIONS
from keywright.reasoning.evaluation.evaluate import aws_refusal, evaluate
from keywright.reasoning.evaluation.policies import statement_matches
from keywright.reasoning.evaluation.service_rules import is_kms_key, is_role_assumption
from keywright.reasoning.evaluation.verdict import Allowed, Undecided, Verdict
from keywright.reasoning.witnesses.replay import ReplayResult
from keywright.reasoning.witnesses.witness import Witness, likely_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from keywright.reasoning.comparison.search import Layers
    from keywright.reasoning.evaluation.policies import Policies
    from keywright.reasoning.evaluation.request import Request
    from keywright.reasoning.invariants.principals import AttachedPolicy, PrincipalPolicies
    from keywright.reasoning.invariants.request_sets import RequestSet


ALWAYS_ALLOWED_ACTIONS = ("sts:GetCallerIdentity", "sts:GetSessionToken")
"""Actions that AWS may allow without any statement; they count only where STS is queried by name."""

_RESOURCES_REMEMBERED = 4096


@dataclass(frozen=True, eq=False)
class PolicyReading:
    """A resource-based policy restricted to its targets, read either as widely or as narrowly as possible."""

    document: Document
    of: AttachedPolicy

    def matters_to(self, requests: RequestSet) -> bool:
        """Return whether the policy matters for a set of requests, if only by not mentioning the resource."""
        is_on_it = any(each in self.of.targets for each in requests.resources)
        return is_on_it or bool(self.document.statements or self.document.unread)


@dataclass(frozen=True, eq=False)
class AccessQuery:
    """A set of requests, and the resource-based policies that apply to it, in one reading."""

    requests: RequestSet
    readings: tuple[PolicyReading, ...] = ()

    @classmethod
    def at_most(cls, requests: RequestSet, attached: Sequence[AttachedPolicy]) -> AccessQuery:
        """Read the policies with everything that they may allow."""
        return cls._of(requests, attached, lambda each: each.at_most_allowing())

    @classmethod
    def at_least(cls, requests: RequestSet, attached: Sequence[AttachedPolicy]) -> AccessQuery:
        """Read the policies with only what they certainly allow."""
        return cls._of(requests, attached, lambda each: each.at_least_allowing())

    @classmethod
    def _of(
        cls,
        requests: RequestSet,
        attached: Sequence[AttachedPolicy],
        read: Callable[[AttachedPolicy], Document],
    ) -> AccessQuery:
        several = (PolicyReading(requests.concerned(read(each)), each) for each in attached)
        return cls(requests, tuple(each for each in several if each.matters_to(requests)))

    @cached_property
    def owner(self) -> str:
        """The account that owns the queried resources; empty where it is not known or there are several."""
        owners = {each.of.owner for each in self.readings} | {self.requests.owner}
        known = owners - {""}
        return known.pop() if len(known) == 1 and (self.requests.owner or len(owners) == 1) else ""

    @cached_property
    def needed(self) -> tuple[Document, ...]:
        """The policies that must allow: those of keys and roles, where only keys and roles are queried."""
        resources = self.requests.resources
        services = {service_of(text) for each in self.requests.document.statements for text in each.actions}
        decide = all(
            is_kms_key(service, resource) or is_role_assumption(service, resource)
            for service in services
            for resource in resources
        )
        on = [
            [each.document for each in self.readings if resource in each.of.targets] for resource in resources
        ]
        return tuple(each for several in on for each in several) if decide and all(on) else ()

    def is_foreign_to(self, subject: PrincipalPolicies) -> bool:
        """Return whether another account owns the queried resources."""
        return bool(self.owner and subject.account) and self.owner != subject.account

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """The resource-based policies."""
        return tuple(each.document for each in self.readings)

    @cached_property
    def denials(self) -> tuple[Document, ...]:
        """The Deny statements of the resource-based policies."""
        return tuple(each.only(Effect.DENY) for each in self.documents)

    @cached_property
    def on(self) -> Callable[[str], Document | None]:
        """Return the policies attached to one resource, merged; None where there is none."""
        return lru_cache(maxsize=_RESOURCES_REMEMBERED)(self._joined)

    def _joined(self, resource: str) -> Document | None:
        several = [each.document for each in self.readings if each.of.is_on(resource)]
        if not several:
            return None
        return Document(
            tuple(statement for each in several for statement in each.statements),
            kind=Kind.RESOURCE,
            unread=tuple(unread for each in several for unread in each.unread),
        )

    def names_service(self, service: str) -> bool:
        """Return whether a service is queried by name, not only as one of all."""
        actions = (action for each in self.requests.document.statements for action in each.actions)
        return any(service_of(each) == service for each in actions)

    def is_included(self, witness: Witness) -> bool:
        """Return whether a request is in the queried set."""
        return any(
            statement_matches(each, witness.request) is YES for each in self.requests.document.statements
        )

    def evaluated(self, subject: PrincipalPolicies, request: Request) -> Verdict:
        """Evaluate a request with the policies of both sides."""
        owned = replace(request, resource_account=self.owner) if self.owner else request
        return evaluate(owned, replace(subject.policies, resource=self.on(request.resource)))


def find_allowed_request(query: AccessQuery, subject: PrincipalPolicies) -> Comparison:
    """Look for a request that the principal can make.

    `NewAccess` is one, `NoNewAccess` proves that there is none.
    """
    requests = query.requests
    small = replace(
        subject,
        identity=tuple(requests.concerned(each) for each in subject.identity),
        boundary=subject.boundary and requests.concerned(subject.boundary),
    )
    found = _granted(query, small)
    free = next(_always_allowed(query, small), None) if isinstance(found, NoNewAccess) else None
    return found if free is None else NewAccess(free)


def _granted(query: AccessQuery, small: PrincipalPolicies) -> Comparison:
    unread = next(_unread(small.policies, query), "")
    if unread:
        return UndecidedComparison(f"a part of a policy could not be read: {unread}")
    if not any(each.statements for each in small.identity) and not query.readings:
        return NoNewAccess()
    if query.is_foreign_to(small) and not query.readings:
        return _across(query, small)
    for witness in likely_requests(small.arn, query.requests.document, small.identity):
        if query.is_included(witness) and isinstance(query.evaluated(small, witness.request), Allowed):
            return NewAccess(witness)
    return _first_new(_searched(query, small))


def _always_allowed(query: AccessQuery, subject: PrincipalPolicies) -> Iterator[Witness]:
    for action in ALWAYS_ALLOWED_ACTIONS:
        witness = Witness(subject.arn, action, "*")
        if (
            query.names_service(service_of(action))
            and query.is_included(witness)
            and isinstance(evaluate(witness.request, subject.policies), Allowed)
        ):
            yield witness


def _unread(policies: Policies, query: AccessQuery) -> Iterator[str]:
    layers = [*layers_of(policies), tuple(each.document for each in query.readings)]
    for document in (document for layer in layers for document in layer):
        yield from (each.reason for each in document.unread)


def _searched(query: AccessQuery, subject: PrincipalPolicies) -> Iterator[Comparison]:
    def confirm(request: Request) -> ReplayResult:
        is_allowed = isinstance(query.evaluated(subject, request), Allowed)
        return ReplayResult.EITHER_WAY if is_allowed else ReplayResult.NOT_NEW

    for layers in _grant_alternatives(query, subject):
        if all(any(_allows(document) for document in layer) for layer in layers):
            yield Search(Sides([()], [*layers, (query.requests.document,)]), confirm, subject.arn).answer()


def _across(query: AccessQuery, subject: PrincipalPolicies) -> Comparison:
    """Check the known side only, where another account owns the queried resources."""
    layers = [subject.identity, *limits_of(subject.policies), (query.requests.document,)]
    found = Search(Sides([()], layers), _unless_refused, subject.arn).answer()
    if isinstance(found, NewAccess):
        return UndecidedComparison(f"the policies of the account `{query.owner}` are not known")
    return found


def _unless_refused(request: Request) -> ReplayResult:
    return ReplayResult.NOT_NEW if aws_refusal(request) else ReplayResult.EITHER_WAY


def _allows(document: Document) -> bool:
    return any(each.effect is Effect.ALLOW for each in document.statements)


def _first_new(answers: Iterator[Comparison]) -> Comparison:
    undecided: Comparison = NoNewAccess()
    for each in answers:
        if isinstance(each, NewAccess):
            return each
        if isinstance(each, UndecidedComparison):
            undecided = each
    return undecided


def _grant_alternatives(query: AccessQuery, subject: PrincipalPolicies) -> Iterator[Layers]:
    """Yield the combinations of layers that each are sufficient to grant.

    Every one contains all Deny statements.
    """
    readings, limits = query.documents, limits_of(subject.policies)
    if query.is_foreign_to(subject):
        yield [(*subject.identity, *query.denials), *limits, readings]
        return
    needed = [query.needed] if query.needed else []
    # First way: the principal's own policies grant.
    yield [(*subject.identity, *query.denials), *limits, *needed]
    if not any(map(_allows, readings)):
        return
    own = tuple(each.only(Effect.DENY) for each in subject.identity)
    # Second way: a resource-based policy names the role, within the limits of the role.
    yield [*limits, (*naming_statements(readings, subject.arn, "role"), *own)]
    # Third way: it names the user or session, which only explicit denies and control policies limit.
    capped = (*own, *([subject.boundary.only(Effect.DENY)] if subject.boundary is not None else []))
    yield [*subject.service_control, (*naming_statements(readings, subject.arn, "direct"), *capped)]


def naming_statements(
    readings: Sequence[Document], arn: str, how: Literal["role", "direct"]
) -> Iterator[Document]:
    """Keep Deny statements, and Allow statements that name a principal by more than its account."""
    who = principal(arn)
    for document in readings:
        kept = tuple(
            each
            for each in document.statements
            if each.effect is Effect.DENY
            or each.not_principals
            or getattr(named_by(each.principals, who), how) is not NO
        )
        yield replace(document, statements=kept)


def find_refused_request(query: AccessQuery, subject: PrincipalPolicies) -> Comparison:
    """Look for a request that is refused: `NewAccess` is one, `NoNewAccess` proves that all are allowed.

    An allow by a resource-based policy alone counts only where no limit applies to the principal, because
    both ways to grant are the same then.
    """
    unread = next(
        (one for layer in layers_of(subject.policies) for each in layer for one in each.unread), None
    )
    unread = unread or next((one for each in query.readings for one in each.document.unread), None)
    if unread:
        return UndecidedComparison(f"a part of a policy could not be read: {unread.reason}")

    def confirm(request: Request) -> ReplayResult:
        verdict = query.evaluated(subject, request)
        is_refused = not isinstance(verdict, Allowed | Undecided)
        return ReplayResult.EITHER_WAY if is_refused else ReplayResult.NOT_NEW

    sides = Sides(_allowed(query, subject), [(query.requests.document,)])
    found = Search(sides, confirm, subject.arn).answer()
    return _refused_by_aws(query, subject) if isinstance(found, NoNewAccess) else found


def _refused_by_aws(query: AccessQuery, subject: PrincipalPolicies) -> Comparison:
    """Return a request that AWS refuses to everyone, if it refuses all that are queried.

    Nobody expects to be allowed what AWS refuses only because a pattern also includes it.
    """
    requests = (query.requests.document,)
    if not any(requests[0].concerning(action) for action in REFUSED_ACTIONS):
        return NoNewAccess()
    others = Search(Sides([(REFUSED,)], [requests]), lambda _: ReplayResult.EITHER_WAY, subject.arn).answer()
    if isinstance(others, NewAccess):
        return NoNewAccess()
    if isinstance(others, UndecidedComparison):
        return others

    def confirm(request: Request) -> ReplayResult:
        return ReplayResult.EITHER_WAY if aws_refusal(request) else ReplayResult.NOT_NEW

    return Search(Sides([()], [requests]), confirm, subject.arn).answer()


def _allowed(query: AccessQuery, subject: PrincipalPolicies) -> Layers:
    readings = tuple(each.document for each in query.readings)
    limits = limits_of(subject.policies)
    if query.is_foreign_to(subject):
        return [subject.identity, *limits, readings]
    if limits:
        own = (*subject.identity, *(each.only(Effect.DENY) for each in readings))
    else:
        own = (*subject.identity, *naming_statements(readings, subject.arn, "role"))
    return [own, *limits, *([query.needed] if query.needed else [])]
