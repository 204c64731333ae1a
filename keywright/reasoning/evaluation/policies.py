"""Evaluation of each kind of policy on a request, and how their allows combine into a grant.

Sources: "Policy evaluation logic" (the table "Resource-based policies and implicit denies in other policy
types"), "Cross-account policy evaluation logic", "Service control policies (SCPs)", "Resource control
policies (RCPs)", "RCP evaluation", "Permissions boundaries for IAM entities", "Permissions for
GetFederationToken".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright.policy.matching.context import ABSENT, MAYBE, NO, UNKNOWN, YES, Truth, negation
from keywright.policy.principals import (
    DIRECTLY,
    UNNAMED,
    PrincipalKind,
    Reach,
    named_by,
    not_excepted_by,
    principal,
)
from keywright.policy.reference import catalogue
from keywright.policy.statement import Document, Effect, Statement
from keywright.reasoning.evaluation.service_rules import (
    is_kms_key,
    is_role_assumption,
    is_service_linked,
    overrides_bucket_policy,
)
from keywright.reasoning.evaluation.verdict import Ground, Layer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright.policy.matching.context import Missing, Values
    from keywright.reasoning.evaluation.request import Request


@dataclass(slots=True)
class PolicyEffect:
    """The strongest allow and deny of some documents, each with its statement (None: an unreadable part)."""

    layer: Layer
    reach: Reach = UNNAMED
    denies: Truth = NO
    allowing: Ground | None = None
    denying: Ground | None = None

    @property
    def allows(self) -> Truth:
        """Whether the documents allow the request, if only by naming the account."""
        return self.reach.account


def policy_effect(
    layer: Layer,
    documents: Sequence[Document],
    request: Request,
    *,
    first: int = 0,
    is_bounded: bool = False,
) -> PolicyEffect:
    """Evaluate documents of one kind; a part that could not be read may allow and may deny.

    `first` is the number of the first document among its kind; `is_bounded` says that the principal has a
    permissions boundary.
    """
    effect = PolicyEffect(layer)
    for index, document in enumerate(documents, first):
        for statement in document.concerning(request.lowered_action):
            found = resource_and_conditions_match(statement, request)
            if found is not NO:
                reach = principal_match(statement, request, is_bounded=is_bounded)
                _add_statement(effect, Ground(layer, index, statement), reach.capped(found))
        # An unread part may be an Allow or a Deny, so it counts as both.
        if document.unread:
            effect.denies = max(effect.denies, MAYBE)
            effect.reach = effect.reach.joined(DIRECTLY.capped(MAYBE))
    return effect


def _add_statement(effect: PolicyEffect, ground: Ground, reach: Reach) -> None:
    if ground.statement.effect is Effect.ALLOW:
        if reach > effect.reach:
            effect.allowing = ground
        effect.reach = effect.reach.joined(reach)
    elif reach.account > effect.denies:
        effect.denies, effect.denying = reach.account, ground


def statement_matches(statement: Statement, request: Request) -> Truth:
    """Return whether action, resource and conditions match a request, regardless of the principal."""
    return (
        resource_and_conditions_match(statement, request)
        if statement.covers_action(request.lowered_action)
        else NO
    )


def resource_and_conditions_match(statement: Statement, request: Request) -> Truth:
    """Return whether resource and conditions match a request, regardless of principal and action."""
    found = statement.covers_resource(request.target, request.context)
    return min(found, statement.holds(request.context)) if found is not NO else NO


def principal_match(statement: Statement, request: Request, *, is_bounded: bool = False) -> Reach:
    """Return how a statement matches the principal.

    One without `Principal` applies to the identity it is attached to.

    AWS never exempts a principal with a permissions boundary from a Deny with `NotPrincipal`.
    """
    if statement.principals:
        return named_by(statement.principals, request.principal, _user_id(request))
    if statement.not_principals and not (is_bounded and statement.effect is Effect.DENY):
        excepted = not_excepted_by(statement.not_principals, request.principal, _user_id(request))
        return DIRECTLY.capped(excepted)
    return DIRECTLY


def _user_id(request: Request) -> Values | Missing:
    found = request.context.lookup("aws:userid")
    return UNKNOWN if found is ABSENT and not request.context.complete else found


def undecided_parts(statement: Statement, request: Request, *, is_bounded: bool = False) -> Iterator[str]:
    """Name the parts of a statement that cannot be decided."""
    for test in statement.condition_tests:
        if test.holds(request.context) is MAYBE:
            yield f"the condition `{test.operator_name}` on `{test.key}` cannot be evaluated"
    if statement.covers_resource(request.target, request.context) is MAYBE:
        yield "a variable in its resource has no known value"
    if MAYBE in principal_match(statement, request, is_bounded=is_bounded):
        yield f"whether it matches the principal `{request.principal_text}` is unknown"


Levels = tuple[tuple["Document", ...], ...]

FULL_ACCESS = Document((Statement(actions=("*",), resources=("*",)),))
"""An identity-based policy that allows everything."""


@dataclass(frozen=True)
class Policies:
    """All policies that apply to a request; what does not apply is empty or None.

    `identity` holds the policies of the principal and of its groups. Control policies come by level, from the
    root of the organization down to the account: of the principal's account for service control policies, of
    the resource's account for resource control policies.
    """

    identity: tuple[Document, ...] = ()
    resource: Document | None = None
    boundary: Document | None = None
    session: tuple[Document, ...] = ()
    service_control: Levels = ()
    resource_control: Levels = ()


@dataclass(slots=True)
class PolicyEvaluation:
    """The effect of each kind of policy.

    None for a kind that does not apply and therefore does not limit anything.
    """

    request: Request
    policies: Policies
    identity: PolicyEffect = field(default_factory=lambda: PolicyEffect(Layer.IDENTITY))
    resource: PolicyEffect = field(default_factory=lambda: PolicyEffect(Layer.RESOURCE))
    boundary: PolicyEffect | None = None
    session: PolicyEffect | None = None
    service_control: list[PolicyEffect] = field(default_factory=list)
    resource_control: list[PolicyEffect] = field(default_factory=list)

    def effects(self) -> Iterator[PolicyEffect]:
        """Yield all effects, in the order in which AWS evaluates them."""
        yield from self.resource_control
        yield from self.service_control
        yield self.resource
        yield self.identity
        if self.boundary is not None:
            yield self.boundary
        if self.session is not None:
            yield self.session

    @property
    def is_bounded(self) -> bool:
        """Whether the principal has a permissions boundary; the root user never has one."""
        who = self.request.principal
        return self.policies.boundary is not None and who.is_identity and who.kind is not PrincipalKind.ROOT

    @property
    def denies(self) -> Truth:
        """Whether any policy explicitly denies the request."""
        return max(effect.denies for effect in self.effects())


def evaluate_policies(request: Request, policies: Policies) -> PolicyEvaluation:
    """Evaluate each kind of policy that applies to the request's principal and resource."""
    evaluation = PolicyEvaluation(request, policies)
    if policies.resource is not None:
        evaluation.resource = _resource_effect(evaluation, policies.resource)
    if policies.resource_control:
        evaluation.resource_control = _resource_control_effects(request, policies.resource_control)
    if request.principal.is_identity:
        _evaluate_identity(evaluation)
    return evaluation


def _resource_effect(evaluation: PolicyEvaluation, policy: Document) -> PolicyEffect:
    request = evaluation.request
    effect = policy_effect(Layer.RESOURCE, (policy,), request, is_bounded=evaluation.is_bounded)
    if overrides_bucket_policy(
        request.lowered_action, request.principal.kind, is_within_account=request.is_within_account
    ):
        effect.denies = NO
    return effect


def _evaluate_identity(evaluation: PolicyEvaluation) -> None:
    request, policies = evaluation.request, evaluation.policies
    # The root user has full access to its account; a permissions boundary does not apply to it, control
    # policies do.
    if request.principal.kind is PrincipalKind.ROOT:
        evaluation.identity = PolicyEffect(Layer.IDENTITY, DIRECTLY)
    else:
        evaluation.identity = policy_effect(Layer.IDENTITY, policies.identity, request)
        if policies.boundary is not None:
            evaluation.boundary = policy_effect(Layer.BOUNDARY, (policies.boundary,), request)
    # Without a session policy a federated user has no permissions of the user who asked for the session
    # ("Permissions for GetFederationToken").
    if policies.session or request.principal.kind is PrincipalKind.FEDERATED_USER:
        evaluation.session = policy_effect(Layer.SESSION, policies.session, request)
    if policies.service_control:
        evaluation.service_control = _service_control_effects(request, policies.service_control)


def _service_control_effects(request: Request, levels: Levels) -> list[PolicyEffect]:
    """Evaluate service control policies; they do not affect service-linked roles."""
    exempt = service_linked(request)
    return [
        _with_exemption(effect, exempt) for effect in _level_effects(Layer.SERVICE_CONTROL, levels, request)
    ]


def _resource_control_effects(request: Request, levels: Levels) -> list[PolicyEffect]:
    """Evaluate resource control policies.

    They do not affect service-linked roles and services without support.

    The list of supported services grows, so a service that is not on our list may be affected or not. AWS
    attaches `RCPFullAWSAccess` everywhere; it cannot be detached, and customers cannot write another Allow: a
    level given without any Allow allows everything.
    """
    unlisted = NO if catalogue.supports_rcp(request.service) else MAYBE
    exempt = max(service_linked(request), unlisted)
    effects = _level_effects(Layer.RESOURCE_CONTROL, levels, request)
    for effect, level in zip(effects, levels, strict=True):
        if not any(statement.effect is Effect.ALLOW for each in level for statement in each.statements):
            effect.reach = DIRECTLY
    return [_with_exemption(effect, exempt) for effect in effects]


def _level_effects(layer: Layer, levels: Levels, request: Request) -> list[PolicyEffect]:
    effects, first = [], 0
    for level in levels:
        effects.append(policy_effect(layer, level, request, first=first))
        first += len(level)
    return effects


def _with_exemption(effect: PolicyEffect, exempt: Truth) -> PolicyEffect:
    if exempt is not NO:
        effect.denies = min(effect.denies, negation(exempt))
        effect.reach = effect.reach.joined(DIRECTLY.capped(exempt))
    return effect


def service_linked(request: Request) -> Truth:
    """Return whether a service-linked role makes the request."""
    who = request.principal
    # A session ARN has no path, which alone identifies a service-linked role; `aws:PrincipalArn` may
    # have it.
    if who.kind is PrincipalKind.ROLE_SESSION:
        arns = request.given.values.get("aws:principalarn", ())
        who = principal(arns[0]) if len(arns) == 1 else who
    if who.kind not in {PrincipalKind.ROLE, PrincipalKind.ROLE_SESSION}:
        return NO
    return is_service_linked(who.name, who.path)


def granted(evaluation: PolicyEvaluation) -> Truth:
    """Return whether the policies together allow the request and the control policies do not block it."""
    return min(_granted(evaluation), control_policies_allow(evaluation))


def _granted(evaluation: PolicyEvaluation) -> Truth:
    if not evaluation.request.principal.is_identity:
        return evaluation.resource.reach.direct
    # Cross-account access needs an allow on both sides; naming the account is enough on the resource's
    # side.
    if not evaluation.request.is_within_account:
        return min(identity_allows(evaluation), evaluation.resource.reach.account)
    reach = evaluation.resource.reach
    delegated = reach.account if needs_resource_policy(evaluation) else YES
    # Within an account one side is enough. An implicit deny of the boundary or session policy also
    # limits a grant to the role, but not a grant to the user or to the role session ("Policy evaluation
    # logic").
    return max(
        min(identity_allows(evaluation), delegated),
        min(reach.role, limits_allow(evaluation)),
        reach.direct,
    )


def needs_resource_policy(evaluation: PolicyEvaluation) -> bool:
    """Return whether the resource-based policy must allow even within the account: for KMS keys and roles.

    If no such policy is given, it is taken not to apply, and the other policies decide.
    """
    request = evaluation.request
    return evaluation.policies.resource is not None and (
        is_kms_key(request.service, request.resource) or is_role_assumption(request.service, request.resource)
    )


def identity_allows(evaluation: PolicyEvaluation) -> Truth:
    """Return whether the identity-based policies allow the request within their limits."""
    return min(evaluation.identity.allows, limits_allow(evaluation))


def limits_allow(evaluation: PolicyEvaluation) -> Truth:
    """Return whether the permissions boundary and the session policies allow the request."""
    return min(_allows_or_absent(evaluation.boundary), _allows_or_absent(evaluation.session))


def control_policies_allow(evaluation: PolicyEvaluation) -> Truth:
    """Return whether every level of control policies allows the request."""
    return min(
        (effect.allows for effect in (*evaluation.resource_control, *evaluation.service_control)), default=YES
    )


def _allows_or_absent(effect: PolicyEffect | None) -> Truth:
    return YES if effect is None else effect.allows
