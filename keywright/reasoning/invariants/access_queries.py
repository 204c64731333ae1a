"""Whether somebody may make some request of those asked, by its own policies and by those that hang on resources.

Within an account a resource's policy that names the user itself is enough, one that names the role only has to be left
through by what limits the role, and one that names the account leaves the decision to the somebody's own policies. Keys
and roles decide in any case. Across accounts both sides must allow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal

from keywright.policy.matching.context import NO, YES
from keywright.policy.matching.patterns import service_of
from keywright.policy.principals import named_by, principal
from keywright.policy.statement import Document, Effect, Kind, Statement
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
from keywright.reasoning.evaluation.evaluate import evaluate
from keywright.reasoning.evaluation.policies import statement_matches
from keywright.reasoning.evaluation.services import kms, sts
from keywright.reasoning.evaluation.verdict import Allowed, Undecided, Verdict
from keywright.reasoning.witnesses.likely_requests import likely_requests
from keywright.reasoning.witnesses.replay import ReplayResult
from keywright.reasoning.witnesses.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from keywright.reasoning.comparison.search import Layers
    from keywright.reasoning.evaluation.policies import Policies
    from keywright.reasoning.evaluation.request import Request
    from keywright.reasoning.invariants.principals import AttachedPolicy, PrincipalPolicies
    from keywright.reasoning.invariants.request_sets import RequestSet


ALWAYS_ALLOWED_ACTIONS = ("sts:GetCallerIdentity", "sts:GetSessionToken")
"""What AWS may let a principal do without a statement that allows it; it counts where STS is asked about by name."""

_RESOURCES_REMEMBERED = 4096
EVERYTHING = Document((Statement(actions=("*",), resources=("*",)),))


@dataclass(frozen=True, eq=False)
class PolicyReading:
    """One reading of a policy on resources: `document` is held to its targets."""

    document: Document
    of: AttachedPolicy

    def matters_to(self, asked: RequestSet) -> bool:
        """Tell whether it says something of what is asked, be it by its silence on the very thing."""
        is_on_it = any(each in self.of.targets for each in asked.resources)
        return is_on_it or bool(self.document.statements or self.document.unread)


@dataclass(frozen=True, eq=False)
class AccessQuery:
    """Requests that are asked about, and the policies on resources that have a say in them, in one reading."""

    asked: RequestSet
    hung: tuple[PolicyReading, ...] = ()

    @classmethod
    def at_most(cls, asked: RequestSet, hanging: Sequence[AttachedPolicy]) -> AccessQuery:
        """Read the policies with all that they may allow."""
        return cls._of(asked, hanging, lambda each: each.at_most_allowing())

    @classmethod
    def at_least(cls, asked: RequestSet, hanging: Sequence[AttachedPolicy]) -> AccessQuery:
        """Read the policies with what they surely allow."""
        return cls._of(asked, hanging, lambda each: each.at_least_allowing())

    @classmethod
    def _of(
        cls, asked: RequestSet, hanging: Sequence[AttachedPolicy], read: Callable[[AttachedPolicy], Document]
    ) -> AccessQuery:
        several = (PolicyReading(asked.concerned(read(each)), each) for each in hanging)
        return cls(asked, tuple(each for each in several if each.matters_to(asked)))

    @cached_property
    def owner(self) -> str:
        """The account that owns what is asked about; empty where that is not known, or are several."""
        owners = {each.of.owner for each in self.hung} | {self.asked.owner}
        known = owners - {""}
        return known.pop() if len(known) == 1 and (self.asked.owner or len(owners) == 1) else ""

    @cached_property
    def needed(self) -> tuple[Document, ...]:
        """The policies without which nobody may do what is asked: of keys and roles, when only these are asked about."""
        resources = self.asked.resources
        services = {service_of(text) for each in self.asked.document.statements for text in each.actions}
        decide = all(
            kms.is_key(service, resource) or sts.is_role(service, resource)
            for service in services
            for resource in resources
        )
        on = [[each.document for each in self.hung if resource in each.of.targets] for resource in resources]
        return tuple(each for several in on for each in several) if decide and all(on) else ()

    def is_foreign_to(self, holder: PrincipalPolicies) -> bool:
        """Tell whether another account owns what is asked about."""
        return bool(self.owner and holder.account) and self.owner != holder.account

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """The policies on resources."""
        return tuple(each.document for each in self.hung)

    @cached_property
    def denials(self) -> tuple[Document, ...]:
        """What they deny."""
        return tuple(each.only(Effect.DENY) for each in self.documents)

    @cached_property
    def on(self) -> Callable[[str], Document | None]:
        """Give what hangs on one resource, joined; None where nothing does."""
        return lru_cache(maxsize=_RESOURCES_REMEMBERED)(self._joined)

    def _joined(self, resource: str) -> Document | None:
        several = [each.document for each in self.hung if each.of.is_on(resource)]
        if not several:
            return None
        return Document(
            tuple(statement for each in several for statement in each.statements),
            kind=Kind.RESOURCE,
            unread=tuple(unread for each in several for unread in each.unread),
        )

    def names_service(self, service: str) -> bool:
        """Tell whether a service is asked about by name, not only as one of all."""
        actions = (action for each in self.asked.document.statements for action in each.actions)
        return any(service_of(each) == service for each in actions)

    def is_asked(self, witness: Witness) -> bool:
        """Tell whether a request is among those asked about."""
        return any(statement_matches(each, witness.request) is YES for each in self.asked.document.statements)

    def evaluated(self, holder: PrincipalPolicies, request: Request) -> Verdict:
        """Evaluate a request by all that is known of both sides."""
        owned = replace(request, resource_account=self.owner) if self.owner else request
        return evaluate(owned, replace(holder.policies, resource=self.on(request.resource)))


def find_allowed_request(inquiry: AccessQuery, holder: PrincipalPolicies) -> Comparison:
    """Look for a request that somebody may make: new access is one, no new access that there is none."""
    asked = inquiry.asked
    small = replace(
        holder,
        identity=tuple(asked.concerned(each) for each in holder.identity),
        boundary=holder.boundary and asked.concerned(holder.boundary),
    )
    found = _granted(inquiry, small)
    free = next(_always_allowed(inquiry, small), None) if isinstance(found, NoNewAccess) else None
    return found if free is None else NewAccess(free)


def _granted(inquiry: AccessQuery, small: PrincipalPolicies) -> Comparison:
    unread = next(_unread(small.policies, inquiry), "")
    if unread:
        return UndecidedComparison(f"a part of a policy could not be read: {unread}")
    if not any(each.statements for each in small.identity) and not inquiry.hung:
        return NoNewAccess()
    if inquiry.is_foreign_to(small) and not inquiry.hung:
        return _across(inquiry, small)
    for witness in likely_requests(small.arn, inquiry.asked.document, small.identity):
        if inquiry.is_asked(witness) and isinstance(inquiry.evaluated(small, witness.request), Allowed):
            return NewAccess(witness)
    return _first_new(_searched(inquiry, small))


def _always_allowed(inquiry: AccessQuery, holder: PrincipalPolicies) -> Iterator[Witness]:
    for action in ALWAYS_ALLOWED_ACTIONS:
        witness = Witness(holder.arn, action, "*")
        if (
            inquiry.names_service(service_of(action))
            and inquiry.is_asked(witness)
            and isinstance(evaluate(witness.request, holder.policies), Allowed)
        ):
            yield witness


def _unread(policies: Policies, inquiry: AccessQuery) -> Iterator[str]:
    layers = [*layers_of(policies), tuple(each.document for each in inquiry.hung)]
    for document in (document for layer in layers for document in layer):
        yield from (each.reason for each in document.unread)


def _searched(inquiry: AccessQuery, holder: PrincipalPolicies) -> Iterator[Comparison]:
    def confirm(request: Request) -> ReplayResult:
        is_allowed = isinstance(inquiry.evaluated(holder, request), Allowed)
        return ReplayResult.EITHER_WAY if is_allowed else ReplayResult.NOT_NEW

    for layers in _grant_alternatives(inquiry, holder):
        if all(any(_allows(document) for document in layer) for layer in layers):
            yield Search(Sides([()], [*layers, (inquiry.asked.document,)]), confirm, holder.arn).answer()


def _across(inquiry: AccessQuery, holder: PrincipalPolicies) -> Comparison:
    """Look at the one side that is known, where what is asked about is another account's."""
    layers = [holder.identity, *limits_of(holder.policies), (inquiry.asked.document,)]
    found = Search(Sides([()], layers), lambda _: ReplayResult.EITHER_WAY, holder.arn).answer()
    if isinstance(found, NewAccess):
        return UndecidedComparison(f"the policies of the account `{inquiry.owner}` are not known")
    return found


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


def _grant_alternatives(inquiry: AccessQuery, holder: PrincipalPolicies) -> Iterator[Layers]:
    """Yield layers that each grant on their own: what denies is in every one."""
    hung, limits = inquiry.documents, limits_of(holder.policies)
    if inquiry.is_foreign_to(holder):
        yield [(*holder.identity, *inquiry.denials), *limits, hung]
        return
    needed = [inquiry.needed] if inquiry.needed else []
    yield [(*holder.identity, *inquiry.denials), *limits, *needed]
    if not any(map(_allows, hung)):
        return
    own = tuple(each.only(Effect.DENY) for each in holder.identity)
    yield [*limits, (*naming_statements(hung, holder.arn, "role"), *own)]
    capped = (*own, *([holder.boundary.only(Effect.DENY)] if holder.boundary is not None else []))
    yield [*holder.service_control, (*naming_statements(hung, holder.arn, "direct"), *capped)]


def naming_statements(
    hung: Sequence[Document], arn: str, how: Literal["role", "direct"]
) -> Iterator[Document]:
    """Keep denials, and what allows a principal by more than its account: as a role at least, or directly."""
    who = principal(arn)
    for document in hung:
        kept = tuple(
            each
            for each in document.statements
            if each.effect is Effect.DENY
            or each.not_principals
            or getattr(named_by(each.principals, who), how) is not NO
        )
        yield replace(document, statements=kept)


def find_refused_request(inquiry: AccessQuery, holder: PrincipalPolicies) -> Comparison:
    """Look for a request that is refused: new access is one, no new access that every one is allowed.

    What a resource's policy alone allows counts where nothing limits whom it names, for then the two are one.
    """
    unread = next(
        (one for layer in layers_of(holder.policies) for each in layer for one in each.unread), None
    )
    unread = unread or next((one for each in inquiry.hung for one in each.document.unread), None)
    if unread:
        return UndecidedComparison(f"a part of a policy could not be read: {unread.reason}")

    def confirm(request: Request) -> ReplayResult:
        verdict = inquiry.evaluated(holder, request)
        is_refused = not isinstance(verdict, Allowed | Undecided)
        return ReplayResult.EITHER_WAY if is_refused else ReplayResult.NOT_NEW

    sides = Sides(_allowed(inquiry, holder), [(inquiry.asked.document,)])
    return Search(sides, confirm, holder.arn).answer()


def _allowed(inquiry: AccessQuery, holder: PrincipalPolicies) -> Layers:
    hung = tuple(each.document for each in inquiry.hung)
    limits = limits_of(holder.policies)
    if inquiry.is_foreign_to(holder):
        return [holder.identity, *limits, hung]
    if limits:
        own = (*holder.identity, *(each.only(Effect.DENY) for each in hung))
    else:
        own = (*holder.identity, *naming_statements(hung, holder.arn, "role"))
    return [own, *limits, *([inquiry.needed] if inquiry.needed else [])]
