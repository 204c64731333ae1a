"""Evaluates one request against all policies that apply to it, with the reasons for the verdict.

Sources: "How AWS enforcement code logic evaluates requests to allow or deny access", "Policy evaluation for
requests within a single account", "Cross-account policy evaluation logic".
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from keywright.policy.matching.context import MAYBE, NO, YES
from keywright.policy.principals import PrincipalKind
from keywright.policy.reference import catalogue
from keywright.reasoning.evaluation.aws_refusals import refusal_of
from keywright.reasoning.evaluation.policies import (
    Policies,
    PolicyEvaluation,
    evaluate_policies,
    identity_allows,
    needs_resource_policy,
    principal_match,
    service_linked,
    statement_matches,
    undecided_parts,
)
from keywright.reasoning.evaluation.policies import granted as granted_by
from keywright.reasoning.evaluation.service_rules import (
    FOR_ROOT,
    allowed_by_rule,
    refused_by_rule,
    refused_without_credentials,
)
from keywright.reasoning.evaluation.verdict import (
    Allowed,
    ExplicitlyDenied,
    Ground,
    ImplicitlyDenied,
    Layer,
    Undecided,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.policy.statement import Document
    from keywright.reasoning.evaluation.policies import PolicyEffect, PolicyEvaluation
    from keywright.reasoning.evaluation.request import Request


_MOST_SHOWN = 3


def granting_statements(evaluation: PolicyEvaluation) -> tuple[Ground, ...]:
    """Return the statements that allow: those that grant before those that only limit."""
    return tuple(
        effect.allowing for effect in _granting_effects(evaluation) if effect is not None and effect.allowing
    )


def _granting_effects(evaluation: PolicyEvaluation) -> tuple[PolicyEffect | None, ...]:
    controls = (*evaluation.service_control, *evaluation.resource_control)
    if evaluation.request.principal.is_identity and identity_allows(evaluation) is YES:
        both = not evaluation.request.is_within_account or needs_resource_policy(evaluation)
        if not both or evaluation.resource.reach.account is YES:
            resource = (evaluation.resource,) if both else ()
            return (evaluation.identity, *resource, evaluation.boundary, evaluation.session, *controls)
    if evaluation.resource.reach.direct is YES:
        return (evaluation.resource, *controls)
    return (evaluation.resource, evaluation.boundary, evaluation.session, *controls)


def missing_allow(evaluation: PolicyEvaluation) -> str:
    """Name the first allow that is missing."""
    for effects in (evaluation.resource_control, evaluation.service_control):
        for level, effect in enumerate(effects, start=1):
            if effect.allows is NO:
                return f"no {effect.layer} at level {level} allows the action"
    if not evaluation.request.principal.is_identity:
        return f"{_resource_policy(evaluation)} allows {_principal_name(evaluation)}"
    return _missing_identity_allow(evaluation)


def _missing_identity_allow(evaluation: PolicyEvaluation) -> str:
    needs_both = not evaluation.request.is_within_account or needs_resource_policy(evaluation)
    if needs_both and evaluation.resource.reach.account is NO:
        return f"{_resource_policy(evaluation)} allows the action, which {_why_both(evaluation)}"
    for effect in (evaluation.boundary, evaluation.session):
        if effect is not None and effect.allows is NO and evaluation.identity.allows is not NO:
            return f"no {effect.layer} allows the action"
    if needs_both:
        return f"no identity-based policy allows the action, which {_why_both(evaluation)}"
    return "no identity-based policy and no resource-based policy allows the action"


def _why_both(evaluation: PolicyEvaluation) -> str:
    return "this resource requires" if needs_resource_policy(evaluation) else "cross-account access requires"


def _resource_policy(evaluation: PolicyEvaluation) -> str:
    return (
        "no statement of the resource-based policy"
        if evaluation.policies.resource
        else "no resource-based policy"
    )


def _principal_name(evaluation: PolicyEvaluation) -> str:
    who = evaluation.request.principal
    return "an anonymous principal" if who.kind is PrincipalKind.ANONYMOUS else f"`{who.text}`"


def undecided_reasons(evaluation: PolicyEvaluation) -> tuple[str, tuple[Ground, ...]]:
    """Return what is not known and the statements that depend on it, at most a few of each."""
    grounds = tuple(islice(undecided_statements(evaluation), _MOST_SHOWN))
    bounded = evaluation.is_bounded
    by_statement = (
        doubt
        for each in grounds
        for doubt in undecided_parts(each.statement, evaluation.request, is_bounded=bounded)
    )
    reasons = dict.fromkeys((*_unread(evaluation), *by_statement, *_unknown_exemptions(evaluation)))
    return "; ".join(islice(reasons, _MOST_SHOWN)), grounds


def _documents(evaluation: PolicyEvaluation) -> Iterator[tuple[Layer, int, Document]]:
    policies = evaluation.policies
    resource, boundary = policies.resource, policies.boundary
    by_layer = {
        Layer.RESOURCE_CONTROL: [each for level in policies.resource_control for each in level],
        Layer.SERVICE_CONTROL: [each for level in policies.service_control for each in level],
        Layer.RESOURCE: [resource] if resource else [],
        Layer.IDENTITY: policies.identity,
        Layer.BOUNDARY: [boundary] if boundary else [],
        Layer.SESSION: policies.session,
    }
    evaluated = {effect.layer for effect in evaluation.effects()}
    for layer, documents in by_layer.items():
        if layer in evaluated:
            yield from ((layer, index, document) for index, document in enumerate(documents))


def undecided_statements(evaluation: PolicyEvaluation) -> Iterator[Ground]:
    """Yield the statements whose effect depends on something that is not known."""
    request = evaluation.request
    for layer, index, document in _documents(evaluation):
        for statement in document.statements:
            found = statement_matches(statement, request)
            reach = principal_match(statement, request, is_bounded=evaluation.is_bounded).capped(found)
            if MAYBE in reach:
                yield Ground(layer, index, statement)


def _unread(evaluation: PolicyEvaluation) -> Iterator[str]:
    for layer, index, document in _documents(evaluation):
        for part in document.unread:
            yield f"{layer} {index + 1} could not be read: {part.reason}"


def _unknown_exemptions(evaluation: PolicyEvaluation) -> Iterator[str]:
    request = evaluation.request
    has_controls = evaluation.resource_control or evaluation.service_control
    if has_controls and service_linked(request) is MAYBE:
        yield "whether a service-linked role makes the request is unknown"
    if evaluation.resource_control and not catalogue.supports_rcp(request.service):
        yield f"whether resource control policies apply to `{request.service}` is unknown"


__all__ = ["Policies", "evaluate", "evaluate_single"]


def evaluate(request: Request, policies: Policies) -> Verdict:
    """Decide a request; undecided where something unknown makes a difference.

    A key, a principal, a policy.
    """
    kind = request.principal.kind
    if kind is PrincipalKind.OTHER:
        return Undecided(f"`{request.principal_text}` is not a principal of a known form")
    # These calls succeed even if a policy denies them, so they come before the explicit denies.
    rule = allowed_by_rule(request.lowered_action, kind)
    if rule:
        return Allowed(reason=rule)
    evaluation = evaluate_policies(request, policies)
    if evaluation.denies is YES:
        return _denied(evaluation)
    rule = refused_by_rule(request.lowered_action, kind) or aws_refusal(request)
    if rule:
        return ImplicitlyDenied(rule)
    return _without_denial(evaluation)


def evaluate_single(request: Request, policies: Policies) -> Verdict:
    """Decide a single request, whose anonymous principal is a caller without credentials.

    In proofs and questions, an anonymous principal stands for everyone, also for principals of other accounts.
    """
    verdict = evaluate(request, policies)
    rule = refused_without_credentials(request.lowered_action, request.principal.kind)
    return ImplicitlyDenied(rule) if rule and isinstance(verdict, Allowed | Undecided) else verdict


def aws_refusal(request: Request) -> str:
    """Return why AWS refuses a request whatever the policies allow; empty where policies decide."""
    action, kind = request.lowered_action, request.principal.kind
    return refusal_of(action, request.target, kind, is_linked=service_linked(request) is not NO)


def _denied(evaluation: PolicyEvaluation) -> ExplicitlyDenied:
    denying = (effect.denying for effect in evaluation.effects() if effect.denies is YES)
    return ExplicitlyDenied(tuple(ground for ground in denying if ground is not None))


def _without_denial(evaluation: PolicyEvaluation) -> Verdict:
    """Decide a request that is not certainly denied by an explicit deny."""
    granted = granted_by(evaluation)
    # "Not allowed for certain" is still a denial, even if it is open whether a statement denies
    # explicitly.
    if granted is MAYBE or evaluation.denies is MAYBE:
        reason, grounds = undecided_reasons(evaluation)
        if granted is NO:
            reason = f"{missing_allow(evaluation)}; whether a statement also denies it is undecided: {reason}"
        return Undecided(reason, grounds, is_denied=granted is NO)
    if granted is NO:
        return ImplicitlyDenied(missing_allow(evaluation))
    return Allowed(
        granting_statements(evaluation),
        FOR_ROOT if evaluation.request.principal.kind is PrincipalKind.ROOT else "",
    )
