"""Evaluate one request by all policies of an assembly, and find the statements that decide it, with their places.

Parts known only at deployment are evaluated both ways: a verdict that depends on them is undecided. An organization's
control policies are in no template; they count if they are recorded beside the assembly. A resource that the assembly
does not declare is decided by identity-based policies, unless its own policy has to allow too: a key, a role,
anything of another account.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from keywright.assembly.sources.organization import NO_ORGANIZATION
from keywright.policy.matching.context import Context
from keywright.policy.statement import Document, Kind, Statement, Unread
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.account.partial_context import MFA, principal_tags
from keywright.reasoning.evaluation.evaluate import evaluate
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.evaluation.request import ALWAYS_PRESENT_KEYS, Request
from keywright.reasoning.evaluation.service_rules import is_kms_key, is_role_assumption
from keywright.reasoning.evaluation.verdict import (
    Allowed,
    ExplicitlyDenied,
    Ground,
    ImplicitlyDenied,
    Layer,
    Undecided,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keywright.assembly.identities.principals import AccountPrincipals
    from keywright.assembly.resources.attached_policies import ResourceAttachment
    from keywright.assembly.sources.organization import Organization
    from keywright.assembly.templates.policy_documents import Policy
    from keywright.policy.matching.context import Values
    from keywright.reasoning.account.actors import Actor
    from keywright.reasoning.evaluation.verdict import Verdict
    from keywright.reporting.finding import Location

AT_DEPLOYMENT = "a part of a policy is known only at deployment"


def may_be_allowed(verdict: Verdict) -> bool:
    """Tell whether a request is allowed, or undecided without a certain denial."""
    return isinstance(verdict, Allowed) or (isinstance(verdict, Undecided) and not verdict.is_denied)


def rank(answer: Answer) -> tuple[bool, bool, bool]:
    """Sort allowed answers first, then those that may be allowed, then explicit denials."""
    verdict = answer.verdict
    return (
        not isinstance(verdict, Allowed),
        not may_be_allowed(verdict),
        not isinstance(verdict, ExplicitlyDenied),
    )


@dataclass(frozen=True)
class DecidingStatement:
    """A statement that decides: `place` is its location, `holder` the logical id or ARN of the resource that has it.

    `group` names the group it comes through; it is empty for the principal's own.
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
    deciding: tuple[DecidingStatement, ...] = ()


@dataclass(frozen=True)
class RequestEvaluator:
    """Evaluates requests of an assembly's principals; of the context only `context` is known.

    `owner` is the account of the resources, needed for principals outside of the assembly and for several accounts.
    `session_policies` has the session policies of role sessions, by the role's ARN.
    """

    principals: AccountPrincipals
    context: Mapping[str, Values]
    owner: str = ""
    session_policies: Mapping[str, tuple[Document, ...]] = field(default_factory=dict)

    def request(self, actor: Actor, action: str, resource: str) -> Request:
        """Build a request; a role session carries the role's tags but never MFA, whoever assumed the role."""
        # Credentials from sts:AssumeRole carry no MFA information ("Secure API access with MFA", IAM User Guide).
        absent = MFA if actor.kind is ActorKind.ROLE else frozenset()
        context = {**principal_tags(actor), **self.context}
        known = {key: values for key, values in context.items() if key.lower() not in absent}
        # A key that was not given may have any value, so a condition on it leaves the answer undecided.
        given = Context.of(known, complete=False, absent=absent, hidden=ALWAYS_PRESENT_KEYS)
        return Request(actor.arn, action, resource, given, self.owner)

    def evaluate(
        self, actor: Actor, action: str, resource: str, shared: Sequence[ResourceAttachment]
    ) -> Answer:
        """Evaluate a request by the policies on its resource and the actor's own."""
        request = self.request(actor, action, resource)
        elsewhere = _missing_resource_policy(request) if not shared else ""
        if elsewhere:
            return self._evaluate_without_policy(actor, request, elsewhere)
        policies = self._policies(actor, _joined([each.most for each in shared]), on=resource)
        at_least = self._policies(actor, _joined([each.least for each in shared]), least=True, on=resource)
        most = evaluate(request, policies)
        verdict = most
        if not isinstance(most, Undecided) and policies != at_least:
            least = evaluate(request, at_least)
            # A verdict is certain only if the most and the least that the policies can become agree.
            verdict = most if type(least) is type(most) else Undecided(_undecided_reason(least))
        return Answer(actor, resource, verdict, self._deciding(actor, most, shared))

    def request_and_policies(
        self, actor: Actor, action: str, resource: str, shared: Sequence[ResourceAttachment]
    ) -> tuple[Request, Policies]:
        """Give the request and the policies it is evaluated by, read as the most that they may allow."""
        policies = self._policies(actor, _joined([each.most for each in shared]), on=resource)
        return self.request(actor, action, resource), policies

    def _evaluate_without_policy(self, actor: Actor, request: Request, because: str) -> Answer:
        """Evaluate as if the resource's own policy allowed all that it can leave to others; that it does is not known."""
        everyone = Document(
            (Statement(actions=("*",), resources=("*",), principals={"AWS": (actor.account,)}),),
            kind=Kind.RESOURCE,
        )
        on = request.resource
        policies = self._policies(actor, everyone, on=on)
        at_least = self._policies(actor, everyone, least=True, on=on)
        verdict = evaluate(request, policies)
        if isinstance(verdict, Allowed) or not may_be_allowed(evaluate(request, at_least)):
            verdict = Undecided(because) if may_be_allowed(verdict) else verdict
        return Answer(actor, request.resource, verdict, self._deciding(actor, verdict, ()))

    def _policies(
        self, actor: Actor, resource: Document | None, *, least: bool = False, on: str = ""
    ) -> Policies:
        known = self.principals.least if least else {}
        # A policy that is not known may allow or deny, which an unread document stands for.
        unknown = tuple(Document((), unread=(Unread("", each),)) for each in actor.doubts)
        return Policies(
            identity=(*(known.get(id(each), each) for each in actor.documents), *unknown),
            resource=resource,
            boundary=self._boundary(actor, known, least=least),
            session=self.session_policies.get(actor.arn, ()),
            service_control=self._over(actor.account).service_control,
            resource_control=self._over_resource(on, actor).resource_control,
        )

    def _over(self, account: str) -> Organization:
        """Give the control policies of an account. With several organizations, another account's do not apply."""
        several = self.principals.organizations or (self.principals.organization,)
        return next((each for each in several if each.account and each.account == account), NO_ORGANIZATION)

    def _over_resource(self, resource: str, actor: Actor) -> Organization:
        """Give the control policies of a resource's account; an ARN without an account counts as one that they limit."""
        parts = resource.split(":", 5)
        owner = parts[4] if len(parts) > 5 and parts[4] else self.owner  # noqa: PLR2004 - an ARN's parts
        if owner:
            return self._over(owner)
        return self._over(actor.account) if self.principals.organizations else self.principals.organization

    def _boundary(self, actor: Actor, known: Mapping[int, Document], *, least: bool) -> Document | None:
        if least and actor.arn in self.principals.open_boundaries:
            return _unread("its permissions boundary depends on the template's conditions")
        if actor.boundary is None:
            return (
                _unread(f"the boundary `{actor.boundary_arn}` is not known") if actor.boundary_arn else None
            )
        return known.get(id(actor.boundary), actor.boundary)

    # Locations

    def locate_statement(
        self, actor: Actor, statement: Statement, shared: Sequence[ResourceAttachment]
    ) -> tuple[DecidingStatement, ...]:
        """Locate a statement of a resource-based policy among these."""
        return (self._locate(actor, Ground(Layer.RESOURCE, 0, statement), shared),)

    def _deciding(
        self, actor: Actor, verdict: Verdict, shared: Sequence[ResourceAttachment]
    ) -> tuple[DecidingStatement, ...]:
        grounds = () if isinstance(verdict, ImplicitlyDenied) else verdict.grounds
        return tuple(self._locate(actor, ground, shared) for ground in grounds if ground.statement.pointer)

    def _locate(
        self, actor: Actor, ground: Ground, shared: Sequence[ResourceAttachment]
    ) -> DecidingStatement:
        group, document = "", None
        if ground.layer is Layer.IDENTITY and ground.index < len(actor.grants):
            grant = actor.grants[ground.index]
            document, group = grant.document, self._name(grant.group)
        elif ground.layer is Layer.BOUNDARY:
            document = actor.boundary
        elif ground.layer is Layer.SESSION:
            document = self.session_policies[actor.arn][ground.index]
        elif ground.layer in {Layer.SERVICE_CONTROL, Layer.RESOURCE_CONTROL}:
            document = self._control_document(ground)
        policy = self.principals.policies.get(id(document))
        if ground.layer is Layer.RESOURCE:
            policy = next((each.policy for each in shared if ground.statement in each.most.statements), None)
        if policy is None:
            held = document.file if document else ""
            return DecidingStatement(ground.statement, ground.layer, held, held, group)
        place = str(place_of(policy, ground.statement))
        return DecidingStatement(
            _as_written(policy, ground.statement), ground.layer, place, policy.holder.logical_id, group
        )

    def _control_document(self, ground: Ground) -> Document | None:
        is_service = ground.layer is Layer.SERVICE_CONTROL
        several = self.principals.organizations or (self.principals.organization,)
        for organization in several:
            levels = organization.service_control if is_service else organization.resource_control
            documents = [each for level in levels for each in level]
            found = documents[ground.index] if ground.index < len(documents) else None
            if found is not None and (len(several) == 1 or ground.statement in found.statements):
                return found
        return None

    def _name(self, arn: str) -> str:
        found = self.principals.account.actor(arn) if arn else None
        return found.name if found else arn


def _missing_resource_policy(request: Request) -> str:
    """Say why the policy of an undeclared resource has to be known; empty if the identity-based policies decide."""
    # Within an account an identity-based policy is enough for most resources, but not for KMS keys ("Key policies in AWS
    # KMS") and roles; across accounts both sides must allow ("Cross-account policy evaluation logic").
    if is_kms_key(request.service, request.resource):
        return f"the key policy of `{request.resource}` is not in the assembly"
    if is_role_assumption(request.service, request.resource):
        return f"the trust policy of `{request.resource}` is not in the assembly"
    if not request.is_within_account:
        return f"the resource-based policy of `{request.resource}` in account `{request.owner}` is not in the assembly"
    return ""


def _undecided_reason(least: Verdict) -> str:
    return least.reason if isinstance(least, Undecided) and least.reason else AT_DEPLOYMENT


def _unread(reason: str) -> Document:
    return Document((), unread=(Unread("", reason),))


def _joined(documents: list[Document]) -> Document | None:
    if len(documents) < 2:  # noqa: PLR2004 - nothing to join
        return documents[0] if documents else None
    statements = tuple(each for document in documents for each in document.statements)
    unread = tuple(each for document in documents for each in document.unread)
    return replace(documents[0], statements=statements, unread=unread)


def place_of(policy: Policy, statement: Statement) -> Location:
    """Give the location of a statement in a policy."""
    index = statement.pointer.rpartition("/")[2]
    return policy.holder.locate(*policy.path, "Statement", int(index)) if index.isdigit() else policy.location


def _as_written(policy: Policy, statement: Statement) -> Statement:
    """Give a statement with all of its conditions, also those that could not be decided."""
    index = statement.pointer.rpartition("/")[2]
    written = (each for each in policy.statements if (str(each.index), each.sid) == (index, statement.sid))
    conditions = next((each.as_statement().conditions for each in written if each.conditions), {})
    is_whole = {*conditions} == {*statement.conditions} and all(
        conditions[operator].keys() == statement.conditions[operator].keys() for operator in conditions
    )
    return statement if is_whole else replace(statement, conditions=conditions)
