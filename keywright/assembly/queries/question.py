"""Questions about an assembly: verdicts for one or all principals, and the statements that decide."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from keywright.assembly.identities.unresolved_attachments import all_principals
from keywright.assembly.queries.candidates import (
    ANONYMOUS,
    CONDITIONS_FOR_EVERYONE,
    OTHER_ACCOUNT_POLICIES,
    CandidatePrincipals,
    conditional_public_statements,
    external_principal,
    external_principals,
    may_overlap,
)
from keywright.assembly.queries.decision import (
    Answer,
    DecidingStatement,
    RequestEvaluator,
    may_be_allowed,
    rank,
)
from keywright.assembly.queries.environments import OtherEnvironments
from keywright.assembly.resources.attached_policies import ResourceAttachments
from keywright.assembly.templates.conditions import (
    assuming,
    condition_cases,
    describe_case,
    exists,
    undecided_conditions,
)
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.policy.matching.context import NO, YES, Context
from keywright.policy.principals import ACCOUNT_AT_DEPLOYMENT, PrincipalKind, is_everyone, principal
from keywright.policy.statement import Effect, Kind
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.account.resource_sets import (
    PatternSet,
    ResourceSet,
    arn_language,
    example_resource,
    literal_language,
    resource_languages,
    resources_allowed_by,
)
from keywright.reasoning.account.trust import ASSUME_ROLE
from keywright.reasoning.escalation.sessions import START_SESSION, tag_keys
from keywright.reasoning.evaluation.policies import principal_match
from keywright.reasoning.evaluation.request import Request
from keywright.reasoning.evaluation.service_rules import may_be_service_linked
from keywright.reasoning.evaluation.verdict import Allowed, ImplicitlyDenied, Undecided
from keywright.reasoning.witnesses.missing_context import propose_context

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.assembly.identities.principals import AccountPrincipals
    from keywright.assembly.resources.attached_policies import ResourceAttachment
    from keywright.assembly.templates.template import Assembly
    from keywright.policy.matching.context import Values
    from keywright.policy.statement import Document, Statement
    from keywright.reasoning.account.actors import Actor
    from keywright.reasoning.sets.languages import Language
    from keywright.reasoning.witnesses.missing_context import ContextValues


_PRINCIPAL_KEYS = (
    "aws:principal",
    "aws:userid",
    "aws:username",
    "aws:tokenissuetime",
    "ec2:",
    "lambda:sourcef",
    "saml:",
)
"""Prefixes (in lower case) of keys that describe a principal or its session."""


def without_principal_keys(context: Mapping[str, Values]) -> Mapping[str, Values]:
    """Drop the keys of the first principal: a role assumed on the way has its own tags and name."""
    return {key: values for key, values in context.items() if not is_principal_key(key)}


def is_principal_key(key: str) -> bool:
    """Tell whether a condition key (in any case) describes the requesting principal or its session."""
    return key.lower().startswith(_PRINCIPAL_KEYS)


__all__ = ["Answer", "DecidingStatement", "Question", "RolePath", "may_be_allowed"]

MOST_RESOURCES = 64
"""Resources that are evaluated for one principal and question."""
TOO_MANY_PATTERNS = (
    "the policies' patterns overlap in too many ways to decide whether a matching resource is allowed"
)
_WILDCARDS = frozenset("*?")
_NOTHING_KNOWN = Context(complete=False)


@dataclass(frozen=True)
class RolePath:
    """How a principal can use a role: each role assumption on the path, with its verdict and role."""

    actor: Actor
    assumptions: tuple[Answer, ...]
    roles: tuple[Actor, ...] = ()


@dataclass
class Question:
    """One action on one resource. Wildcards in the resource ask whether any matching one is allowed.

    `context` has the keys whose values are known; any other key may have any value.
    """

    assembly: Assembly
    principals: AccountPrincipals
    action: str
    resource: str
    context: Mapping[str, Values] = field(default_factory=dict)
    spelling: Spelling = field(default_factory=Spelling)
    session_policies: Mapping[str, tuple[Document, ...]] = field(default_factory=dict)
    """The session policies of role sessions, by the role's ARN."""
    requester: str = ""
    """The ARN of the principal that `context` describes, if it is one in particular."""
    is_pinned: bool = False
    """Whether account and region are fixed, so that no other environment is tried."""
    _assumptions: dict[tuple[str, str], Answer] = field(default_factory=dict, init=False)

    def answer(self, actor: Actor) -> Answer:
        """Evaluate a principal by its own and its groups' permissions, in every environment."""
        others = {place: other.answer(who) for place, other, (who,) in self._elsewhere.actors(actor)}
        return self._elsewhere.settled(self._answered(actor), others)

    @cached_property
    def _elsewhere(self) -> OtherEnvironments[Question]:
        return OtherEnvironments({}) if self.is_pinned else OtherEnvironments.of(self)

    def _answered(self, actor: Actor) -> Answer:
        if not self._is_pattern:
            return self._evaluate(actor, self.resource)
        # One more than the limit shows whether there are more.
        resources = list(islice(self._resources(actor), MOST_RESOURCES + 1))
        known = [each for each in resources[:MOST_RESOURCES] if each is not None]
        # A pattern asks whether any matching resource is allowed, so the most permissive answer counts.
        best = min((self._evaluate(actor, each) for each in known or [self._example]), key=rank)
        if may_be_allowed(best.verdict) or (None not in resources and len(resources) <= MOST_RESOURCES):
            return best
        return replace(best, verdict=Undecided(TOO_MANY_PATTERNS), deciding=())

    def answers(self) -> Iterator[Answer]:
        """Evaluate every principal that some policy concerns; all others are denied."""
        concerned = self._concerned.union(
            id(each)
            for each in self._people
            for _, other, (who,) in self._elsewhere.actors(each)
            if id(who) in other._concerned  # noqa: SLF001 - one of its own kind
        )
        yield from (self.answer(each) for each in self._people if id(each) in concerned)

    def concerned(self) -> tuple[Actor, ...]:
        """Give the principals that some policy may allow the action; all others are denied."""
        return tuple(each for each in self._people if id(each) in self._concerned)

    @cached_property
    def _concerned(self) -> frozenset[int]:
        own = CandidatePrincipals(self._people, self.action.lower()).on(self._among)
        return self._named.union(map(id, own))

    def external_answers(self) -> Iterator[Answer]:
        """Evaluate the principals outside of the assembly that resource-based policies name."""
        statements = [each for _, several in self._shared_ones for each in several]
        evaluator = RequestEvaluator(self.principals, self.context, self._owner)
        anybody = None
        left_out = self.assembly.left_out
        for actor in external_principals(statements, self.principals, self._owner, left_out):
            found = self._best(evaluator, actor)
            anybody = found if actor is ANONYMOUS else anybody
            if may_be_allowed(found.verdict):
                yield found
        if anybody is not None and not may_be_allowed(anybody.verdict):
            shared = self._shared.on(anybody.resource)
            for each in islice(conditional_public_statements(statements, anybody.resource), 1):
                place = evaluator.locate_statement(ANONYMOUS, each, shared)
                yield replace(anybody, verdict=Undecided(CONDITIONS_FOR_EVERYONE), deciding=place)

    def external_answer(self, text: str) -> Answer | None:
        """Evaluate one external principal: anybody, a service, another account; None for any other text."""
        actor = external_principal(text, self._owner)
        return (
            self._best(RequestEvaluator(self.principals, self.context, self._owner), actor) if actor else None
        )

    @cached_property
    def _owner(self) -> str:
        """The account of the resources in question."""
        holders = {each.policy.holder.template.account for each, _ in self._shared_ones if each.policy}
        return next(iter(holders), "") or self.spelling.account or ACCOUNT_AT_DEPLOYMENT

    def _best(self, evaluator: RequestEvaluator, actor: Actor) -> Answer:
        several = [each for each in self._of_resources if each] if self._is_pattern else [self.resource]
        evaluated = (
            evaluator.evaluate(actor, self.action, each, self._shared.on(each))
            for each in several[:MOST_RESOURCES] or [self._example]
        )
        best = min(evaluated, key=rank)
        # Across accounts both sides must allow ("Cross-account policy evaluation logic", IAM User Guide); the external
        # account's own policies are not in the assembly.
        is_half = isinstance(best.verdict, Allowed) and bool(actor.grants)
        return replace(best, verdict=Undecided(OTHER_ACCOUNT_POLICIES)) if is_half else best

    def role_paths(self, role: Actor) -> Iterator[RolePath]:
        """Give the principals that can use a role, also through other roles, each by its shortest path."""
        # Roles that trust each other in a circle would be followed without end.
        seen = {role.arn}
        queue = deque([RolePath(role, ())])
        while queue:
            route = queue.popleft()
            for actor in self._possible_callers(route.actor):
                if actor.arn in seen:
                    continue
                found = self._assumption(actor, route.actor)
                if may_be_allowed(found.verdict):
                    seen.add(actor.arn)
                    longer = RolePath(actor, (found, *route.assumptions), (route.actor, *route.roles))
                    queue.append(longer)
                    yield longer

    def callers(self, role: Actor) -> Iterator[Answer]:
        """Give who can, or may be able to, assume a role in one step."""
        for actor in dict.fromkeys(self._possible_callers(role)):
            found = self.assumption(actor, role)
            if may_be_allowed(found.verdict):
                yield found

    def assumption(self, actor: Actor, role: Actor) -> Answer:
        """Evaluate whether a principal can assume a role in one step."""
        return self._assumption(actor, role)

    def deciding_contexts(self, answer: Answer) -> Iterator[tuple[ContextValues, Answer]]:
        """Yield context values that would decide an undecided answer, each with the resulting answer."""
        shared = self._shared.on(answer.resource)
        evaluator = self._evaluator_of(answer.resource)
        request, policies = evaluator.request_and_policies(answer.actor, self.action, answer.resource, shared)
        for given in propose_context(request, policies):
            context = {**self.context, **{key.lower(): values for key, values in given.items()}}
            found = replace(evaluator, context=context).evaluate(
                answer.actor, self.action, answer.resource, shared
            )
            # A denial of this resource or environment decides nothing about the others.
            if self._elsewhere.questions or (self._is_pattern and not may_be_allowed(found.verdict)):
                found = replace(self, context=context).answer(answer.actor)
            if not isinstance(found.verdict, Undecided):
                yield given, found

    @cached_property
    def _evaluator(self) -> RequestEvaluator:
        return RequestEvaluator(self.principals, self.context, session_policies=self.session_policies)

    @cached_property
    def _shared(self) -> ResourceAttachments:
        return ResourceAttachments(self.assembly, self.principals, self.spelling)

    @cached_property
    def _people(self) -> tuple[Actor, ...]:
        kinds = {ActorKind.USER, ActorKind.ROLE}
        return tuple(each for each in self.principals.account.actors if each.kind in kinds)

    def _evaluate(self, actor: Actor, resource: str) -> Answer:
        return self._evaluator_of(resource).evaluate(actor, self.action, resource, self._shared.on(resource))

    def _evaluator_of(self, resource: str) -> RequestEvaluator:
        """Give the evaluator for a resource, with the owner of a bucket, whose ARN has no account."""
        owner = self._buckets.get(resource.partition("/")[0], "")
        return replace(self._evaluator, owner=owner) if owner else self._evaluator

    @cached_property
    def _buckets(self) -> Mapping[str, str]:
        """The accounts of buckets by ARN; empty if the assembly has one account."""
        if len({each.account for each in self.assembly.templates}) == 1:
            return {}
        return {
            self.spelling.text(each.arn): each.template.account
            for each in self.assembly.of_type("AWS::S3::Bucket")
            if each.arn is not None
        }

    # Role assumption

    @cached_property
    def _callers(self) -> CandidatePrincipals:
        return CandidatePrincipals(self._people, ASSUME_ROLE.lower())

    def _possible_callers(self, role: Actor) -> Iterable[Actor]:
        """Give the principals that a role's trust policy may allow: by name, or through their account's permissions."""
        # In another environment other principals may be named, so none is left out.
        if self._elsewhere.questions:
            return self._people
        statements = role.trust.statements if role.trust else ()
        if any(each.not_principals or is_everyone(each.principals) for each in statements):
            return self._people
        named = {value for each in statements for value in each.principals.get("AWS", ())}
        themselves = [self.principals.account.actor(value) for value in named]
        own = self._callers.on(literal_language(role.arn)) if named else ()
        return (*own, *(each for each in themselves if each is not None))

    def _assumption(self, actor: Actor, role: Actor) -> Answer:
        key = (actor.arn, role.arn)
        if key not in self._assumptions:
            others = {
                place: other.assumption(*both) for place, other, both in self._elsewhere.actors(actor, role)
            }
            self._assumptions[key] = self._elsewhere.settled(self._assumed(actor, role), others)
        return self._assumptions[key]

    def _assumed(self, actor: Actor, role: Actor) -> Answer:
        trust = role.trust
        if trust is None or not (
            trust.unread or any(each.covers_action(ASSUME_ROLE.lower()) for each in trust.statements)
        ):
            return Answer(
                actor, role.arn, ImplicitlyDenied("its trust policy allows no principal of the account")
            )
        evaluator = self._evaluator
        # The context describes the first principal; a role on the way has a session of its own.
        if actor.kind is ActorKind.ROLE and actor.arn != self.requester:
            evaluator = replace(evaluator, context=without_principal_keys(self.context))
        return evaluator.evaluate(actor, ASSUME_ROLE, role.arn, self._shared.on(role.arn))

    # Action and resource

    @cached_property
    def _is_pattern(self) -> bool:
        return bool(_WILDCARDS & set(self.resource)) and self.resource != "*"

    @cached_property
    def _among(self) -> Language:
        if self._is_pattern:
            return arn_language(self.resource)
        return literal_language(Request("*", self.action, self.resource).target)

    @cached_property
    def _example(self) -> str:
        return self.resource.replace("*", "example").replace("?", "x")

    @cached_property
    def _shared_ones(self) -> tuple[tuple[ResourceAttachment, tuple[Statement, ...]], ...]:
        """The resource-based policies about the action on a resource in question."""
        some = self._shared.all if self._is_pattern else self._shared.on(self.resource)
        concerned = ((each, each.most.concerning(self.action.lower())) for each in some)
        return tuple(
            (each, statements)
            for each, statements in concerned
            if (statements or each.most.unread) and self._is_about(each, statements)
        )

    def _is_about(self, shared: ResourceAttachment, statements: tuple[Statement, ...]) -> bool:
        if not self._is_pattern or any(map(self._among.contains, shared.targets)):
            return True
        named = (each for statement in statements for each in resource_languages(statement, _NOTHING_KNOWN))
        return shared.most.kind is not Kind.TRUST and any(may_overlap(each, self._among) for each in named)

    @cached_property
    def _named(self) -> frozenset[int]:
        """The principals that a resource-based policy may allow without a policy of their own."""
        allowing = [
            statement
            for _, statements in self._shared_ones
            for statement in statements
            if statement.effect is Effect.ALLOW
        ]
        if any(each.most.unread for each, _ in self._shared_ones) or any(
            map(_names_unlisted_principals, allowing)
        ):
            return frozenset(map(id, self._people))
        named = {text for each in allowing for text in each.principals.get("AWS", ())}
        return frozenset(id(each) for each in self._people if each.arn in named)

    # Resources that match a pattern

    def _resources(self, actor: Actor) -> Iterator[str | None]:
        """Give one resource for each policy pattern that may allow the action; None if undecided.

        If it gives nothing, no matching resource is allowed.
        """
        yield from dict.fromkeys((*self._of_resources, *self._of_identity(actor)))

    @cached_property
    def _of_resources(self) -> tuple[str | None, ...]:
        """Give those that resource-based policies name."""
        found: list[str | None] = []
        for each, statements in self._shared_ones:
            found += [target for target in each.targets if self._among.contains(target)]
            cells = (PatternSet(resource_languages(statement, _NOTHING_KNOWN)) for statement in statements)
            texts = (self._found(ResourceSet(((cell,),))) for cell in cells if cell.any_of)
            found += (text for text in texts if text != "")
        return tuple(found)

    def _of_identity(self, actor: Actor) -> Iterator[str | None]:
        """Give those that the principal's own policies name."""
        request = self._evaluator.request(actor, self.action, self.resource)
        layers = [actor.documents, *([(actor.boundary,)] if actor.boundary else [])]
        layers += [self.session_policies[actor.arn]] if actor.arn in self.session_policies else []
        is_linked = may_be_service_linked(actor.arn)
        whole = resources_allowed_by(layers, self.action, request.context, is_linked=is_linked)
        barred = whole.excluded.union(
            whole.refused, *(resource_languages(each, request.context) for each in self._denying(request))
        )
        for cell in whole.layers[0]:
            for part in _parts(cell, self._among):
                text = self._found(ResourceSet(((part,), *whole.layers[1:]), whole.required, barred))
                if text != "":
                    yield text
        if actor.doubts or any(each.unread for each in actor.documents):
            yield self._example

    def _found(self, region: ResourceSet) -> str | None:
        return example_resource([region], frozenset({self._among}))

    def _denying(self, request: Request) -> Iterator[Statement]:
        """Give the statements of resource-based policies that certainly deny a principal."""
        for _, statements in self._shared_ones:
            for each in statements:
                is_sure = each.effect is Effect.DENY and principal_match(each, request).account is YES
                if is_sure and each.resources and each.holds(request.context) is YES:
                    yield each


def _parts(cell: PatternSet, among: Language) -> Iterator[PatternSet]:
    """Give a cell for each of its patterns that overlaps with the resources in question."""
    if cell.any_of is None:
        yield cell
    for each in sorted(cell.any_of or (), key=lambda one: one.spelling):
        if may_overlap(each, among):
            yield PatternSet(frozenset({each}))


def _names_unlisted_principals(statement: Statement) -> bool:
    """Tell whether a statement may name principals that it does not list."""
    if statement.not_principals or is_everyone(statement.principals):
        return True
    kinds = {principal(text).kind for text in statement.principals.get("AWS", ())}
    spelled = {PrincipalKind.ROOT, PrincipalKind.USER, PrincipalKind.ROLE}
    return bool(kinds - spelled) or bool(statement.principals.keys() - {"AWS", "Service", "Federated"})


_INSTANCES = ("ec2:instance",)


def session_manager_access(question: Question, role: Actor) -> Iterator[Answer]:
    """Give who can start a session on an instance of the role, each once, with the instance's tags in the context."""
    seen: set[str] = set()
    for credential_source in question.principals.account.credential_sources_of(_INSTANCES):
        if credential_source.identity_arn == role.arn:
            context = {**dict(tag_keys(credential_source.tags)), **question.context}
            other = replace(question, action=START_SESSION, resource=credential_source.arn, context=context)
            for answer in other.answers():
                if (
                    may_be_allowed(answer.verdict)
                    and answer.actor.arn not in seen
                    and answer.actor is not role
                ):
                    seen.add(answer.actor.arn)
                    yield answer


MOST_CASES = 16
"""Combinations of conditions that are tried; beyond them the answer stays undecided."""


@dataclass(frozen=True)
class ConditionCase:
    """One combination of conditions, in words, with the answer; None if the principal is not deployed then."""

    text: str
    answer: Answer | None


def answers_by_condition(question: Question, answer: Answer) -> list[ConditionCase]:
    """Give the answer for each combination of conditions; nothing if there are none or too many."""
    several = [each for each in condition_cases(undecided_conditions(question.assembly), MOST_CASES) if each]
    return [
        ConditionCase(describe_case(each), _answer(assuming(question.assembly, each), question, answer))
        for each in several
    ]


def _answer(assembly: Assembly, question: Question, answer: Answer) -> Answer | None:
    principals = all_principals(assembly, question.spelling)
    actor = principals.account.actor(answer.actor.arn)
    resource = principals.resources.get(answer.actor.arn)
    if actor is None or (resource is not None and exists(resource) is NO):
        return None
    other = Question(
        assembly, principals, question.action, question.resource, question.context, question.spelling
    )
    return other.answer(actor)
