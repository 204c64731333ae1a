"""Evaluates one request against all policies that apply to it, as AWS documents policy evaluation.

Sources: "How AWS enforcement code logic evaluates requests to allow or deny access", "Policy evaluation for
requests within a single account", "Cross-account policy evaluation logic".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.matching.context import MAYBE, NO, YES
from keywright.policy.principals import PrincipalKind
from keywright.reasoning.evaluation.explain import granting_statements, missing_allow, undecided_reasons
from keywright.reasoning.evaluation.policies import Policies, PolicyEvaluation, evaluate_policies
from keywright.reasoning.evaluation.policies import granted as granted_by
from keywright.reasoning.evaluation.services import iam, sts
from keywright.reasoning.evaluation.verdict import (
    Allowed,
    ExplicitlyDenied,
    ImplicitlyDenied,
    Undecided,
    Verdict,
)

if TYPE_CHECKING:
    from keywright.reasoning.evaluation.request import Request

__all__ = ["Policies", "evaluate"]


def evaluate(request: Request, policies: Policies) -> Verdict:
    """Decide a request; undecided where something unknown makes a difference.

    A key, a principal, a policy.
    """
    kind = request.principal.kind
    if kind is PrincipalKind.OTHER:
        return Undecided(f"`{request.principal_text}` is not a principal of a known form")
    rule = sts.needs_no_policy(request.lowered_action, kind)
    if rule:
        return Allowed(reason=rule)
    evaluation = evaluate_policies(request, policies)
    if evaluation.denies is YES:
        return _denied(evaluation)
    rule = sts.refuses(request.lowered_action, kind)
    if rule:
        return ImplicitlyDenied(rule)
    return _without_denial(evaluation)


def _denied(evaluation: PolicyEvaluation) -> ExplicitlyDenied:
    denying = (effect.denying for effect in evaluation.effects() if effect.denies is YES)
    return ExplicitlyDenied(tuple(ground for ground in denying if ground is not None))


def _without_denial(evaluation: PolicyEvaluation) -> Verdict:
    """Decide a request that is not certainly denied by an explicit deny."""
    granted = granted_by(evaluation)
    if granted is MAYBE or evaluation.denies is MAYBE:
        reason, grounds = undecided_reasons(evaluation)
        if granted is NO:
            reason = f"{missing_allow(evaluation)}; whether a statement also denies it is undecided: {reason}"
        return Undecided(reason, grounds, is_denied=granted is NO)
    if granted is NO:
        return ImplicitlyDenied(missing_allow(evaluation))
    return Allowed(
        granting_statements(evaluation),
        iam.FOR_ROOT if evaluation.request.principal.kind is PrincipalKind.ROOT else "",
    )
