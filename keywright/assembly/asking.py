"""Who may do what, by an assembly's policies: a verdict with the statements that decide, and where they stand.

Parts that only the deployment knows are judged both ways: a verdict that hangs on them is undecided. Control policies
of an organization are in no template and are not judged.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.assembly.existence import exists
from keywright.assembly.known import Spelling, is_certain
from keywright.assembly.resource_policies import resource_policies
from keywright.policy.arn import Arn
from keywright.policy.context import Context
from keywright.policy.document import Document, Kind, Unread
from keywright.policy.principals import is_everyone
from keywright.policy.statement import Effect
from keywright.policy.truth import MAYBE, NO
from keywright.reasoning.actor import ActorKind
from keywright.reasoning.circumstances import MFA, SYMBOL
from keywright.reasoning.evaluate import evaluate
from keywright.reasoning.hearing import Policies
from keywright.reasoning.regions import arn_language, found_in, region_of
from keywright.reasoning.request import EVERY_REQUEST_HAS, Request
from keywright.reasoning.trusting import ASSUME_ROLE
from keywright.reasoning.verdict import Allowed, ExplicitlyDenied, ImplicitlyDenied, Layer, Undecided

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.assembly.actors import Population
    from keywright.assembly.document import Policy
    from keywright.assembly.template import Assembly
    from keywright.finding import Location
    from keywright.policy.context import Values
    from keywright.policy.statement import Statement
    from keywright.reasoning.actor import Actor
    from keywright.reasoning.verdict import Ground, Verdict


def is_open(verdict: Verdict) -> bool:
    """Tell whether a request may be allowed; one that is denied either way is not."""
    return isinstance(verdict, Allowed) or (isinstance(verdict, Undecided) and not verdict.is_denied)


def _rank(answer: Answer) -> tuple[bool, bool, bool]:
    """Put what is allowed first, then what may be, then explicit denials."""
    verdict = answer.verdict
    return not isinstance(verdict, Allowed), not is_open(verdict), not isinstance(verdict, ExplicitlyDenied)


@dataclass(frozen=True)
class Deciding:
    """A statement that decides: `place` is where it stands, `holder` the logical id or ARN of what holds it.

    `group` names the group it comes through, empty where it is the actor's own.
    """

    statement: Statement
    layer: Layer
    place: str
    holder: str
    group: str = ""


@dataclass(frozen=True)
class Answer:
    """One actor's verdict, on one resource."""

    actor: Actor
    resource: str
    verdict: Verdict
    deciding: tuple[Deciding, ...] = ()


@dataclass(frozen=True)
class Route:
    """How somebody comes to act as a role: the assumptions one by one, each with its verdict and the role assumed."""

    actor: Actor
    assumptions: tuple[Answer, ...]
    roles: tuple[Actor, ...] = ()


@dataclass
class Question:
    """One action on one resource, asked of an assembly. Wildcards in the resource ask for any that matches.

    `context` holds the keys whose values are known; any other may have any value.
    """

    assembly: Assembly
    population: Population
    action: str
    resource: str
    context: Mapping[str, Values] = field(default_factory=dict)
    spelling: Spelling = field(default_factory=Spelling)
    _assumptions: dict[tuple[str, str], Answer] = field(default_factory=dict, init=False)

    def answer(self, actor: Actor) -> Answer:
        """Judge an actor by its own permissions, those of its groups among them."""
        answers = [self._judged(actor, resource) for resource in self._resources(actor)]
        return min(answers, key=_rank)

    def answers(self) -> Iterator[Answer]:
        """Judge everyone who can make requests."""
        yield from map(self.answer, self._people)

    def routes(self, role: Actor) -> Iterator[Route]:
        """Give who may come to act as a role, over other roles too, each by its shortest way."""
        seen = {role.arn}
        queue = deque([Route(role, ())])
        while queue:
            route = queue.popleft()
            for actor in self._possible_callers(route.actor):
                if actor.arn in seen:
                    continue
                found = self._assumption(actor, route.actor)
                if is_open(found.verdict):
                    seen.add(actor.arn)
                    longer = Route(actor, (found, *route.assumptions), (route.actor, *route.roles))
                    queue.append(longer)
                    yield longer

    @cached_property
    def _people(self) -> tuple[Actor, ...]:
        kinds = {ActorKind.USER, ActorKind.ROLE}
        return tuple(each for each in self.population.account.actors if each.kind in kinds)

    @cached_property
    def _callers(self) -> tuple[Actor, ...]:
        """Give those whose policies speak of assuming roles, or may."""
        wanted = ASSUME_ROLE.lower()
        return tuple(each for each in self._people if each.doubts or _speaks_of(each.documents, wanted))

    def _possible_callers(self, role: Actor) -> tuple[Actor, ...]:
        """Give the actors whom a role's trust may name: by themselves, or by their account if they may call."""
        statements = role.trust.statements if role.trust else ()
        if any(each.not_principals or is_everyone(each.principals) for each in statements):
            return self._people
        named = {value for each in statements for value in each.principals.get("AWS", ())}
        themselves = (self.population.account.actor(value) for value in named)
        return (*self._callers, *(each for each in themselves if each is not None)) if named else ()

    def _assumption(self, actor: Actor, role: Actor) -> Answer:
        key = (actor.arn, role.arn)
        if key not in self._assumptions:
            self._assumptions[key] = self._assumed(actor, role)
        return self._assumptions[key]

    def _assumed(self, actor: Actor, role: Actor) -> Answer:
        trust = replace(role.trust, kind=Kind.TRUST) if role.trust else None
        if trust is None or not any(each.covers_action(ASSUME_ROLE.lower()) for each in trust.statements):
            return Answer(actor, role.arn, ImplicitlyDenied("its trust admits no principal of the account"))
        verdict = evaluate(self._request(actor, ASSUME_ROLE, role.arn), self._policies(actor, trust))
        where = self.population.policies.get(id(role.trust))
        shared = [(trust, trust, where)] if where else []
        deciding = tuple(self._deciding(actor, ground, shared) for ground in _grounds(verdict))
        return Answer(actor, role.arn, verdict, deciding)

    # Resources

    def _resources(self, actor: Actor) -> tuple[str, ...]:
        """Give what to judge: the resource itself, or one that the actor's own or the resource's policies speak of."""
        if not set("*?") & set(self.resource) or self.resource == "*":
            return (self.resource,)
        among = frozenset({arn_language(self.resource)})
        documents = [actor.documents, *((each[0],) for each in self._shared)]
        regions = [region_of(each, self.action, actor) for each in documents]
        found = [each for one in regions if (each := found_in([one], among))]
        return tuple(dict.fromkeys(found)) or (self.resource.replace("*", "example").replace("?", "x"),)

    @cached_property
    def _shared(self) -> list[tuple[Document, Document, Policy, tuple[str, ...]]]:
        """Read the assembly's resource-based policies: the most, the least, where, and what they are on."""
        found = []
        for each in resource_policies(self.assembly):
            is_there = exists(each.policy.holder)
            most = replace(self.spelling.most(each.policy), kind=Kind.RESOURCE)
            is_open = not is_certain(each.policy, self.spelling)
            least = replace(self.spelling.least(each.policy), kind=Kind.RESOURCE) if is_open else most
            if is_there is MAYBE:
                most, least = most.only(Effect.ALLOW), least.only(Effect.DENY)
            if is_there is not NO:
                found.append((most, least, each.policy, tuple(map(self.spelling.text, each.targets))))
        return found

    def _on(self, resource: str) -> list[tuple[Document, Document, Policy]]:
        names = _names(resource)
        return [(most, least, where) for most, least, where, targets in self._shared if names & set(targets)]

    # Judging

    def _judged(self, actor: Actor, resource: str) -> Answer:
        shared = self._on(resource)
        if not shared and not actor.doubts and not _speaks_of(actor.documents, self.action.lower()):
            return Answer(actor, resource, ImplicitlyDenied("no identity-based policy speaks of the action"))
        request = self._request(actor, self.action, resource)
        policies = self._policies(actor, _joined([each[0] for each in shared]))
        at_least = self._policies(actor, _joined([each[1] for each in shared]), least=True)
        most = evaluate(request, policies)
        verdict = most
        if not isinstance(most, Undecided):
            verdict = self._both(most, most if policies == at_least else evaluate(request, at_least))
        deciding = tuple(self._deciding(actor, ground, shared) for ground in _grounds(most))
        return Answer(actor, resource, verdict, deciding)

    def _both(self, most: Verdict, least: Verdict) -> Verdict:
        symbols = [each for ground in _grounds(most) for each in _symbols(ground.statement)]
        if type(most) is not type(least):
            return Undecided("a part of a policy is known only at deployment")
        if symbols:
            return Undecided(f"the condition's value `{symbols[0]}` is known only at deployment")
        return most

    def _request(self, actor: Actor, action: str, resource: str) -> Request:
        absent = MFA if actor.kind is ActorKind.ROLE else frozenset()
        given = Context.of(self.context, complete=False, absent=absent, hidden=EVERY_REQUEST_HAS)
        return Request(actor.arn, action, resource, given)

    def _policies(self, actor: Actor, resource: Document | None, *, least: bool = False) -> Policies:
        known = self.population.least if least else {}
        unknown = tuple(Document((), unread=(Unread("", each),)) for each in actor.doubts)
        boundary = actor.boundary
        if boundary is None and actor.boundary_arn:
            boundary = Document((), unread=(Unread("", f"the boundary `{actor.boundary_arn}` is not known"),))
        if least and actor.arn in self.population.open_boundaries:
            boundary = Document(
                (), unread=(Unread("", "its permissions boundary hangs on conditions of the template"),)
            )
        return Policies(
            identity=(*(known.get(id(each), each) for each in actor.documents), *unknown),
            resource=resource,
            boundary=known.get(id(boundary), boundary),
        )

    # Where it stands

    def _deciding(
        self, actor: Actor, ground: Ground, shared: list[tuple[Document, Document, Policy]]
    ) -> Deciding:
        group, document = "", None
        if ground.layer is Layer.IDENTITY and ground.index < len(actor.grants):
            grant = actor.grants[ground.index]
            document, group = grant.document, self._name(grant.group)
        elif ground.layer is Layer.BOUNDARY:
            document = actor.boundary
        policy = self.population.policies.get(id(document))
        if ground.layer is Layer.RESOURCE:
            policy = next((where for most, _, where in shared if ground.statement in most.statements), None)
        if policy is None:
            held = document.file if document else ""
            return Deciding(ground.statement, ground.layer, held, held, group)
        return Deciding(
            ground.statement,
            ground.layer,
            str(_place(policy, ground.statement)),
            policy.holder.logical_id,
            group,
        )

    def _name(self, arn: str) -> str:
        found = self.population.account.actor(arn) if arn else None
        return found.name if found else arn


def _speaks_of(documents: Iterable[Document], action: str) -> bool:
    """Tell whether a statement is about an action (in lower case), or something is not understood."""
    return any(
        document.unread or any(each.covers_action(action) for each in document.statements)
        for document in documents
    )


def _grounds(verdict: Verdict) -> tuple[Ground, ...]:
    return () if isinstance(verdict, ImplicitlyDenied) else verdict.grounds


def _symbols(statement: Statement) -> list[str]:
    return [
        value
        for test in statement.condition_tests
        for value in test.values
        if SYMBOL.search(value) and statement.effect in Effect
    ]


def _joined(documents: list[Document]) -> Document | None:
    if not documents:
        return None
    statements = tuple(each for document in documents for each in document.statements)
    unread = tuple(each for document in documents for each in document.unread)
    return replace(documents[0], statements=statements, unread=unread)


def _names(resource: str) -> frozenset[str]:
    """Give what a resource-based policy may name a resource by: its ARN, a bucket's name, a last part."""
    arn = Arn.parse(resource)
    if arn is None:
        return frozenset({resource})
    names = {resource, arn.resource.rpartition("/")[2], arn.resource.rpartition(":")[2]}
    if arn.service == "s3":
        bucket = arn.resource.partition("/")[0]
        names |= {bucket, f"arn:{arn.partition}:s3:::{bucket}"}
    return frozenset(names)


def _place(policy: Policy, statement: Statement) -> Location:
    index = statement.pointer.rpartition("/")[2]
    return policy.holder.locate(*policy.path, "Statement", int(index)) if index.isdigit() else policy.location
